"""Say when customers were reached: times of their contact events, by kind, from clear columns.

What was said stays sealed. Which kinds reach a customer is the caller's to know.
Source: docs/scale.md; DESIGN 2.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.interaction import interaction


async def times_since(
    conn: Conn, customers: Collection[CustomerId], kinds: Collection[str], *, since: datetime
) -> dict[CustomerId, list[datetime]]:
    """Return when customers had events of some kinds after a moment; absent: never.

    Kinds are sorted out here: a database that may choose would take the index of kind and time, which
    leads past everybody's contacts; the one of customer and time leads to few.
    """
    found: dict[CustomerId, list[datetime]] = {}
    columns = interaction.c.customer_id, interaction.c.kind, interaction.c.at
    statement = select(*columns).where(
        interaction.c.customer_id.in_(sorted(set(customers))), interaction.c.at > since
    )
    for customer, kind, at in await conn.execute(statement):
        if kind in kinds:
            found.setdefault(customer, []).append(at)
    return found
