"""Open what has to follow a contact, and keep each change of it with its entry and one commit.

1. it opens with the one commit that keeps the contact, whose entry of the access log is its own: by
   kind and code, everybody knows from a contact that something follows it;
2. nothing more opens for what is under a contact that is not settled, at any height: it belongs to that;
3. each change after that is an entry under the follow-up's number as the case;
4. what is said goes in with the same commit, as a contact under the one that is followed.

Which change may be is decided in `vault/core/follow_up.py`, and who may make it by the callers. No
word is kept here.
Source: docs/knowing.md.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.model import FollowUp as Rule
from policies.model import Rulebook
from policies.names import FOLLOW_UP, INTERACTION
from vault.core import follow_up as rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import ConflictError, NotAvailableError, VaultError
from vault.core.event import DEPTH
from vault.core.follow_up import FollowUp
from vault.core.ids import CustomerId
from vault.crypto.keys import unwrap
from vault.services import follow_up_row, mail, request_row, unit
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.unit import Unit
from vault.store import follow_up as store
from vault.store import follow_up_queue
from vault.store import interaction as contacts
from vault.store.follow_up import FollowUpRow
from vault.store.interaction import InteractionRow

NEWS: Final = "follow-up-answered"  # a letter
PAGE: Final = "/follow-ups"
Change = Callable[[FollowUp, datetime], FollowUp]


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a follow-up, as its entry names them."""

    actor: str
    clause: str
    request: str | None = None  # our id of the browser's request
    handle: str | None = None  # pseudonym of the member of staff


@dataclass(frozen=True, slots=True)
class Words:
    """What is said with a change."""

    event_id: UUID  # made with the form, so that twice is once
    say: Callable[[Unit, Held, FollowUpRow], Awaitable[VaultError | None]]


async def open_(it: Unit, held: Held, *, event: UUID, kind: str, rule: Rule, at: datetime) -> UUID:
    """Let something follow a contact, in the transaction that keeps it; return its id.

    Args:
        it: the unit of the contact.
        held: its customer, under lock.
        event: id of the contact.
        kind: of the contact.
        rule: who sees to it, and within which time.
        at: UTC, when the contact was.
    """
    one = rules.follow(kind, within=rule.within, owner=rule.owner, at=at, now=it.now)
    row = follow_up_row.row_of(
        it.deps,
        held.load.customer,
        request_row.new_id(it.now),
        one,
        number=request_row.new_number("F"),
        event=event,
    )
    await store.add(it.conn, row)
    await follow_up_queue.add(it.conn, follow_up_row.queued(row))
    return row.follow_up_id


async def after(it: Unit, held: Held, event: InteractionRow, *, late: bool = True) -> None:
    """Let follow a contact what the code of ethics says, if it says so.

    Args:
        it: the unit that keeps the contact.
        held: its customer, under lock.
        event: the contact, which is kept already.
        late: whether also one whose day is over; an import of the past opens nothing.
    """
    rule = rule_of(held.load.rulebook, event.kind)
    if rule is None or (not late and rules.is_late(rule.within, at=event.at, now=it.now)):
        return
    if await _belongs(it, event):
        return
    await open_(it, held, event=event.interaction_id, kind=event.kind, rule=rule, at=event.at)


async def _belongs(it: Unit, event: InteractionRow) -> bool:
    """Say whether an event is under one, at any height, that is followed and not settled.

    A broken row takes nothing in: nobody could ever settle what it swallowed.
    """
    place = event.parent
    for _ in range(DEPTH):  # what a hand made deeper, or a ring, ends here
        if place is None:
            return False
        row = await store.load_of_event(it.conn, event.customer, place)
        one = follow_up_row.case(it.deps, row).follow_up if row else None
        if one is not None and not one.is_settled:
            return True
        above = await contacts.load(it.conn, event.customer, place)
        place = above.parent if above else None
    return False


def rule_of(rulebook: Rulebook, kind: str) -> Rule | None:
    """Return what follows each contact of a kind; None for nothing.

    What follows an answer of a survey hangs on its scores, so it is opened by whoever reads them.
    """
    name = f"{INTERACTION}.{kind}"
    found = rulebook.interactions.get(name)
    if found is None or any(one.answer == name for one in rulebook.code.surveys):
        return None
    return found.follow_up


async def change(
    deps: Deps,
    customer: CustomerId,
    follow_up_id: UUID,
    rule: Change,
    *,
    by: By,
    version: int | None = None,
    words: Words | None = None,
    letter: bool = False,
) -> None:
    """Let a rule change a follow-up, with words; where neither says anything, nothing changes.

    Args:
        deps: what a use case may touch.
        customer: whose.
        follow_up_id: which.
        rule: a pure function of how it stands under the lock, and of the time.
        by: who changes it.
        version: that was read; None for whoever changes it as it is.
        words: what is said with it; the same words again are none, and no error.
        letter: whether the customer is told, by a link alone.

    Raises:
        NotAvailableError: this customer has no such follow-up.
        ConflictError: it changed since it was read, or as the rule says.
        OpenError: it is broken; nothing was changed.
        VaultError: the words were refused, which is recorded; nothing was changed.
    """

    async def work(it: Unit) -> VaultError | None:
        held = await hold(it, customer)
        row = await store.load(it.conn, customer, follow_up_id)
        if row is None:
            raise NotAvailableError
        before = follow_up_row.proven(it.deps, row)
        if words and await contacts.load(it.conn, customer, words.event_id):
            return None
        after = rule(before, it.now)
        if after == before and words is None:
            return None
        if version is not None and version != row.version:
            raise ConflictError
        refusal = await words.say(it, held, row) if words else None
        if refusal is not None:
            return refusal
        new = follow_up_row.changed(it.deps, row, after)
        await store.change(it.conn, new)
        await follow_up_queue.change(it.conn, follow_up_row.queued(new))
        _log(it, held, new, by)
        if letter:
            await mail.to_customer(it, customer, NEWS, parts={"link": f"{it.deps.issuer}{PAGE}"})
        return None

    refusal, _ = await unit.run(deps, work)
    if refusal is not None:
        raise refusal


def _log(it: Unit, held: Held, row: FollowUpRow, by: By) -> None:
    it.log(
        Draft(
            customer=row.customer,
            audit_key=unwrap(it.deps.keys.keks, held.audit),
            kind=EntryKind.WRITTEN,
            epoch=held.standing.epoch,
            actor=by.actor,
            code=held.load.rulebook.digest,
            allowed=((FOLLOW_UP, by.clause),),
            request=by.request,
            case=row.number,
            handle=by.handle,
        )
    )
