"""Keep a member of staff signed in: shorter than a customer, and only while the account stands.

Account and role are read from the primary at each request, so that an account that ended, or got
another role, is another at once. A session ends 8 hours after its start and 15 minutes after its
last use; what is grave needs a sign-in of the last 5 minutes.
Source: portal note, 7; security note, 8.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vault.core.errors import NotAvailableError
from vault.core.staff import Right, State
from vault.services import session_row, staff, unit
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.services.unit import Unit
from vault.store import session as store
from vault.store.session import SessionRow

LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=15)
FRESH: Final = timedelta(minutes=5)
MOST: Final = 5  # sessions of one member at once; the oldest goes
KIND: Final = "staff"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A signed-in member of staff, as checked for one request."""

    member: Member
    token: str  # the secret that forms are bound to; never stored, never shown
    hash: bytes
    started_at: datetime
    auth_time: datetime
    device: str
    previous_at: datetime | None  # the newest other session's start; None for none

    def may(self, right: Right) -> bool:
        """Say whether the member has a right at this moment."""
        return self.member.may(right)

    def need(self, right: Right) -> None:
        """Return when the member has a right; errors as `Member.need`."""
        self.member.need(right)


async def start(it: Unit, member: Member, *, device: str) -> str:
    """Start a session in the transaction of its cause and return what the cookie holds."""
    live = await store.load_live(it.conn, member.id)
    for row in live[MOST - 1 :]:
        await store.end(it.conn, row.hash)
    return await session_row.place(
        it,
        SessionRow(
            hash=b"",
            person=member.id,
            kind=KIND,
            started_at=it.now,
            seen_at=it.now,
            auth_time=it.now,
            strength="code",
            device=device,
            idle_seconds=int(IDLE.total_seconds()),
            previous_at=live[0].started_at if live else None,
        ),
    )


async def check(deps: Deps, cookie: str) -> StaffSession | None:
    """Return the session of a cookie; None when it or the account is over, or not ours."""
    row = await session_row.load(deps, cookie, kind=KIND)
    now = deps.clock.now()
    if row is None or now - row.seen_at > IDLE or now - row.started_at > LONGEST:
        return None
    async with deps.database.connect() as conn:
        member = await staff.by_id(deps, conn, row.person)
    if member is None or member.state is not State.ACTIVE:
        return None
    await session_row.note_seen(deps, row)
    return StaffSession(
        member=member,
        token=session_row.secret_of(cookie),
        hash=row.hash,
        started_at=row.started_at,
        auth_time=row.auth_time,
        device=row.device,
        previous_at=row.previous_at,
    )


def is_fresh(deps: Deps, session: StaffSession) -> bool:
    """Say whether the member signed in so lately that nobody else can have taken the place."""
    return deps.clock.now() - session.auth_time <= FRESH


async def acting(it: Unit, session: StaffSession) -> Member:
    """Return the member of a session as the account stands in this transaction.

    Raises:
        NotAvailableError: it ended, or has another role by now.
    """
    member = await staff.by_id(it.deps, it.conn, session.member.id)
    if member is None or member.state is not State.ACTIVE or member.role is not session.member.role:
        raise NotAvailableError
    return member


async def end(deps: Deps, session: StaffSession) -> None:
    """End a session; twice is once."""
    session_row.remember_ended([session.hash])  # before the commit: what fails then is over too

    async def work(it: Unit) -> None:
        await store.end(it.conn, session.hash)

    await unit.run(deps, work)
