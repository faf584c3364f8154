"""Find a request by its number, and list those that are open by the day on which they are due.

A row leads to the request and says nothing that counts: how a request stands is believed from its
own row alone. The list is for staff, by bounded pages, never in a customer's path.
Source: docs/scale.md, lookup tables; schema rule 3.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, Index, String, Table, func, insert, select, tuple_, update

from vault.core.ids import CustomerId
from vault.store import metadata as words
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id, UtcTime

PAGE: Final = 100

request_queue = Table(
    "request_queue",
    metadata,
    column("number", String(16), "id", primary_key=True),
    column("customer_id", Id, "id"),
    column("request_id", Id, "id"),
    column("due_at", UtcTime, "time"),
    column("open", Boolean, "state"),
    column("ended_at", UtcTime, "time", nullable=True),  # when nothing was owed any more
    Index(None, "open", "due_at", "number"),
    info={"shard": words.lookup("number")},
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Where a request is found."""

    number: str
    customer: CustomerId
    request_id: UUID
    due_at: datetime
    open: bool
    ended_at: datetime | None = None


async def add(conn: Conn, row: QueueRow) -> None:
    """Insert a row, in the transaction of the request."""
    await conn.execute(insert(request_queue).values(columns_of(request_queue, row)))


async def change(conn: Conn, row: QueueRow) -> None:
    """Write when a request is due, and whether it is open; the first end of it stays."""
    statement = (
        update(request_queue)
        .where(request_queue.c.number == row.number)
        .values(
            due_at=row.due_at,
            open=row.open,
            ended_at=func.coalesce(request_queue.c.ended_at, row.ended_at),
        )
    )
    await conn.execute(statement)


async def find(conn: Conn, number: str) -> QueueRow | None:
    """Return where a request is found; None for a number that none has."""
    statement = select(request_queue).where(request_queue.c.number == number)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else QueueRow(*row)


async def load_open(
    conn: Conn, *, after: QueueRow | None = None, limit: int = PAGE
) -> list[QueueRow]:
    """Return a page of open requests, what is due first first.

    Args:
        conn: a connection.
        after: the last row of the page before; None for the first page.
        limit: rows of a page.
    """
    place = (request_queue.c.due_at, request_queue.c.number)
    statement = select(request_queue).where(request_queue.c.open).order_by(*place).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*place) > (after.due_at, after.number))
    return [QueueRow(*row) for row in await conn.execute(statement)]


async def count_due(conn: Conn, *, before: datetime) -> int:
    """Return how many open requests are due before a moment."""
    statement = (
        select(func.count())
        .select_from(request_queue)
        .where(request_queue.c.open, request_queue.c.due_at < before)
    )
    return int((await conn.execute(statement)).scalar_one())
