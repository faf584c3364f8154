"""Read contact events by what belongs to what: some by their ids, and those right under others.

Source: DESIGN 2; docs/scale.md, schema rules.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.interaction import InteractionRow, interaction


async def load_some(
    conn: Conn, customer: CustomerId, ids: Collection[UUID]
) -> list[InteractionRow]:
    """Return those of a customer's events that are named, in no particular order."""
    if not ids:
        return []
    statement = select(interaction).where(
        interaction.c.customer_id == customer, interaction.c.interaction_id.in_(sorted(ids))
    )
    return [InteractionRow(*row) for row in await conn.execute(statement)]


async def load_children(
    conn: Conn,
    customer: CustomerId,
    parents: Collection[UUID],
    *,
    limit: int,
    kinds: Collection[str] | None = None,
) -> list[InteractionRow]:
    """Return the events right under some others, of some kinds or of all, the oldest first."""
    if not parents:
        return []
    statement = (
        select(interaction)
        .where(interaction.c.customer_id == customer, interaction.c.parent.in_(sorted(parents)))
        .order_by(interaction.c.at, interaction.c.interaction_id)
        .limit(limit)
    )
    if kinds is not None:
        statement = statement.where(interaction.c.kind.in_(sorted(kinds)))
    return [InteractionRow(*row) for row in await conn.execute(statement)]
