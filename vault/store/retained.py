"""Keep what a law demands after an erasure, under a key of its own, until a fixed day.

What a legal hold keeps of a customer who corrects or deletes it lies here too. It hangs on no
standing row, which an erased customer has not: no decision finds it, no page and no app
can ask for it. Each value says which law and which purpose keep it; after its day it goes, and
with the last one the key.
Source: crypto note, 2 and 10; GDPR 17(3)(b).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    exists,
    insert,
    select,
    update,
)

from vault.core.ids import CustomerId
from vault.store import kek
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, OUTLIVES, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

retained_key = Table(
    "retained_key",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("key_id", Id, "id"),
    column("kek_id", Id, "id", ForeignKey(kek.kek.c.kek_id)),
    column("wrapped", LargeBinary, "sealed"),
    column("made_at", UtcTime, "time"),
    Index(None, "kek_id"),  # rows still under an old KEK
    info={"shard": CUSTOMER, OUTLIVES: "a law keeps what is under it"},
)

retained = Table(
    "retained",
    metadata,
    column("customer_id", Id, "id", ForeignKey(retained_key.c.customer_id), primary_key=True),
    column("value_id", Id, "id", primary_key=True),
    column("name", Name, "policy"),  # a field or interaction.KIND
    column("purpose", Name, "policy"),
    column("law", Text, "policy"),
    column("until", UtcTime, "time"),
    column("happened_at", UtcTime, "time"),
    column("schema", Integer, "count"),
    column("row_version", BigInteger, "count"),
    column("sealed", LargeBinary, "sealed"),
    Index(None, "until"),
    info={"shard": CUSTOMER, OUTLIVES: "a law keeps it"},
)


@dataclass(frozen=True, slots=True)
class RetainedKeyRow:
    """The wrapped key of what is kept of one erased customer."""

    customer: CustomerId
    key_id: UUID
    kek_id: UUID
    wrapped: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RetainedRow:
    """One value that a law keeps."""

    customer: CustomerId
    value_id: UUID
    name: str
    purpose: str
    law: str
    until: datetime
    happened_at: datetime
    schema: int
    row_version: int
    sealed: bytes


async def put(conn: Conn, key: RetainedKeyRow | None, rows: Sequence[RetainedRow]) -> None:
    """Insert what is kept of a customer, with its key; None for a key that is stored."""
    if key is not None:
        await conn.execute(insert(retained_key).values(columns_of(retained_key, key)))
        await kek.check_living(conn, [key.kek_id])
    await conn.execute(insert(retained), [columns_of(retained, row) for row in rows])


async def load(conn: Conn, customer: CustomerId) -> list[RetainedRow]:
    """Return what is kept of a customer, by name."""
    statement = (
        select(retained)
        .where(retained.c.customer_id == customer)
        .order_by(retained.c.name, retained.c.happened_at, retained.c.value_id)
    )
    return [RetainedRow(*row) for row in await conn.execute(statement)]


async def load_key(conn: Conn, customer: CustomerId) -> RetainedKeyRow | None:
    """Return the key of what is kept; None where nothing is."""
    statement = select(retained_key).where(retained_key.c.customer_id == customer)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else RetainedKeyRow(*row)


async def replace_key(conn: Conn, row: RetainedKeyRow, *, old_kek: UUID) -> bool:
    """Put a key under another KEK; False when it is not under `old_kek` any more."""
    statement = (
        update(retained_key)
        .where(retained_key.c.customer_id == row.customer, retained_key.c.kek_id == old_kek)
        .values(kek_id=row.kek_id, wrapped=row.wrapped)
    )
    return (await conn.execute(statement)).rowcount == 1


async def remove(conn: Conn, customer: CustomerId, *, purpose: str) -> int:
    """Delete what one purpose keeps of a customer, and the key when nothing is left under it."""
    mine = retained.c.customer_id == customer
    gone = (
        await conn.execute(delete(retained).where(mine, retained.c.purpose == purpose))
    ).rowcount
    still = exists().where(retained.c.customer_id == customer)
    unused = delete(retained_key).where(retained_key.c.customer_id == customer, ~still)
    await conn.execute(unused)
    return gone
