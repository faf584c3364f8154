"""Remember how a customer likes the portal: which view, which level was chosen last.

Nothing here allows or forbids anything, so nothing here has a MAC: what counts are the terms of the
standing row.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Table, select

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, UtcTime

portal_choice = Table(
    "portal_choice",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("view", String(16), "state"),  # simple, grid
    column("level", String(16), "state"),  # needed, improve, known; "" for none ever
    column("answered_at", UtcTime, "time", nullable=True),  # the question after `Sec-GPC: 1`
    column("lang", String(16), "state", nullable=True),  # BCP 47; NULL for none chosen
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """What one customer likes."""

    customer: CustomerId
    view: str
    level: str
    answered_at: datetime | None
    lang: str | None = None


async def load(conn: Conn, customer: CustomerId) -> ChoiceRow | None:
    """Return what a customer chose; None for nothing so far."""
    statement = select(portal_choice).where(portal_choice.c.customer_id == customer)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ChoiceRow(*row)


async def save(conn: Conn, row: ChoiceRow, *members: str) -> None:
    """Write some members of a row, and all of them where there is none yet."""
    values = columns_of(portal_choice, row)
    statement = insert(conn, portal_choice).values(values)
    await conn.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"], set_={name: values[name] for name in members}
        )
    )
