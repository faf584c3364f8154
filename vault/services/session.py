"""Keep a person signed in: start a session, check it at each request, end it.

The browser holds `TOKEN.PROOF`. The store keeps the token's SHA-256 alone, so its rows are worth
nothing to a reader; the proof is a MAC over token, person and time of sign-in, so they are worth
nothing to a writer either: an added row, or one that names another person, signs nobody in.
A session ends 12 hours after its start, and 30 minutes after its last use or as long as the
customer chose (`session_choice.py`); start and choice are under the MAC, the last use is not. One
that is ended is deleted, and this process remembers it, so that a copy of the row put back does not
revive it here. Each sign-in makes a new token.
Source: portal note, 7; security note, 8; WCAG 2.2, 2.2.1.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vault.core.errors import FormatError, NotSignedInError
from vault.core.ids import CustomerId
from vault.crypto import base64url
from vault.crypto.random import token
from vault.crypto.row_mac import row_mac
from vault.crypto.tokens import token_hash
from vault.services import mail, security, session_choice, unit
from vault.services.deps import Deps
from vault.services.recent import Recent
from vault.services.security import Event
from vault.services.session_choice import IDLE
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit
from vault.store import session as store
from vault.store.engine import Conn
from vault.store.session import SessionRow

LONGEST: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=10)  # RFC 9470: how old a sign-in may be for what is grave
NOTE_EVERY: Final = timedelta(minutes=5)  # how old `seen_at` may get: no write at each request
MOST: Final = 10  # sessions of one person at once; the oldest goes
CUSTOMER: Final = "customer"
NEW_DEVICE: Final = "new-device"  # a letter
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN: Final = 43  # characters of 256 bits in base64url

# Hashes of sessions that this process has ended. A row that somebody copied before and puts back is
# over here all the same; after a restart, or elsewhere, it needs the cookie and write access.
_ended: Final = Recent[bytes, bool](20_000)


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
    return await _place(
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
    return await _place(
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


async def _place(it: Unit, row: SessionRow) -> str:
    secret = token()
    row = replace(row, hash=token_hash(secret))
    await store.start(it.conn, row)
    return f"{secret}.{base64url.encode(_proof(it.deps, row))}"


async def check(deps: Deps, cookie: str) -> Session | None:
    """Return the session of a cookie; None when it is unknown, ended, over or not ours.

    The row is read from the primary each time, so that an ended session is over at once.
    """
    row = await _row(deps, cookie)
    now = deps.clock.now()
    if row is None or not is_live(row, now):
        return None
    if now - row.seen_at >= NOTE_EVERY:
        await _note(deps, row, now)
    return _of(row, cookie)


async def check_over(deps: Deps, cookie: str) -> Session | None:
    """Return a session that ended by itself; None for one that lives, was ended or is not ours.

    For nothing but to keep a form that came too late for its owner: it signs nobody in.
    """
    row = await _row(deps, cookie)
    if row is None or is_live(row, deps.clock.now()):
        return None
    return _of(row, cookie)


async def _row(deps: Deps, cookie: str) -> SessionRow | None:
    secret, _, proof = cookie.partition(".")
    if len(secret) != _TOKEN or _ended.get(token_hash(secret)):
        return None
    async with deps.database.connect() as conn:
        row = await store.load(conn, token_hash(secret))
    if row is None or row.kind != CUSTOMER or not _proven(deps, row, proof):
        return None
    return row


def _of(row: SessionRow, cookie: str) -> Session:
    return Session(
        customer=CustomerId(row.person),
        token=cookie.partition(".")[0],
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

    _ended.put(session.hash, True)  # before the commit: what fails then is over all the same
    await unit.run(deps, work)


def remember_ended(hashes: Iterable[bytes]) -> None:
    """Let this process know sessions as over whose rows a commit has deleted."""
    for one in hashes:
        _ended.put(one, True)


async def _note(deps: Deps, row: SessionRow, now: datetime) -> None:
    async def work(conn: Conn) -> None:
        await store.seen(conn, row.hash, at=now)

    await commit.request(deps.database, work)


def _proof(deps: Deps, row: SessionRow) -> bytes:
    """Return the MAC over what the row grants; `seen_at` only shortens it."""
    previous = row.previous_at or _EPOCH
    times = b"".join(unix_ms(at).to_bytes(8) for at in (row.started_at, row.auth_time, previous))
    content = b"".join(
        (
            b"ownship/session/v2\0",
            deps.deployment,
            row.hash,
            row.person.bytes,
            times,
            int(_idle(row).total_seconds()).to_bytes(4),
            row.kind.encode(),
            b"\0",
            row.strength.encode(),
        )
    )
    return row_mac(deps.keys.service("row-mac"), "session", content)


def _proven(deps: Deps, row: SessionRow, proof: str) -> bool:
    try:
        return hmac.compare_digest(_proof(deps, row), base64url.decode(proof))
    except (FormatError, OverflowError):  # a number of an edited row that has no place in the MAC
        return False
