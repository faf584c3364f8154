"""Ask over all customers whom a survey may ask: who had a contact lately and was not asked for long.

A page names customers and nothing of them; whether one is asked is decided again, one by one, under
lock. The statement says by the option `sweep` why it must ask everywhere.
Source: docs/scale.md, schema rules.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select

from vault.store.engine import Conn
from vault.store.interaction import interaction
from vault.store.survey import survey_turn


async def customers_due(
    conn: Conn,
    survey: str,
    kinds: Collection[str],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Return customers with an event that a survey may ask about, by id.

    Args:
        conn: a connection.
        survey: which one.
        kinds: of events, such as "purchase".
        since: older events are not asked about; exclusive.
        until: newer ones are not yet; inclusive.
        now: the moment.
        after: only customers with a greater id; None for the first page.
        limit: how many at most.
    """
    done = exists().where(
        survey_turn.c.customer_id == interaction.c.customer_id,
        survey_turn.c.survey == survey,
        or_(survey_turn.c.again_at > now, survey_turn.c.about_at >= interaction.c.at),
    )
    statement = (
        select(interaction.c.customer_id)
        .where(
            interaction.c.kind.in_(sorted(kinds)),
            interaction.c.at > since,
            interaction.c.at <= until,
            ~done,
        )
        .distinct()
        .order_by(interaction.c.customer_id)
        .limit(limit)
        .execution_options(sweep="whoever was served is asked, by pages")
    )
    if after is not None:
        statement = statement.where(interaction.c.customer_id > after)
    return list((await conn.execute(statement)).scalars())
