"""Count by day what each app asked for and was given: names of the code, never a customer.

Counts come in by additions, so that any number of processes may add to the same day.
Source: consent-standards note, 9.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, String, Table, delete, func, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Name

app_use = Table(
    "app_use",
    metadata,
    column("app", Name, "policy", primary_key=True),
    column("day", Date, "time", primary_key=True),  # UTC
    column("purpose", Name, "policy", primary_key=True),
    column("action", String(16), "policy", primary_key=True),
    column("name", Name, "policy", primary_key=True),  # field, or "interaction.kind"
    column("asked", BigInteger, "count"),
    column("given", BigInteger, "count"),
    info={"shard": words.lookup("app")},
)


@dataclass(frozen=True, slots=True)
class UseRow:
    """What one app asked for by one name on one day."""

    app: str
    day: date
    purpose: str
    action: str
    name: str
    asked: int
    given: int


@dataclass(frozen=True, slots=True)
class Used:
    """What one app asked for by one name over some days."""

    purpose: str
    action: str
    name: str
    asked: int
    given: int
    last: date


async def add(conn: Conn, rows: Sequence[UseRow]) -> None:
    """Add to the counts. One statement."""
    if not rows:
        return
    # In one order, so that two processes wait for each other and never in a ring.
    ordered = sorted(rows, key=lambda row: (row.app, row.day, row.purpose, row.action, row.name))
    values = insert(conn, app_use).values([columns_of(app_use, row) for row in ordered])
    statement = values.on_conflict_do_update(
        index_elements=["app", "day", "purpose", "action", "name"],
        set_={
            "asked": app_use.c.asked + values.excluded.asked,
            "given": app_use.c.given + values.excluded.given,
        },
    )
    await conn.execute(statement)


async def since(conn: Conn, app: str, *, first: date) -> list[Used]:
    """Return what an app asked for from `first` on, by purpose, action and name."""
    use = app_use.c
    statement = (
        select(
            use.purpose,
            use.action,
            use.name,
            func.sum(use.asked),
            func.sum(use.given),
            func.max(use.day),
        )
        .where(use.app == app, use.day >= first)
        .group_by(use.purpose, use.action, use.name)
        .order_by(use.purpose, use.action, use.name)
    )
    return [
        Used(purpose, action, name, int(asked), int(given), last)
        for purpose, action, name, asked, given, last in await conn.execute(statement)
    ]


async def first_day(conn: Conn) -> date | None:
    """Return the first day that is counted for any app; None before there is one."""
    found: date | None = (await conn.execute(select(func.min(app_use.c.day)))).scalar_one()
    return found


async def prune(conn: Conn, *, before: date) -> int:
    """Delete the counts of days before this one; returns how many went."""
    return (await conn.execute(delete(app_use).where(app_use.c.day < before))).rowcount
