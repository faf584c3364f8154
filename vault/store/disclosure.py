"""Load what a decision about many customers needs, and note which apps were told of whom.

`load_many` answers in the order of the asks and sees one moment, for it is one statement. Its text
is the same for any number of asks, so it is prepared once. It judges nothing: a missing or edited
row is handed on as it is.
Source: performance note, 5 and 8; oauth note, 11.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Table, select

from vault.core.ids import CustomerId
from vault.store import loaded
from vault.store.customer import standing
from vault.store.dialect import POSTGRESQL, insert
from vault.store.engine import Conn, fetch
from vault.store.line import Line
from vault.store.loaded import Loaded
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Id, Name, UtcTime

__all__ = ["Loaded", "load_apps", "load_at_once", "load_many", "note"]

disclosure = Table(
    "disclosure",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("app", Name, "policy", primary_key=True),
    column("first_at", UtcTime, "time"),
    info={"shard": CUSTOMER},
)


async def load_many(
    conn: Conn, asks: Sequence[UUID], *, fields: Collection[str] | None = None
) -> list[Loaded | None]:
    """Return what is stored of each customer asked for, in that order; None for an unknown one.

    Args:
        conn: `Database.connect`, or a unit that has locked the standing rows.
        asks: customer ids; one may stand there twice.
        fields: only these values; None for all.
    """
    if not asks:
        return []
    if conn.dialect.name == POSTGRESQL:
        return loaded.read(
            await fetch(conn, loaded.AT_ONCE, *loaded.parameters(asks, fields)), asks
        )
    given = loaded.parameters_on_sqlite(asks, fields)
    return loaded.read(await conn.execute(loaded.ON_SQLITE, given), asks)


async def note(conn: Conn, pairs: Sequence[tuple[CustomerId, str]], *, at: datetime) -> None:
    """Note that apps were given something of customers; the first time counts."""
    if not pairs:
        return
    statement = insert(conn, disclosure).on_conflict_do_nothing()
    given = [
        {"customer_id": customer, "app": app, "first_at": at}
        for customer, app in sorted(set(pairs))
    ]
    await conn.execute(statement, given)


async def load_apps(conn: Conn, customer: CustomerId) -> dict[str, datetime]:
    """Return the apps that were given something of a customer, and since when."""
    statement = (
        select(disclosure.c.app, disclosure.c.first_at)
        .where(disclosure.c.customer_id == customer)
        .order_by(disclosure.c.app)
    )
    return {row.app: row.first_at for row in await conn.execute(statement)}


async def load_at_once(line: Line, asks: Sequence[UUID]) -> list[Loaded | None]:
    """Do what `load_many` does for all fields, in one statement that is its own snapshot.

    Raises:
        DRIVER_ERRORS: the caller translates.
    """
    if not asks:
        return []
    return loaded.read(await line.fetch(loaded.AT_ONCE, *loaded.parameters(asks, None)), asks)
