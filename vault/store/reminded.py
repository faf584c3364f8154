"""Remember which ends of consents were looked at for a reminder, so that none is sent twice.

Purpose and end make the row, not the event: a consent that was narrowed ends when it did before.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Table, select

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Id, Name, UtcTime

reminded = Table(
    "reminded",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("purpose", Name, "policy", primary_key=True),
    column("until_ms", BigInteger, "time", primary_key=True),  # unix ms, exclusive
    column("at", UtcTime, "time"),
    info={"shard": CUSTOMER},
)


async def load(conn: Conn, customer: CustomerId) -> frozenset[tuple[str, int]]:
    """Return the ends that were looked at, as (purpose, unix ms)."""
    statement = select(reminded.c.purpose, reminded.c.until_ms).where(
        reminded.c.customer_id == customer
    )
    return frozenset((purpose, until) for purpose, until in await conn.execute(statement))


async def add(
    conn: Conn, customer: CustomerId, ends: Collection[tuple[str, int]], *, at: datetime
) -> None:
    """Note ends; twice is once."""
    for purpose, until in ends:
        statement = insert(conn, reminded).values(
            customer_id=customer, purpose=purpose, until_ms=until, at=at
        )
        await conn.execute(statement.on_conflict_do_nothing())
