"""Load what a decision about many customers needs, and note which apps were told of whom.

`load_many` answers in the order of the asks and sees one moment: PostgreSQL is asked in one
statement, SQLite in four within one transaction. The text of either is the same for any number of
asks, so it is prepared once. It judges nothing: a missing or edited row is handed on as it is.
Source: performance note, 5 and 8; oauth note, 11.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Row, Table, bindparam, func, select

from vault.core.ids import CustomerId
from vault.store import loaded
from vault.store.consent import ConsentRow, consent
from vault.store.customer import KEY, STANDING, CustomerKeyRow, StandingRow, customer_key, standing
from vault.store.dialect import POSTGRESQL, insert
from vault.store.engine import Conn, fetch
from vault.store.line import Line
from vault.store.loaded import Loaded
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Id, Name, UtcTime
from vault.store.value import ROW, ValueRow, value

__all__ = ["Loaded", "load_apps", "load_at_once", "load_many", "note"]

T = TypeVar("T")

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
    return await _load_by_table(conn, asks, fields)


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


async def _load_by_table(
    conn: Conn, asks: Sequence[UUID], fields: Collection[str] | None
) -> list[Loaded | None]:
    given = {"asks": json.dumps([one.hex for one in dict.fromkeys(asks)])}
    standings = {
        row.customer_id: StandingRow(*row) for row in await conn.execute(_OF_STANDING, given)
    }
    keys = _by_customer(CustomerKeyRow, await conn.execute(_OF_KEYS, given))
    consents = _by_customer(ConsentRow, await conn.execute(_OF_CONSENTS, given))
    of_values = _OF_VALUES
    if fields is not None:
        given["fields"] = json.dumps(sorted(fields))
        of_values = _OF_VALUES.where(_one_of(value.c.field, "fields"))
    values = _by_customer(ValueRow, await conn.execute(of_values, given))
    known = standings.keys() | keys.keys() | consents.keys() | values.keys()
    everyone = {
        customer: Loaded(
            standings.get(customer),
            tuple(keys.get(customer, ())),
            tuple(consents.get(customer, ())),
            tuple(values.get(customer, ())),
        )
        for customer in known
    }
    return [everyone.get(customer) for customer in asks]


def _by_customer(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> dict[UUID, list[T]]:
    grouped: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(kind(*row))
    return grouped


def _one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return `column is in the JSON list :name`, the same text for a list of any length."""
    items = func.json_each(bindparam(name)).table_valued("value")
    return column.in_(select(items.c.value))


_OF_STANDING = select(*STANDING).where(_one_of(standing.c.customer_id, "asks"))
_OF_KEYS = select(*KEY).where(_one_of(customer_key.c.customer_id, "asks"))
_OF_CONSENTS = select(consent).where(_one_of(consent.c.customer_id, "asks"), consent.c.current)
_OF_VALUES = select(*ROW).where(_one_of(value.c.customer_id, "asks"))
