"""Find a follow-up by its number, and list what is owed by owner and by the day on which it is due.

A row leads to the follow-up and says nothing that counts: how one stands is believed from its own
row alone. The list is for staff, by bounded pages, never in a customer's path.
Source: docs/scale.md, lookup tables; schema rule 3.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, String, Table, func, insert, select, tuple_, update

from vault.core.ids import CustomerId
from vault.store import metadata as words
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id, UtcTime

PAGE: Final = 100

follow_up_queue = Table(
    "follow_up_queue",
    metadata,
    column("number", String(16), "id", primary_key=True),
    column("customer_id", Id, "id"),
    column("follow_up_id", Id, "id"),
    column("owner", String(16), "policy"),
    column("state", String(16), "state"),
    column("due_at", UtcTime, "time"),
    Index(None, "state", "due_at", "number"),
    Index(None, "state", "owner", "due_at", "number"),
    info={"shard": words.lookup("number")},
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Where a follow-up is found."""

    number: str
    customer: CustomerId
    follow_up_id: UUID
    owner: str
    state: str
    due_at: datetime


async def add(conn: Conn, row: QueueRow) -> None:
    """Insert a row, in the transaction of the follow-up."""
    await conn.execute(insert(follow_up_queue).values(columns_of(follow_up_queue, row)))


async def change(conn: Conn, row: QueueRow) -> None:
    """Write whose a follow-up is, how it stands and when it is due."""
    statement = (
        update(follow_up_queue)
        .where(follow_up_queue.c.number == row.number)
        .values(owner=row.owner, state=row.state, due_at=row.due_at)
    )
    await conn.execute(statement)


async def find(conn: Conn, number: str) -> QueueRow | None:
    """Return where a follow-up is found; None for a number that none has."""
    statement = select(follow_up_queue).where(follow_up_queue.c.number == number)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else QueueRow(*row)


async def load_page(
    conn: Conn,
    state: str,
    *,
    owner: str | None = None,
    after: QueueRow | None = None,
    limit: int = PAGE,
) -> list[QueueRow]:
    """Return a page of follow-ups in a state, what is due first first.

    Args:
        conn: a connection.
        state: how they stand.
        owner: whose; None for everybody's.
        after: the last row of the page before; None for the first page.
        limit: rows of a page.
    """
    place = (follow_up_queue.c.due_at, follow_up_queue.c.number)
    statement = (
        select(follow_up_queue)
        .where(follow_up_queue.c.state == state)
        .order_by(*place)
        .limit(limit)
    )
    if owner is not None:
        statement = statement.where(follow_up_queue.c.owner == owner)
    if after is not None:
        statement = statement.where(tuple_(*place) > (after.due_at, after.number))
    return [QueueRow(*row) for row in await conn.execute(statement)]


async def count(conn: Conn, state: str, *, before: datetime | None = None) -> int:
    """Return how many follow-ups stand in a state, and are due before a moment."""
    statement = (
        select(func.count()).select_from(follow_up_queue).where(follow_up_queue.c.state == state)
    )
    if before is not None:
        statement = statement.where(follow_up_queue.c.due_at < before)
    return int((await conn.execute(statement)).scalar_one())
