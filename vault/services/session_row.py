"""Make a session's row and its cookie, and believe a cookie only with the row that it was made for.

The browser holds `TOKEN.PROOF`. The store keeps the token's SHA-256 alone, so its rows are worth
nothing to a reader; the proof is a MAC over token, person and time of sign-in, so they are worth
nothing to a writer either: an added row, or one that names another person, signs nobody in. One
that is ended is deleted, and this process remembers it, so that a copy of the row put back does not
revive it here. How long a session lives is for those whose it is.
Source: portal note, 7; docs/formats.md, 10.
"""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vault.core.errors import FormatError
from vault.crypto import base64url
from vault.crypto.random import token
from vault.crypto.row_mac import row_mac
from vault.crypto.tokens import token_hash
from vault.services.deps import Deps
from vault.services.recent import Recent
from vault.services.session_choice import IDLE
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit
from vault.store import session as store
from vault.store.engine import Conn
from vault.store.session import SessionRow

NOTE_EVERY: Final = timedelta(minutes=5)  # how old `seen_at` may get: no write at each request
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN: Final = 43  # characters of 256 bits in base64url

# Hashes of sessions that this process has ended. A row that somebody copied before and puts back is
# over here all the same; after a restart, or elsewhere, it needs the cookie and write access.
_ended: Final = Recent[bytes, bool](20_000)


async def place(it: Unit, row: SessionRow) -> str:
    """Keep a session under a new token and return what the cookie holds."""
    secret = token()
    row = replace(row, hash=token_hash(secret))
    await store.start(it.conn, row)
    return f"{secret}.{base64url.encode(_proof(it.deps, row))}"


async def load(deps: Deps, cookie: str, *, kind: str) -> SessionRow | None:
    """Return the row of a cookie; None when it is unknown, ended, of another kind or not ours.

    The row is read from the primary each time, so that an ended session is over at once.
    """
    secret, _, proof = cookie.partition(".")
    if len(secret) != _TOKEN or _ended.get(token_hash(secret)):
        return None
    async with deps.database.connect() as conn:
        row = await store.load(conn, token_hash(secret))
    if row is None or row.kind != kind or not _proven(deps, row, proof):
        return None
    return row


async def note_seen(deps: Deps, row: SessionRow) -> None:
    """Write that a session was used, every few minutes at most."""
    now = deps.clock.now()
    if now - row.seen_at < NOTE_EVERY:
        return

    async def work(conn: Conn) -> None:
        await store.seen(conn, row.hash, at=now)

    await commit.request(deps.database, work)


def secret_of(cookie: str) -> str:
    """Return the part of a cookie that forms are bound to."""
    return cookie.partition(".")[0]


def remember_ended(hashes: Iterable[bytes]) -> None:
    """Let this process know sessions as over whose rows a commit deletes."""
    for one in hashes:
        _ended.put(one, True)


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
            _idle(row).to_bytes(4),
            row.kind.encode(),
            b"\0",
            row.strength.encode(),
        )
    )
    return row_mac(deps.keys.service("row-mac"), "session", content)


def _idle(row: SessionRow) -> int:
    return int(IDLE.total_seconds()) if row.idle_seconds is None else row.idle_seconds


def _proven(deps: Deps, row: SessionRow, proof: str) -> bool:
    try:
        return hmac.compare_digest(_proof(deps, row), base64url.decode(proof))
    except (FormatError, OverflowError):  # a number of an edited row that has no place in the MAC
        return False
