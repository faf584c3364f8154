"""Keep what waits until somebody types a mailed code, or presses the button of a mailed link.

The row is found by the hash of a secret that the browser or the link holds. What waits is sealed;
of a code a MAC is kept. A try is counted in one statement, and a row that is used is gone, so that
of many at once five may guess and one may win.
Source: portal note, 6; docs/formats.md, 13.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, String, Table, delete, insert, select, update

from vault.store import metadata as words
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.sign_in import MAX_TRIES
from vault.store.types import Id, UtcTime

confirmation = Table(
    "confirmation",
    metadata,
    column("hash", LargeBinary, "index", primary_key=True),
    column("confirmation_id", Id, "id"),
    column("kind", String(16), "state"),  # address, join, parent
    column("sealed", LargeBinary, "sealed"),
    column("code_mac", LargeBinary, "mac"),
    column("tries", SmallInteger, "count"),
    column("expires_at", UtcTime, "time"),
    info={"shard": words.lookup("hash")},
)


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """One thing that waits."""

    hash: bytes
    confirmation_id: UUID
    kind: str
    sealed: bytes
    code_mac: bytes
    tries: int
    expires_at: datetime


async def put(conn: Conn, row: ConfirmationRow) -> None:
    """Insert a row; an earlier one under the same secret goes: only the newest counts."""
    await take(conn, row.hash)
    await conn.execute(insert(confirmation).values(columns_of(confirmation, row)))


async def load(conn: Conn, secret_hash: bytes, *, kind: str) -> ConfirmationRow | None:
    """Return a row, whether or not its time is over; None when it was used or never was."""
    statement = select(confirmation).where(
        confirmation.c.hash == secret_hash, confirmation.c.kind == kind
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ConfirmationRow(*row)


async def guess(conn: Conn, secret_hash: bytes, *, kind: str) -> ConfirmationRow | None:
    """Count a try at the code and return the row to compare it with; None after the fifth.

    For `commit.claim`: the count must stay when the guess was wrong.
    """
    statement = (
        update(confirmation)
        .where(
            confirmation.c.hash == secret_hash,
            confirmation.c.kind == kind,
            confirmation.c.tries < MAX_TRIES,
        )
        .values(tries=confirmation.c.tries + 1)
        .returning(*confirmation.c)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ConfirmationRow(*row)


async def take(conn: Conn, secret_hash: bytes) -> bool:
    """Delete a row; False for everyone but the first."""
    statement = delete(confirmation).where(confirmation.c.hash == secret_hash)
    return (await conn.execute(statement)).rowcount == 1


async def prune(conn: Conn, *, before: datetime) -> int:
    """Delete rows whose time ended before `before`; returns how many."""
    statement = delete(confirmation).where(confirmation.c.expires_at < before)
    return (await conn.execute(statement)).rowcount
