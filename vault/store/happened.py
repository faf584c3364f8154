"""Load what happened with many customers and when, without what was said.

These are the facts that stand in clear in `interaction`: enough to say whether something is to be
worked out anew, and all that counting needs. Nothing sealed is loaded.
Source: DESIGN 2; consent-standards note, 8.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.interaction import interaction

_CHUNK: Final = 500  # customers in one statement


class Happened(NamedTuple):
    """One contact event without its content."""

    customer: CustomerId
    interaction_id: UUID
    kind: str
    at: datetime
    row_version: int


async def of_many(
    conn: Conn,
    customers: Sequence[CustomerId],
    kinds: Collection[str],
    *,
    most: int,
    since: datetime | None = None,
) -> dict[CustomerId, list[Happened]]:
    """Return the events of some kinds by customer, the newest first.

    Args:
        conn: any connection.
        customers: whose; one without events is left out.
        kinds: only these.
        most: events of one customer; older ones are left out.
        since: only events from then on; None for all.
    """
    found: dict[CustomerId, list[Happened]] = {}
    if not kinds:
        return found
    place = func.row_number().over(
        partition_by=interaction.c.customer_id,
        order_by=(interaction.c.at.desc(), interaction.c.interaction_id.desc()),
    )
    for start in range(0, len(customers), _CHUNK):
        some = list(customers[start : start + _CHUNK])
        wanted = select(
            interaction.c.customer_id,
            interaction.c.interaction_id,
            interaction.c.kind,
            interaction.c.at,
            interaction.c.row_version,
            place.label("place"),
        ).where(interaction.c.customer_id.in_(some), interaction.c.kind.in_(sorted(kinds)))
        if since is not None:
            wanted = wanted.where(interaction.c.at >= since)
        numbered = wanted.subquery()
        statement = (
            select(*[one for one in numbered.c if one.name != "place"])
            .where(numbered.c.place <= most)
            .order_by(numbered.c.customer_id, numbered.c.place)
        )
        for row in await conn.execute(statement):
            one = Happened(*row)
            found.setdefault(one.customer, []).append(one)
    return found
