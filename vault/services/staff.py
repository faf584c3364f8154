"""Know the members of staff: who has which role, under which pseudonym, and who made the account.

A row counts under its MAC alone; a broken one is nobody's. Name and address are sealed. Every change
is an entry of the access log that names the pseudonym. Who may change whom, and with whose consent,
is for those who call; a pseudonym is never given again.
Source: security note, 8; INTERFACES, ownship staff invite.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from policies.model import Identifier, StaffRole
from vault.core import canonical
from vault.core import staff as rules
from vault.core.approval import Ground
from vault.core.entry import Kind
from vault.core.errors import (
    ConflictError,
    FormatError,
    NotAvailableError,
    NotReadyError,
    OpenError,
)
from vault.core.identifier import normalise, normaliser_of
from vault.core.staff import Right, State
from vault.crypto import lookup as blind
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.random import digits, uuid7
from vault.crypto.row_mac import check_row, row_mac
from vault.crypto.staff_mac import STAFF, staff_row
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import session as session_store
from vault.store import staff as store
from vault.store.engine import Conn
from vault.store.staff import StaffRow

logger = structlog.get_logger()

TAKEN: Final = "There is a member of staff with this mailbox already."
_PATH: Final = "staff"  # of the blind index; a customer with the same address has another one


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, checked."""

    id: UUID
    handle: str
    role: StaffRole
    state: State
    name: str  # "" before enrolment
    email: str
    made_by: str  # a pseudonym, or `operator`
    made_at: datetime
    enrolled_at: datetime | None
    reset_at: datetime | None
    reset_by: str
    version: int  # of the row that was read

    @property
    def actor(self) -> str:
        """Return how the access log names this member."""
        return rules.actor(self.handle)

    def may(self, right: Right) -> bool:
        """Say whether this member has a right at this moment."""
        return self.state is State.ACTIVE and rules.may(self.role, right)

    def need(self, right: Right) -> None:
        """Return when this member has a right.

        Raises:
            NotAvailableError: what one may not do looks like what is not there.
        """
        if not self.may(right):
            raise NotAvailableError


def address_index(deps: Deps, email: str) -> tuple[bytes, str]:
    """Return how an address is looked up, and the address as mail goes to it.

    Raises:
        WrongValueError: this is no e-mail address.
    """
    to = normalise(Identifier.EMAIL, email, region="")
    number = normaliser_of(Identifier.EMAIL)
    return blind.index(deps.keys.service("index"), _PATH, number, rules.mailbox(to)), to


async def by_id(deps: Deps, conn: Conn, staff_id: UUID) -> Member | None:
    """Return a member; None for an unknown id, and for a row that is not intact."""
    row = await store.load(conn, staff_id)
    return None if row is None else read(deps, row)


async def by_index(deps: Deps, conn: Conn, address_idx: bytes) -> Member | None:
    """Return who has an address; None as for `by_id`."""
    row = await store.find(conn, address_idx)
    return None if row is None else read(deps, row)


async def by_handle(deps: Deps, conn: Conn, handle: str) -> Member | None:
    """Return who has a pseudonym; None as for `by_id`."""
    return next((one for one in await all_(deps, conn) if one.handle == handle), None)


async def all_(deps: Deps, conn: Conn) -> tuple[Member, ...]:
    """Return all members whose rows are intact, the oldest first, those that ended too."""
    found = (read(deps, row) for row in await store.load_all(conn))
    return tuple(one for one in found if one is not None)


async def is_bootstrap(conn: Conn) -> bool:
    """Say whether nobody was enrolled yet, so that the host's shell decides alone."""
    return await store.count(conn) == 0


async def check_free(deps: Deps, conn: Conn, email: str) -> Member | None:
    """Return the invited member of a mailbox, who may be invited again; None where nobody has it.

    Raises:
        WrongValueError: this is no e-mail address.
        ConflictError: somebody with this mailbox is, or was, a member.
    """
    found = await store.find(conn, address_index(deps, email)[0])
    if found is None:
        return None
    member = read(deps, found)
    if member is None or member.state is not State.INVITED:
        raise ConflictError(TAKEN)
    return member


async def add(
    it: Unit, email: str, role: StaffRole, *, by: str, ground: Ground | None = None
) -> Member:
    """Make an invited member, or give one that is still invited this role.

    Raises:
        WrongValueError: this is no e-mail address.
        ConflictError: somebody with this mailbox is, or was, a member.
    """
    to = address_index(it.deps, email)[1]
    member = await check_free(it.deps, it.conn, email)
    if member is not None:
        # Who asks anew lets in anew: an invitation that waited is not one of long ago.
        again = replace(member, role=role, email=to, reset_at=it.now, reset_by=by)
        return await save(it, again, "invited", by=by, ground=ground)
    member = Member(
        id=uuid7(unix_ms(it.now)),
        handle=f"s-{digits(8)}",
        role=role,
        state=State.INVITED,
        name="",
        email=to,
        made_by=by,
        made_at=it.now,
        enrolled_at=None,
        reset_at=None,
        reset_by="",
        version=1,
    )
    if not await store.add(it.conn, _row(it.deps, member)):
        raise ConflictError  # the same pseudonym by chance, or the same mailbox at this moment
    _log(it, member, "invited", by=by, ground=ground)
    return member


async def save(
    it: Unit, member: Member, change: str, *, by: str, ground: Ground | None = None
) -> Member:
    """Write a member that was read before, and log the change.

    Args:
        it: the unit.
        member: as it is to stand.
        change: what happened, in one word of ours.
        by: who did it: an actor's pseudonym, or `operator`.
        ground: what was approved; None for what one does alone.

    Raises:
        ConflictError: somebody else changed this member meanwhile.
    """
    before = await store.load(it.conn, member.id)
    if before is None or read(it.deps, before) is None:
        raise ConflictError
    # Over the row that was read, not the one that stands by now: who ended meanwhile stays ended.
    member = replace(member, version=member.version + 1)
    if not await store.save(it.conn, _row(it.deps, member)):
        raise ConflictError
    _log(it, member, change, by=by, ground=ground)
    return member


async def set_role(
    it: Unit, member: Member, role: StaffRole, *, by: str, ground: Ground | None = None
) -> Member:
    """Give a member another role; their sessions end."""
    await session_store.end_all(it.conn, member.id)
    return await save(it, replace(member, role=role), "role", by=by, ground=ground)


async def end(it: Unit, member: Member, *, by: str, ground: Ground | None = None) -> Member:
    """End a member for good; their sessions end."""
    await session_store.end_all(it.conn, member.id)
    ended = replace(member, state=State.ENDED)
    return await save(it, ended, "ended", by=by, ground=ground)


def read(deps: Deps, row: StaffRow) -> Member | None:
    """Return what a row says; None, and an alarm, when it is not as it was made."""
    try:
        key = deps.keys.service("row-mac", row.mac[0])
        if not check_row(key, STAFF, _body(deps, row), row.mac):
            raise FormatError
        message = open_mail(
            deps.keys.service("mail"), row.staff_id, template=STAFF, sealed=row.sealed
        )
        said = canonical.loads(message)
        return Member(
            id=row.staff_id,
            handle=row.handle,
            role=StaffRole(row.role),
            state=State(row.state),
            name=said["name"],
            email=said["email"],
            made_by=row.made_by,
            made_at=row.made_at,
            enrolled_at=row.enrolled_at,
            reset_at=row.reset_at,
            reset_by=row.reset_by or "",
            version=row.version,
        )
    except (FormatError, IndexError, NotReadyError, OpenError, TypeError, ValueError):
        logger.error("staff-damaged")
        return None


def _row(deps: Deps, member: Member) -> StaffRow:
    said = canonical.dumps({"name": member.name, "email": member.email})
    row = StaffRow(
        staff_id=member.id,
        handle=member.handle,
        address_idx=address_index(deps, member.email)[0],
        role=member.role.value,
        state=member.state.value,
        sealed=seal_mail(deps.keys.service("mail"), member.id, template=STAFF, message=said),
        made_by=member.made_by,
        made_at=member.made_at,
        enrolled_at=member.enrolled_at,
        reset_at=member.reset_at,
        reset_by=member.reset_by or None,
        version=member.version,
        mac=b"",
    )
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), STAFF, _body(deps, row)))


def _body(deps: Deps, row: StaffRow) -> bytes:
    return staff_row(
        deps.deployment,
        staff_id=row.staff_id,
        address_idx=row.address_idx,
        sealed=row.sealed,
        words=(row.handle, row.role, row.state, row.made_by, row.reset_by or ""),
        version=row.version,
        made_ms=unix_ms(row.made_at),
        enrolled_ms=None if row.enrolled_at is None else unix_ms(row.enrolled_at),
        reset_ms=None if row.reset_at is None else unix_ms(row.reset_at),
    )


def _log(it: Unit, member: Member, change: str, *, by: str, ground: Ground | None) -> None:
    about = (("handle", member.handle), ("role", member.role.value))
    said = (ground or Ground(by=by)).members(change)
    it.log(SystemDraft(Kind.STAFF_ROLE, (*about, *said)))
