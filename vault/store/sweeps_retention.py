"""Ask over all customers for what may be over: by name and time, in pages that go on where one ended.

A page names rows and nothing of them; whoever deletes looks again, customer by customer, under
lock. Each statement says by the option `sweep` why it must ask everywhere.
Source: docs/scale.md, schema rules; DESIGN 5.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, null, or_, select

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.interaction import interaction
from vault.store.legal_hold import HoldRow, legal_hold
from vault.store.value import value

_WHY = {"sweep": "time ends for everyone alike"}
_EVENT = "interaction."  # how the names of contact events begin


class Row(NamedTuple):
    """One row that may be over, and the place after which the next page begins."""

    customer: CustomerId
    gathered_at: datetime  # of a contact event: when it happened
    verified_at: datetime | None
    row_id: UUID  # of a value: its customer


class Count(NamedTuple):
    """How much is stored under one name."""

    name: str
    rows: int
    oldest: datetime


async def rows_before(
    conn: Conn,
    name: str,
    *,
    before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Return rows of one name that began at or before a moment, the oldest first.

    Args:
        conn: any connection.
        name: a field or `interaction.KIND`.
        before: inclusive; None for every row.
        after: time and id of the last row of the page before; None for the first page.
        limit: rows in the page.
    """
    statement = _events(name, before) if name.startswith(_EVENT) else _values(name, before)
    at, row_id = statement.selected_columns[1], statement.selected_columns[3]
    if after is not None:
        later = or_(at > after[0], and_(at == after[0], row_id > after[1]))
        statement = statement.where(at >= after[0], later)
    statement = statement.order_by(at, row_id).limit(limit).execution_options(**_WHY)
    return [Row(*row) for row in await conn.execute(statement)]


async def counts(conn: Conn) -> list[Count]:
    """Return how many values and contact events there are under each name, and the oldest."""
    of_fields = select(value.c.field, func.count(), func.min(value.c.gathered_at)).group_by(
        value.c.field
    )
    of_kinds = select(interaction.c.kind, func.count(), func.min(interaction.c.at)).group_by(
        interaction.c.kind
    )
    why = {"sweep": "counts for an operator"}
    fields = [Count(*row) for row in await conn.execute(of_fields.execution_options(**why))]
    kinds = [
        Count(f"{_EVENT}{kind}", rows, oldest)
        for kind, rows, oldest in await conn.execute(of_kinds.execution_options(**why))
    ]
    return sorted((*fields, *kinds))


async def count_owners(conn: Conn, names: Sequence[str]) -> int:
    """Return how many customers have something under any of these names."""
    fields = [one for one in names if not one.startswith(_EVENT)]
    kinds = [one.removeprefix(_EVENT) for one in names if one.startswith(_EVENT)]
    of_fields = select(value.c.customer_id).where(value.c.field.in_(fields))
    of_kinds = select(interaction.c.customer_id).where(interaction.c.kind.in_(kinds))
    both = of_fields.union(of_kinds).subquery()
    statement = (
        select(func.count()).select_from(both).execution_options(sweep="a count for a dry run")
    )
    return int((await conn.execute(statement)).scalar_one())


def _values(name: str, before: datetime | None) -> Select[Any]:
    statement = select(
        value.c.customer_id,
        value.c.gathered_at,
        value.c.verified_at,
        value.c.customer_id.label("row_id"),
    ).where(value.c.field == name)
    if before is None:
        return statement
    confirmed = or_(value.c.verified_at.is_(None), value.c.verified_at <= before)
    return statement.where(value.c.gathered_at <= before, confirmed)


def _events(name: str, before: datetime | None) -> Select[Any]:
    statement = select(
        interaction.c.customer_id,
        interaction.c.at,
        null().label("verified_at"),
        interaction.c.interaction_id,
    ).where(interaction.c.kind == name.removeprefix(_EVENT))
    return statement if before is None else statement.where(interaction.c.at <= before)


async def holds(conn: Conn) -> list[HoldRow]:
    """Return the legal holds of all customers: few, and each of them somebody's to end."""
    statement = (
        select(legal_hold)
        .order_by(legal_hold.c.until, legal_hold.c.customer_id, legal_hold.c.hold_id)
        .execution_options(sweep="staff end holds of whichever customer")
    )
    return [HoldRow(*row) for row in await conn.execute(statement)]


async def forget_holds(conn: Conn, *, now: datetime) -> int:
    """Delete the holds that are over."""
    statement = delete(legal_hold).where(legal_hold.c.until <= now).execution_options(**_WHY)
    return (await conn.execute(statement)).rowcount
