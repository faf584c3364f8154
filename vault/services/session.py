"""Keep a person signed in: start a session, check it at each request, end it.

A session ends 12 hours after its start, and 30 minutes after its last use or as long as the
customer chose (`session_choice.py`); start and choice are under its MAC (`session_row.py`), the
last use is not. Each sign-in makes a new token.
Source: portal note, 7; security note, 8; WCAG 2.2, 2.2.1.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vault.core.errors import NotSignedInError
from vault.core.ids import CustomerId
from vault.services import mail, security, session_choice, session_row, unit
from vault.services.deps import Deps
from vault.services.security import Event
from vault.services.session_choice import IDLE
from vault.services.unit import Unit
from vault.store import session as store
from vault.store.session import SessionRow

LONGEST: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=10)  # RFC 9470: how old a sign-in may be for what is grave
MOST: Final = 10  # sessions of one person at once; the oldest goes
CUSTOMER: Final = "customer"
NEW_DEVICE: Final = "new-device"  # a letter


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in customer, as checked for one request."""

    customer: CustomerId
    token: str  # the secret that forms are bound to; never stored, never shown
    hash: bytes
    started_at: datetime
    auth_time: datetime
    strength: str  # code, link
    device: str
    idle: timedelta  # how long it lives without a click
    previous_at: datetime | None  # the sign-in before this one


async def start(
    it: Unit,
    customer: CustomerId,
    *,
    strength: str,
    device: str,
    renews: Session | None = None,
    event: Event = Event.SIGNED_IN,
) -> str:
    """Start a session in the transaction of its cause and return what the cookie holds.

    Args:
        it: the sign-in's.
        customer: who signed in.
        strength: how: `code` or `link`.
        device: a label from a fixed list, never what the browser sent.
        renews: this customer's session that the new one takes the place of.
        event: how the history calls it; a renewal is called one whatever stands here.
    """
    previous = await security.last_sign_in(it.conn, customer)
    if renews is None and await security.is_new_device(it.conn, customer, device):
        await mail.to_customer(it, customer, NEW_DEVICE)
    if renews is not None:
        await store.end(it.conn, renews.hash)
        previous, event = renews.previous_at, Event.CONFIRMED
    live = await store.load_live(it.conn, customer)
    for row in live[MOST - 1 :]:
        await store.end(it.conn, row.hash)
    idle = await session_choice.load(it.conn, it.deps, customer)
    await security.note(it, customer, event, device=device)
    return await session_row.place(
        it,
        SessionRow(
            hash=b"",
            person=customer,
            kind=CUSTOMER,
            started_at=it.now,
            seen_at=it.now,
            auth_time=it.now,
            strength=strength,
            device=device,
            idle_seconds=int(idle.total_seconds()),
            previous_at=previous,
        ),
    )


async def replace_token(it: Unit, current: Session) -> str:
    """Give a session another token, and the idle time that the customer chose; return the cookie.

    What was known of the old token is worth nothing any more: for a change of the ways in.

    Raises:
        NotSignedInError: the session was ended meanwhile.
    """
    if not await store.end(it.conn, current.hash):  # ended elsewhere meanwhile: it stays so
        raise NotSignedInError
    idle = await session_choice.load(it.conn, it.deps, current.customer)
    return await session_row.place(
        it,
        SessionRow(
            hash=b"",
            person=current.customer,
            kind=CUSTOMER,
            started_at=current.started_at,
            seen_at=it.now,
            auth_time=current.auth_time,
            strength=current.strength,
            device=current.device,
            idle_seconds=int(idle.total_seconds()),
            previous_at=current.previous_at,
        ),
    )


async def check(deps: Deps, cookie: str) -> Session | None:
    """Return the session of a cookie; None when it is unknown, ended, over or not ours.

    The row is read from the primary each time, so that an ended session is over at once.
    """
    row = await session_row.load(deps, cookie, kind=CUSTOMER)
    if row is None or not is_live(row, deps.clock.now()):
        return None
    await session_row.note_seen(deps, row)
    return _of(row, cookie)


async def check_over(deps: Deps, cookie: str) -> Session | None:
    """Return a session that ended by itself; None for one that lives, was ended or is not ours.

    For nothing but to keep a form that came too late for its owner: it signs nobody in.
    """
    row = await session_row.load(deps, cookie, kind=CUSTOMER)
    if row is None or is_live(row, deps.clock.now()):
        return None
    return _of(row, cookie)


def _of(row: SessionRow, cookie: str) -> Session:
    return Session(
        customer=CustomerId(row.person),
        token=session_row.secret_of(cookie),
        hash=row.hash,
        started_at=row.started_at,
        auth_time=row.auth_time,
        strength=row.strength,
        device=row.device,
        idle=_idle(row),
        previous_at=row.previous_at,
    )


def _idle(row: SessionRow) -> timedelta:
    return IDLE if row.idle_seconds is None else timedelta(seconds=row.idle_seconds)


def is_live(row: SessionRow, now: datetime) -> bool:
    """Say whether a session has not ended by itself."""
    return now - row.seen_at <= _idle(row) and now - row.started_at <= LONGEST


def is_fresh(deps: Deps, session: Session) -> bool:
    """Say whether the person signed in so lately that nobody else can have taken the place."""
    return deps.clock.now() - session.auth_time <= FRESH


async def end(deps: Deps, session: Session) -> None:
    """End a session; twice is once."""

    async def work(it: Unit) -> None:
        if await store.end(it.conn, session.hash):
            await security.note(it, session.customer, Event.SIGNED_OUT, device=session.device)

    session_row.remember_ended(
        [session.hash]
    )  # before the commit: what fails then is over all the same
    await unit.run(deps, work)
