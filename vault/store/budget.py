"""Count how many customers an app asked about in a day: one row an app and day.

What a process took counts as used, whether or not it was spent. No statement can take a row past
the budget, however many processes take at the same time.
Source: security note, 9.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import BigInteger, Date, Table, delete, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, metadata
from vault.store.types import Name

app_budget = Table(
    "app_budget",
    metadata,
    column("app", Name, "policy", primary_key=True),
    column("day", Date, "time", primary_key=True),  # UTC
    column("used", BigInteger, "count"),  # customers
    info={"shard": words.lookup("app")},
)


async def used(conn: Conn, app: str, day: date) -> int:
    """Return what was taken of an app's day."""
    statement = select(app_budget.c.used).where(app_budget.c.app == app, app_budget.c.day == day)
    return int((await conn.execute(statement)).scalar_one_or_none() or 0)


async def take(conn: Conn, app: str, day: date, *, count: int, limit: int) -> bool:
    """Take so many of an app's day; False when they are not left, and nothing is taken."""
    if count > limit:  # the insert below has no such check
        return False
    counted = insert(conn, app_budget).values(app=app, day=day, used=count)
    taken = counted.on_conflict_do_update(
        index_elements=["app", "day"],
        set_={"used": app_budget.c.used + count},
        where=app_budget.c.used + count <= limit,
    ).returning(app_budget.c.used)
    return (await conn.execute(taken)).one_or_none() is not None


async def since(conn: Conn, app: str, *, first: date) -> Mapping[date, int]:
    """Return what was taken of an app's days from `first` on; days without any are left out."""
    statement = select(app_budget.c.day, app_budget.c.used).where(
        app_budget.c.app == app, app_budget.c.day >= first
    )
    return {row.day: row.used for row in await conn.execute(statement)}


async def of_day(conn: Conn, day: date) -> Mapping[str, int]:
    """Return what was taken of one day, by app."""
    statement = select(app_budget.c.app, app_budget.c.used).where(app_budget.c.day == day)
    return {row.app: row.used for row in await conn.execute(statement)}


async def prune(conn: Conn, *, before: date) -> int:
    """Delete the counts of days before this one; returns how many went."""
    return (await conn.execute(delete(app_budget).where(app_budget.c.day < before))).rowcount
