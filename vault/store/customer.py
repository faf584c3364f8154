"""Keep a customer's standing row and wrapped keys: the root that all other rows hang on.

The standing row only subtracts: epoch, restriction, objections and standing terms, under a MAC
that this module neither makes nor checks. Objections and terms are canonical JSON, handed on as
the text that the MAC covers. Wrapped keys open under a key that is not in the database.
Every change of a customer locks the standing row first, so that changes stand in one order.
Source: crypto note, 2 and 8; docs/formats.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    delete,
    select,
    update,
)

from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.store import bulk, kek
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, carried, column, metadata
from vault.store.types import Id, Json, UtcTime

standing = Table(
    "standing",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("epoch", BigInteger, "count"),
    column("flags", SmallInteger, "state"),  # bits; 1 is restricted
    column("objections", Json, "policy"),
    column("terms", Json, "policy"),
    column("mac", LargeBinary, "mac"),
    column("made_at", UtcTime, "time"),
    info={"shard": CUSTOMER},
)

_CHUNK: Final = 500  # customers in one statement

customer_key = Table(
    "customer_key",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("kind", SmallInteger, "state", primary_key=True),  # vault/crypto/keys.py, Kind
    column("generation", Integer, "count", primary_key=True),
    column("key_id", Id, "id"),
    column("kek_id", Id, "id", ForeignKey(kek.kek.c.kek_id)),
    column("wrapped", LargeBinary, "sealed"),
    column("made_at", UtcTime, "time"),
    Index(None, "kek_id"),  # rows still under an old KEK
    info={"shard": CUSTOMER},
)

# What rows carry: nobody asks when a customer or a key was made.
STANDING: Final = carried(standing, "made_at")
KEY: Final = carried(customer_key, "made_at")


# Not frozen: a look makes some, and a frozen one takes three times as long to make.
@dataclass(slots=True, unsafe_hash=True)
class StandingRow:
    """What subtracts from all consents of one customer."""

    customer: CustomerId
    epoch: int  # u64; raised by one by every change
    flags: int  # u8
    objections: str  # canonical JSON, as MACed
    terms: str  # canonical JSON, as MACed
    mac: bytes


@dataclass(slots=True, unsafe_hash=True)
class CustomerKeyRow:
    """One wrapped key of a customer."""

    customer: CustomerId
    kind: int
    generation: int
    key_id: UUID
    kek_id: UUID
    wrapped: bytes


async def create(
    conn: Conn, standings: Sequence[StandingRow], *, keys: Sequence[CustomerKeyRow], at: datetime
) -> None:
    """Insert new customers with their keys at this moment, many at once for an import."""
    await bulk.add(conn, standing, standings, made_at=at)
    await save_keys(conn, keys, at=at)


async def load_standing(conn: Conn, customer: CustomerId) -> StandingRow | None:
    """Return the standing row; None for a customer that the vault does not know."""
    statement = select(*STANDING).where(standing.c.customer_id == customer)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else StandingRow(*row)


async def lock_standing(conn: Conn, customer: CustomerId) -> StandingRow | None:
    """Return the standing row and hold it until the commit; None for an unknown customer.

    The lock lets others note a disclosure (a foreign key's check) but no other change begin.
    """
    statement = (
        select(*STANDING)
        .where(standing.c.customer_id == customer)
        .with_for_update(key_share=True)  # FOR NO KEY UPDATE
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else StandingRow(*row)


async def lock_many(conn: Conn, customers: Sequence[CustomerId]) -> None:
    """Hold the standing rows of several customers, as `lock_standing` does, in the order given."""
    for start in range(0, len(customers), _CHUNK):
        statement = (
            select(standing.c.customer_id)
            .where(standing.c.customer_id.in_(list(customers[start : start + _CHUNK])))
            .order_by(standing.c.customer_id)
            .with_for_update(key_share=True)  # FOR NO KEY UPDATE
        )
        await conn.execute(statement)


async def save_standing(conn: Conn, row: StandingRow, *, changes: int = 1) -> None:
    """Write a standing row whose epoch is higher than the stored one by as many changes.

    Raises:
        ConflictError: when the stored epoch is not the one before: somebody else was faster.
    """
    statement = (
        update(standing)
        .where(standing.c.customer_id == row.customer, standing.c.epoch == row.epoch - changes)
        .values(
            epoch=row.epoch,
            flags=row.flags,
            objections=row.objections,
            terms=row.terms,
            mac=row.mac,
        )
    )
    if (await conn.execute(statement)).rowcount != 1:
        raise ConflictError


async def raise_epoch(conn: Conn, row: StandingRow, *, before: int) -> None:
    """Let a row go on from a larger epoch, and say what it said; for a recovery alone.

    Raises:
        ConflictError: the row is not at the epoch that it was read at.
    """
    raised = (
        update(standing)
        .where(standing.c.customer_id == row.customer, standing.c.epoch == before)
        .values(epoch=row.epoch, mac=row.mac)
    )
    if before >= row.epoch or (await conn.execute(raised)).rowcount != 1:
        raise ConflictError


async def load_keys(conn: Conn, customer: CustomerId) -> list[CustomerKeyRow]:
    """Return all wrapped keys of a customer, by kind and generation."""
    statement = (
        select(*KEY)
        .where(customer_key.c.customer_id == customer)
        .order_by(customer_key.c.kind, customer_key.c.generation)
    )
    return [CustomerKeyRow(*row) for row in await conn.execute(statement)]


async def save_keys(conn: Conn, rows: Sequence[CustomerKeyRow], *, at: datetime) -> None:
    """Insert keys that were wrapped at this moment; a key is never overwritten here."""
    if rows:
        await bulk.add(conn, customer_key, rows, made_at=at)
        await kek.check_living(conn, [row.kek_id for row in rows])


async def replace_key(conn: Conn, row: CustomerKeyRow, *, old_kek: UUID) -> bool:
    """Put a key under another KEK; False when it is not under `old_kek` any more."""
    statement = (
        update(customer_key)
        .where(
            customer_key.c.customer_id == row.customer,
            customer_key.c.kind == row.kind,
            customer_key.c.generation == row.generation,
            customer_key.c.kek_id == old_kek,
        )
        .values(kek_id=row.kek_id, wrapped=row.wrapped)
    )
    return (await conn.execute(statement)).rowcount == 1


async def delete_keys(conn: Conn, customer: CustomerId) -> int:
    """Delete every wrapped key of a customer: erasure's first step. Returns how many."""
    statement = delete(customer_key).where(customer_key.c.customer_id == customer)
    return (await conn.execute(statement)).rowcount
