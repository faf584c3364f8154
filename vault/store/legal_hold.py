"""Keep who made a legal hold, when and why; the words are sealed.

Which holds stand is said by the customer's standing row. A row here outlives an erasure while it
keeps something sealed, so that it can still be listed and lifted; it is deleted with its day.
Source: GDPR 17(3) and 18(2); docs/scale.md, schema rules 1 to 3.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, Table, delete, insert, select

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, OUTLIVES, column, columns_of, metadata
from vault.store.types import Id, Json, Name, UtcTime

legal_hold = Table(
    "legal_hold",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("hold_id", Id, "id", primary_key=True),
    column("ground", String(32), "state"),
    column("names", Json, "policy"),  # fields and interaction.KIND; an empty list for everything
    column("until", UtcTime, "time"),
    column("made_by", Name, "id"),
    column("made_at", UtcTime, "time"),
    column("sealed", LargeBinary, "sealed"),  # the reason, under the service key of mail
    column("mac", LargeBinary, "mac"),
    info={"shard": CUSTOMER, OUTLIVES: "a legal hold keeps what is retained"},
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold that was made."""

    customer: CustomerId
    hold_id: UUID
    ground: str
    names: str
    until: datetime
    made_by: str
    made_at: datetime
    sealed: bytes
    mac: bytes


async def add(conn: Conn, row: HoldRow) -> None:
    """Insert a hold."""
    await conn.execute(insert(legal_hold).values(columns_of(legal_hold, row)))


async def load(conn: Conn, customer: CustomerId) -> list[HoldRow]:
    """Return the holds of a customer, the first to end first."""
    statement = (
        select(legal_hold)
        .where(legal_hold.c.customer_id == customer)
        .order_by(legal_hold.c.until, legal_hold.c.hold_id)
    )
    return [HoldRow(*row) for row in await conn.execute(statement)]


async def remove(conn: Conn, customer: CustomerId, ids: Collection[UUID]) -> int:
    """Delete holds; returns how many there were."""
    statement = delete(legal_hold).where(
        legal_hold.c.customer_id == customer, legal_hold.c.hold_id.in_(sorted(ids))
    )
    return (await conn.execute(statement)).rowcount
