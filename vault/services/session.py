"""Keep a person signed in: start a session, check it at each request, end it.

The browser holds `TOKEN.PROOF`. The store keeps the token's SHA-256 alone, so its rows are worth
nothing to a reader; the proof is a MAC over token, person and time of sign-in, so they are worth
nothing to a writer either: an added row, or one that names another person, signs nobody in.
A session ends 30 minutes after its last use and 12 hours after its start; the start is under the
MAC, the last use is not. One that is ended is deleted, so that no edit of a row revives it. Each
sign-in makes a new token.
Source: portal note, 7; security note, 8.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vault.core.errors import FormatError
from vault.core.ids import CustomerId
from vault.crypto import base64url
from vault.crypto.random import token
from vault.crypto.row_mac import row_mac
from vault.crypto.tokens import token_hash
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store import commit
from vault.store import session as store
from vault.store.engine import Conn
from vault.store.session import SessionRow

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=10)  # RFC 9470: how old a sign-in may be for what is grave
NOTE_EVERY: Final = timedelta(minutes=5)  # how old `seen_at` may get: no write at each request
MOST: Final = 10  # sessions of one person at once; the oldest goes
CUSTOMER: Final = "customer"
_TOKEN: Final = 43  # characters of 256 bits in base64url


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


async def start(unit: Unit, customer: CustomerId, *, strength: str, device: str) -> str:
    """Start a session in the transaction of its cause and return what the cookie holds.

    Args:
        unit: the sign-in's.
        customer: who signed in.
        strength: how: `code` or `link`.
        device: a label from a fixed list, never what the browser sent.
    """
    live = await store.load_live(unit.conn, customer)
    for row in live[MOST - 1 :]:
        await store.end(unit.conn, row.hash)
    secret = token()
    row = SessionRow(
        hash=token_hash(secret),
        person=customer,
        kind=CUSTOMER,
        started_at=unit.now,
        seen_at=unit.now,
        auth_time=unit.now,
        strength=strength,
        device=device,
    )
    await store.start(unit.conn, row)
    return f"{secret}.{base64url.encode(_proof(unit.deps, row))}"


async def check(deps: Deps, cookie: str) -> Session | None:
    """Return the session of a cookie; None when it is unknown, ended, over or not ours.

    The row is read from the primary each time, so that an ended session is over at once.
    """
    secret, _, proof = cookie.partition(".")
    if len(secret) != _TOKEN:
        return None
    async with deps.database.connect() as conn:
        row = await store.load(conn, token_hash(secret))
    if row is None or row.kind != CUSTOMER or not _proven(deps, row, proof):
        return None
    now = deps.clock.now()
    if now - row.seen_at > IDLE or now - row.started_at > LONGEST:
        return None
    if now - row.seen_at >= NOTE_EVERY:
        await _note(deps, row, now)
    return Session(
        customer=CustomerId(row.person),
        token=secret,
        hash=row.hash,
        started_at=row.started_at,
        auth_time=row.auth_time,
        strength=row.strength,
        device=row.device,
    )


def is_fresh(deps: Deps, session: Session) -> bool:
    """Say whether the person signed in so lately that nobody else can have taken the place."""
    return deps.clock.now() - session.auth_time <= FRESH


async def end(deps: Deps, session: Session) -> None:
    """End a session; twice is once."""

    async def work(conn: Conn) -> None:
        await store.end(conn, session.hash)

    await commit.request(deps.database, work)


async def _note(deps: Deps, row: SessionRow, now: datetime) -> None:
    async def work(conn: Conn) -> None:
        await store.seen(conn, row.hash, at=now)

    await commit.request(deps.database, work)


def _proof(deps: Deps, row: SessionRow) -> bytes:
    """Return the MAC over what the row grants; `seen_at` only shortens it."""
    times = b"".join(
        int(at.timestamp() * 1000).to_bytes(8) for at in (row.started_at, row.auth_time)
    )
    content = b"".join(
        (
            b"ownship/session/v1\0",
            deps.deployment,
            row.hash,
            row.person.bytes,
            times,
            row.kind.encode(),
            b"\0",
            row.strength.encode(),
        )
    )
    return row_mac(deps.keys.service("row-mac"), "session", content)


def _proven(deps: Deps, row: SessionRow, proof: str) -> bool:
    try:
        given = base64url.decode(proof)
    except FormatError:
        return False
    return hmac.compare_digest(_proof(deps, row), given)
