"""Keep sealed field values: one row a field, replaced in place, its version always rising.

The names of fields, their sources and times stand in clear, under a MAC that this module neither
makes nor checks; values do not exist here. A customer is told of a third party's value before any
app sees it (`told_at`), and says that a value is wrong or right (`disputed_at`, `verified_at`).
Source: crypto note, 3 and 4; docs/formats.md, 10; GDPR 5(1)(d), 14, 16.
"""

from collections.abc import Collection, Sequence
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
    String,
    Table,
    delete,
    select,
    update,
)

from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.store import bulk
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, carried, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

value = Table(
    "value",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("field", Name, "policy", primary_key=True),
    column("value_id", Id, "id"),
    column("schema", Integer, "count"),
    column("row_version", BigInteger, "count"),
    column("generation", Integer, "count"),  # of the profile key
    column("sealed", LargeBinary, "sealed"),
    column("source", String(16), "policy"),
    column("gathered_at", UtcTime, "time"),
    column("written_at", UtcTime, "time"),
    column("told_at", UtcTime, "time", nullable=True),
    # Of an identifier: its key in `lookup`, so that it is released without opening the value.
    column("idx", LargeBinary, "index", nullable=True),
    column("idx_kind", SmallInteger, "state", nullable=True),
    # Under the customer's own key: an import sees that a value is the stored one, unopened.
    column("fingerprint", LargeBinary, "index", nullable=True),
    # NULL in rows of a release that had none: such a value does not open until `migrate` sealed it.
    column("mac", LargeBinary, "mac", nullable=True),
    column("disputed_at", UtcTime, "time", nullable=True),
    column("verified_at", UtcTime, "time", nullable=True),
    Index(None, "field", "gathered_at", "customer_id"),  # whose time is over
    info={"shard": CUSTOMER},
)
_KEY: Final = ("customer_id", "field")
ROW: Final = carried(value, "written_at")  # sweeps alone look at that


# Not frozen: a look makes ten of them, and a frozen one takes three times as long to make.
@dataclass(slots=True, unsafe_hash=True)
class ValueRow:
    """One sealed value and its place."""

    customer: CustomerId
    field: str
    value_id: UUID
    schema: int
    row_version: int
    generation: int
    sealed: bytes
    source: str
    gathered_at: datetime
    told_at: datetime | None = None
    idx: bytes | None = None
    idx_kind: int | None = None
    fingerprint: bytes | None = None
    mac: bytes | None = None
    disputed_at: datetime | None = None
    verified_at: datetime | None = None


async def load(
    conn: Conn, customer: CustomerId, *, fields: Collection[str] | None = None
) -> list[ValueRow]:
    """Return a customer's sealed values by field name; all of them when `fields` is None."""
    statement = select(*ROW).where(value.c.customer_id == customer).order_by(value.c.field)
    if fields is not None:
        statement = statement.where(value.c.field.in_(sorted(fields)))
    return [ValueRow(*row) for row in await conn.execute(statement)]


async def save(conn: Conn, rows: Sequence[ValueRow], *, at: datetime) -> None:
    """Insert or replace values at this moment, of many customers at once for an import.

    Precondition: the standing rows of these customers are locked.

    Raises:
        ConflictError: a stored row is as new as the one given; nothing older replaces it.
    """
    if not rows:
        return
    statement = insert(conn, value)
    new = statement.excluded
    upsert = statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={one.name: new[one.name] for one in value.c if one.name not in _KEY},
        where=value.c.row_version < new.row_version,
    ).returning(value.c.field)
    given = [columns_of(value, row, written_at=at) for row in rows]
    if len((await conn.execute(upsert, given)).all()) != len(rows):
        raise ConflictError


async def add(conn: Conn, rows: Sequence[ValueRow], *, at: datetime) -> None:
    """Insert values, at this moment, of customers who are made in this transaction.

    Raises:
        ConflictError: by the commit, when a field is stored already.
    """
    await bulk.add(conn, value, rows, written_at=at)


async def remove(conn: Conn, customer: CustomerId, *, fields: Collection[str]) -> int:
    """Delete values; returns how many there were."""
    statement = delete(value).where(
        value.c.customer_id == customer, value.c.field.in_(sorted(fields))
    )
    return (await conn.execute(statement)).rowcount


async def mark(conn: Conn, rows: Sequence[ValueRow]) -> int:
    """Write what became of values, with the MAC of it; returns how many stood as they were loaded.

    Precondition: the standing row of their customer is locked.
    """
    count = 0
    for row in rows:
        statement = (
            update(value)
            .where(
                value.c.customer_id == row.customer,
                value.c.field == row.field,
                value.c.row_version == row.row_version,
            )
            .values(
                told_at=row.told_at,
                disputed_at=row.disputed_at,
                verified_at=row.verified_at,
                mac=row.mac,
            )
        )
        count += (await conn.execute(statement)).rowcount
    return count


async def owners(
    conn: Conn, customers: Collection[CustomerId], fields: Collection[str]
) -> set[CustomerId]:
    """Return those of some customers who have a value of any of these fields."""
    if not customers or not fields:
        return set()
    statement = select(value.c.customer_id).where(
        value.c.customer_id.in_(customers), value.c.field.in_(sorted(fields))
    )
    return set((await conn.execute(statement)).scalars())
