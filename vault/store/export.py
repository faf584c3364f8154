"""Keep the packages that customers ordered: what was asked for, where it stands, the sealed pieces.

A package lies in pieces, so that neither making nor fetching one holds it whole. Its key is one of
the customer's wrapped keys, of kind export, and dies with it. Who makes it is told by `attempt`:
a worker that was overtaken writes nothing more.
Source: crypto note, 2 and 5; docs/formats.md, 5.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from vault.core.ids import CustomerId
from vault.store.customer import customer_key, standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, UtcTime

MAKING: Final = "making"
READY: Final = "ready"
FAILED: Final = "failed"
KEY_KIND: Final = 4  # vault/crypto/keys.py, Kind.EXPORT

export = Table(
    "export",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("export_id", Id, "id", primary_key=True),
    column("generation", Integer, "count"),  # of its key
    column("parts", String(200), "state"),  # names of parts, from a fixed list
    column("format", String(16), "state"),
    column("lang", String(16), "state"),
    column("from_at", UtcTime, "time", nullable=True),  # of the period; NULL: from the beginning
    column("until_at", UtcTime, "time", nullable=True),  # exclusive; NULL: to the end
    column("request", String(64), "id"),  # of the order, for the entry of the look
    column("state", String(16), "state"),
    column("attempt", BigInteger, "count"),  # lease epoch of the worker that may write
    column("pieces", Integer, "count"),
    column("size", BigInteger, "count"),  # bytes of the package in plain
    column("short", Boolean, "state"),  # whether it holds less than was asked for
    column("ordered_at", UtcTime, "time"),
    column("ready_at", UtcTime, "time", nullable=True),
    column("fetched_at", UtcTime, "time", nullable=True),
    column("ends_at", UtcTime, "time"),
    Index(None, "ends_at"),
    info={"shard": CUSTOMER},
)

export_piece = Table(
    "export_piece",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("export_id", Id, "id", primary_key=True),
    column("number", SmallInteger, "count", primary_key=True),
    column("sealed", LargeBinary, "sealed"),
    ForeignKeyConstraint(["customer_id", "export_id"], ["export.customer_id", "export.export_id"]),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One order, and how it stands."""

    customer: CustomerId
    export_id: UUID
    generation: int
    parts: str
    format: str
    lang: str
    from_at: datetime | None
    until_at: datetime | None
    request: str
    state: str
    attempt: int
    pieces: int
    size: int
    short: bool
    ordered_at: datetime
    ready_at: datetime | None
    fetched_at: datetime | None
    ends_at: datetime


async def add(conn: Conn, row: ExportRow) -> None:
    """Insert an order."""
    await conn.execute(insert(export).values(columns_of(export, row)))


async def load(conn: Conn, customer: CustomerId, export_id: UUID) -> ExportRow | None:
    """Return an order; None when this customer has no such order."""
    statement = select(export).where(
        export.c.customer_id == customer, export.c.export_id == export_id
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ExportRow(*row)


async def load_all(conn: Conn, customer: CustomerId) -> list[ExportRow]:
    """Return a customer's orders, the newest first; they are few, for each ends in days."""
    statement = (
        select(export)
        .where(export.c.customer_id == customer)
        .order_by(export.c.ordered_at.desc(), export.c.export_id.desc())
    )
    return [ExportRow(*row) for row in await conn.execute(statement)]


async def take(
    conn: Conn, customer: CustomerId, export_id: UUID, *, attempt: int
) -> ExportRow | None:
    """Let a worker make an export from the beginning; None when there is nothing left to make.

    Whatever an earlier worker wrote goes, and that worker may write no more.
    """
    taken = (
        update(export)
        .where(
            export.c.customer_id == customer,
            export.c.export_id == export_id,
            export.c.state == MAKING,
            export.c.attempt < attempt,
        )
        .values(attempt=attempt, pieces=0)
        .returning(*export.c)
    )
    row = (await conn.execute(taken)).one_or_none()
    if row is None:
        return None
    await _remove_pieces(conn, customer, export_id)
    return ExportRow(*row)


async def add_piece(conn: Conn, row: ExportRow, number: int, sealed: bytes) -> bool:
    """Insert the next piece; False when the export is gone or another worker makes it."""
    counted = update(export).where(*_mine(row), export.c.pieces == number).values(pieces=number + 1)
    if (await conn.execute(counted)).rowcount != 1:
        return False
    values = {
        "customer_id": row.customer,
        "export_id": row.export_id,
        "number": number,
        "sealed": sealed,
    }
    await conn.execute(insert(export_piece).values(values))
    return True


async def finish(conn: Conn, row: ExportRow, *, size: int, short: bool, at: datetime) -> bool:
    """Say that every piece is there; False when the export is gone or another worker makes it."""
    statement = (
        update(export).where(*_mine(row)).values(state=READY, size=size, short=short, ready_at=at)
    )
    return (await conn.execute(statement)).rowcount == 1


async def fail(conn: Conn, row: ExportRow) -> bool:
    """Give an export up, with its pieces and key; the order stays to be seen until it ends."""
    statement = update(export).where(*_mine(row)).values(state=FAILED, pieces=0)
    if (await conn.execute(statement)).rowcount != 1:
        return False
    await _remove_pieces(conn, row.customer, row.export_id)
    await _remove_key(conn, row.customer, row.generation)
    return True


async def load_piece(
    conn: Conn, customer: CustomerId, export_id: UUID, *, number: int
) -> bytes | None:
    """Return one piece; None when it is not there any more."""
    statement = select(export_piece.c.sealed).where(
        export_piece.c.customer_id == customer,
        export_piece.c.export_id == export_id,
        export_piece.c.number == number,
    )
    return (await conn.execute(statement)).scalar_one_or_none()


async def fetched(conn: Conn, customer: CustomerId, export_id: UUID, *, at: datetime) -> None:
    """Note that a package was handed over; the newest time counts."""
    statement = (
        update(export)
        .where(export.c.customer_id == customer, export.c.export_id == export_id)
        .values(fetched_at=at)
    )
    await conn.execute(statement)


async def remove(conn: Conn, row: ExportRow) -> None:
    """Delete an export: pieces, key and row; twice is once."""
    await _remove_pieces(conn, row.customer, row.export_id)
    await _remove_key(conn, row.customer, row.generation)
    await conn.execute(
        delete(export).where(
            export.c.customer_id == row.customer, export.c.export_id == row.export_id
        )
    )


def _mine(row: ExportRow) -> tuple[ColumnElement[bool], ...]:
    return (
        export.c.customer_id == row.customer,
        export.c.export_id == row.export_id,
        export.c.state == MAKING,
        export.c.attempt == row.attempt,
    )


async def _remove_pieces(conn: Conn, customer: CustomerId, export_id: UUID) -> None:
    await conn.execute(
        delete(export_piece).where(
            export_piece.c.customer_id == customer, export_piece.c.export_id == export_id
        )
    )


async def _remove_key(conn: Conn, customer: CustomerId, generation: int) -> None:
    await conn.execute(
        delete(customer_key).where(
            customer_key.c.customer_id == customer,
            customer_key.c.kind == KEY_KIND,
            customer_key.c.generation == generation,
        )
    )
