"""Keep how long a customer wants to stay signed in without a click.

It lengthens something, so the row is believed only with its MAC, which is checked elsewhere.
Source: portal note, 7; WCAG 2.2, 2.2.1.
"""

from dataclasses import dataclass

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, Table, delete, select

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id

session_choice = Table(
    "session_choice",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("idle_minutes", SmallInteger, "count"),
    column("mac", LargeBinary, "mac"),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """The choice of one customer."""

    customer: CustomerId
    idle_minutes: int
    mac: bytes


async def load(conn: Conn, customer: CustomerId) -> ChoiceRow | None:
    """Return the choice; None for one who never chose."""
    statement = select(session_choice).where(session_choice.c.customer_id == customer)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ChoiceRow(*row)


async def save(conn: Conn, row: ChoiceRow) -> None:
    """Insert the choice, or put it in the place of the one before."""
    statement = insert(conn, session_choice).values(columns_of(session_choice, row))
    await conn.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"],
            set_={"idle_minutes": row.idle_minutes, "mac": row.mac},
        )
    )


async def forget(conn: Conn, customer: CustomerId) -> int:
    """Delete the choice: for erasure. Returns how many rows went."""
    statement = delete(session_choice).where(session_choice.c.customer_id == customer)
    return (await conn.execute(statement)).rowcount
