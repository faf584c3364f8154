"""Keep the history of a customer's ways in: what happened, when, on which kind of device.

A row holds words of ours and a number, never an address, a network or a code. Rows are only added;
those of more than a year go when the next one comes.
Source: security note, 8; portal note, 2.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, Table, delete, insert, select

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, UtcTime

KEPT: Final = timedelta(days=365)

security_event = Table(
    "security_event",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("event_id", Id, "id", primary_key=True),  # UUIDv7: in the order of time
    column("kind", String(32), "state"),
    column("at", UtcTime, "time"),
    column("device", String(64), "state"),  # a label from a fixed list; "" for none
    column("number", Integer, "count"),  # how many, where the kind counts something
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One thing that happened to a way in."""

    customer: CustomerId
    event_id: UUID
    kind: str
    at: datetime
    device: str
    number: int


async def add(conn: Conn, row: EventRow) -> None:
    """Insert an event; what is older than a year goes."""
    old = security_event.c.at < row.at - KEPT
    mine = security_event.c.customer_id == row.customer
    await conn.execute(delete(security_event).where(mine, old))
    await conn.execute(insert(security_event).values(columns_of(security_event, row)))


async def load(
    conn: Conn, customer: CustomerId, *, kinds: tuple[str, ...] = (), limit: int
) -> list[EventRow]:
    """Return the newest events of a customer, newest first; of these kinds alone where given."""
    statement = (
        select(security_event)
        .where(security_event.c.customer_id == customer)
        .order_by(security_event.c.event_id.desc())
        .limit(limit)
    )
    if kinds:
        statement = statement.where(security_event.c.kind.in_(kinds))
    return [EventRow(*row) for row in await conn.execute(statement)]


async def forget(conn: Conn, customer: CustomerId) -> int:
    """Delete a customer's history: for erasure. Returns how many rows went."""
    statement = delete(security_event).where(security_event.c.customer_id == customer)
    return (await conn.execute(statement)).rowcount
