"""Propose, list and withdraw what a second person must approve, each step once and logged.

What is proposed is checked by those who call; here it only waits, for 14 days, until
`vault/services/approval.py` decides. A draft is seen by its author alone, who has one of a kind, and
is in no log until it is proposed. The host's shell proposes too: it is no person, and approves nothing.
Source: security note, 8; INTERFACES, Commands.
"""

from dataclasses import replace
from typing import Final

from vault.core.approval import ENTRIES, LIFE, PROPOSES, Kind, State, concerns
from vault.core.errors import ConflictError, NotAvailableError, RefusedError
from vault.core.staff import OPERATOR
from vault.crypto.random import digits, token, uuid7
from vault.services import proposal_row, staff, unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.proposal_row import Opened, Proposal
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.services.unit import Unit
from vault.store import proposal as store
from vault.store.engine import Conn

MOST_OPEN: Final = 50  # at once: who decides reads each of them
LISTED: Final = 200  # the newest
FULL: Final = "Too many proposals wait. Decide on some of them, or withdraw one, first."
OVER: Final = "Somebody decided on this, it was withdrawn, or its time is over."
NOBODY: Final = "Whoever proposed this may not propose it any more. Somebody else must."
CHANGED: Final = "What this was compared with has changed since it was proposed. Propose it again."


async def propose(
    it: Unit,
    kind: Kind,
    *,
    subject: str,
    document: str,
    basis: str,
    by: str,
    draft: bool = False,
) -> Proposal:
    """Let something wait for a second person; the same again, by the same, is the one that waits.

    Args:
        it: the unit; its commit proposes.
        kind: what is proposed.
        subject: a version, a client id or a pseudonym; "" for somebody who has none yet.
        document: exactly what is proposed.
        basis: what it was compared with: where that changed, nobody approves it any more.
        by: a pseudonym, or `operator`.
        draft: only keep it for its author, in the place of an earlier draft.

    Raises:
        RefusedError: too many wait.
    """
    if draft:
        await store.delete_drafts(it.conn, by, kind=kind.value)
    else:
        waits = await _same(it, kind, (subject, document, basis), by=by)
        if waits is not None:
            return waits
        await _check_room(it)
    made = Proposal(
        id=uuid7(unix_ms(it.now)),
        number=f"P{digits(8)}",
        kind=kind,
        subject=subject,
        digest="",
        by=by,
        made_at=it.now,
        ends_at=it.now + LIFE,
        state=State.DRAFT if draft else State.OPEN,
        decided_by="",
        decided_at=None,
        version=1,
    )
    row = proposal_row.seal(it.deps, made, document=document, basis=basis, salt=token())
    await store.add(it.conn, row)
    made = replace(made, digest=row.digest)
    if not draft:
        log(it, made, "proposed")
    return made


async def submit(it: Unit, opened: Opened, *, by: str) -> Proposal:
    """Propose one's draft.

    Raises:
        NotAvailableError: it is no draft of theirs.
        RefusedError: too many wait.
    """
    draft = opened.proposal
    if draft.by != by or draft.state_at(it.now) is not State.DRAFT:
        raise NotAvailableError
    await _check_room(it)
    made = replace(draft, state=State.OPEN, made_at=it.now, ends_at=it.now + LIFE)
    await _step(it, draft, made)
    log(it, made, "proposed")
    return made


async def list_(deps: Deps, member: Member | None = None) -> tuple[Proposal, ...]:
    """Return the newest proposals, the newest first; for a member, those of kinds that are theirs.

    A draft is listed for its author alone, and for nobody in the host's shell.
    """
    async with deps.database.connect() as conn:
        rows = await store.load_newest(conn, limit=LISTED)
    found = (proposal_row.read(deps, row) for row in rows)
    return tuple(one for one in found if one is not None and _is_listed(one, member))


async def open_(deps: Deps, conn: Conn, number: str, member: Member | None = None) -> Opened:
    """Return a proposal with what it proposes; a draft to its author alone.

    Raises:
        NotAvailableError: there is none of this number that is theirs to see.
    """
    row = await store.load(conn, number)
    opened = None if row is None else proposal_row.open_(deps, row)
    if opened is None or not _is_listed(opened.proposal, member):
        raise NotAvailableError
    return opened


async def withdraw(deps: Deps, number: str, *, by: str) -> None:
    """Take back what one proposed, or throw a draft away.

    Raises:
        NotAvailableError: there is none of this number, or it is another's.
        ConflictError: it was decided, or its time is over.
    """

    async def work(it: Unit) -> None:
        row = await store.load(it.conn, number)
        made = None if row is None else proposal_row.read(deps, row)
        if made is None or made.by != by:
            raise NotAvailableError
        if made.state_at(it.now) is State.DRAFT:
            await store.delete_drafts(it.conn, by, kind=made.kind.value)
            return
        await decide(it, made, State.WITHDRAWN, by=by)
        log(it, made, State.WITHDRAWN.value)

    await unit.run(deps, work)


async def decide(it: Unit, made: Proposal, state: State, *, by: str) -> None:
    """Write down what became of an open proposal; of many at once one does.

    Raises:
        ConflictError: it is not open any more.
    """
    if made.state_at(it.now) is not State.OPEN:
        raise ConflictError(OVER)
    await _step(it, made, replace(made, state=state, decided_by=by, decided_at=it.now))


async def _step(it: Unit, before: Proposal, after: Proposal) -> None:
    """Write a proposal as it is to stand, over the one that was read before and no other."""
    row = await store.load(it.conn, before.number)
    if row is None or proposal_row.read(it.deps, row) != before:
        raise ConflictError(OVER)
    stands = replace(
        row,
        state=after.state.value,
        made_at=after.made_at,
        ends_at=after.ends_at,
        decided_by=after.decided_by or None,
        decided_at=after.decided_at,
        version=before.version + 1,
    )
    if not await store.save(it.conn, proposal_row.sign(it.deps, stands)):
        raise ConflictError(OVER)


def log(it: Unit, made: Proposal, change: str, *, decided_by: str = "") -> None:
    """Add the entry of a step that has no other effect: proposed, refused, withdrawn."""
    kind, name = ENTRIES[made.kind]
    members: list[tuple[str, str | int]] = [("change", change), ("by", made.by)]
    if made.subject:
        members.append((name, made.subject))
    if decided_by:
        members.append(("decided_by", decided_by))
    it.log(SystemDraft(kind, (*members, ("proposal", made.digest))))


async def may_still(it: Unit, made: Proposal) -> bool:
    """Say whether who proposed may still propose this; the host's shell always may."""
    if made.by == OPERATOR:
        return True
    member = await staff.by_handle(it.deps, it.conn, made.by)
    return member is not None and member.may(PROPOSES[made.kind])


async def _check_room(it: Unit) -> None:
    if await store.count_open(it.conn, now=it.now) >= MOST_OPEN:
        raise RefusedError(FULL)


async def _same(it: Unit, kind: Kind, what: tuple[str, str, str], *, by: str) -> Proposal | None:
    for row in await store.load_of(it.conn, by, kind=kind.value, state=State.OPEN.value):
        opened = proposal_row.open_(it.deps, row)
        if opened is None or opened.proposal.state_at(it.now) is not State.OPEN:
            continue
        if (opened.proposal.subject, opened.document, opened.basis) == what:
            return opened.proposal
    return None


def _is_listed(made: Proposal, member: Member | None) -> bool:
    if made.state is State.DRAFT:
        return member is not None and made.by == member.handle
    return member is None or concerns(member.role, made.kind)
