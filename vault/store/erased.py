"""Keep what is public about each erasure: its signed certificate, by the hash of a token.

The row names no customer, and none can be found from it: who holds the token may see that somebody
was erased, when, and what a law keeps. That rows stand here is also how a missing line of the
journal is noticed.
Source: crypto note, 10; docs/formats.md, erasures.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Table, Text, func, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id, UtcTime

erased = Table(
    "erased",
    metadata,
    column("token_hash", LargeBinary, "index", primary_key=True),
    column("erasure_id", Id, "id"),
    column("certificate", Text, "public"),
    column("erased_at", UtcTime, "time"),
    info={"shard": words.lookup("token_hash")},
)


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """One erasure that is done."""

    token_hash: bytes
    erasure_id: UUID
    certificate: str  # compact JWS
    erased_at: datetime


async def add(conn: Conn, row: ErasedRow) -> None:
    """Insert an erasure; one that a start repeats stands already."""
    statement = insert(conn, erased).values(columns_of(erased, row))
    await conn.execute(statement.on_conflict_do_nothing())


async def load(conn: Conn, token_hash: bytes) -> ErasedRow | None:
    """Return the erasure of a token; None for an unknown one."""
    statement = select(erased).where(erased.c.token_hash == token_hash)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ErasedRow(*row)


async def ids(conn: Conn) -> frozenset[UUID]:
    """Return the id of every erasure that this database knows."""
    return frozenset((await conn.execute(select(erased.c.erasure_id))).scalars())


async def count(conn: Conn) -> int:
    """Return how many erasures this database knows."""
    return int((await conn.execute(select(func.count()).select_from(erased))).scalar_one())
