"""Load what a decision about many customers needs, and note which apps were told of whom.

`load_many` answers in the order of the asks and sees one moment: PostgreSQL is asked in one
statement, SQLite in four within one transaction. The text of either is the same for any number of
asks, so it is prepared once. It judges nothing: a missing or edited row is handed on as it is.
Source: performance note, 5 and 8; oauth note, 11.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Row,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy import column as plain
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg

from vault.core.ids import CustomerId
from vault.store.consent import ConsentRow, consent
from vault.store.customer import CustomerKeyRow, StandingRow, customer_key, standing
from vault.store.dialect import POSTGRESQL, insert
from vault.store.engine import Conn, fetch
from vault.store.line import Line
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Id, Name, UtcTime
from vault.store.value import ValueRow, value

T = TypeVar("T")

disclosure = Table(
    "disclosure",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("app", Name, "policy", primary_key=True),
    column("first_at", UtcTime, "time"),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All rows that a decision about one customer needs; tuples are in no particular order."""

    standing: StandingRow | None  # None beside other rows: broken, deny everything
    keys: tuple[CustomerKeyRow, ...]
    consents: tuple[ConsentRow, ...]  # current ones
    values: tuple[ValueRow, ...]


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
        return await _load_at_once(conn, asks, fields)
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
    given = {"asks": asks, "fields": None}
    return [
        _loaded(row) for row in await line.fetch(_AT_ONCE, *(given[one] for one in _PARAMETERS))
    ]


async def _load_at_once(
    conn: Conn, asks: Sequence[UUID], fields: Collection[str] | None
) -> list[Loaded | None]:
    given = {"asks": asks, "fields": None if fields is None else sorted(fields)}
    rows = await fetch(conn, _AT_ONCE, *(given[name] for name in _PARAMETERS))
    return [_loaded(row) for row in rows]


def _loaded(row: Sequence[Any]) -> Loaded | None:
    """Read one row of `_at_once`: the standing row's columns, then three lists of records."""
    *of_standing, keys, consents, values = row
    is_missing = of_standing[0] is None
    if is_missing and keys is None and consents is None and values is None:
        return None
    return Loaded(
        None if is_missing else StandingRow(*of_standing),
        tuple([CustomerKeyRow(*one) for one in keys or ()]),
        tuple([ConsentRow(*one) for one in consents or ()]),
        tuple([ValueRow(*one) for one in values or ()]),
    )


def _at_once() -> tuple[str, list[str]]:
    """Compile the one statement; its columns have one definition, the tables'.

    Returns:
        the text, and the names of its parameters in their order.
    """
    asked = (
        func.unnest(bindparam("asks", type_=ARRAY(Uuid)))
        .table_valued(plain("id", Uuid), with_ordinality="place")
        .render_derived(name="asked")
    )
    fields = bindparam("fields", type_=ARRAY(String))

    def rows(table: Table, *where: ColumnElement[bool]) -> ColumnElement[Any]:
        records = func.array_agg(func.row(*table.c))
        own = table.c.customer_id == asked.c.id
        return select(records).where(own, *where).scalar_subquery()

    statement = (
        select(
            *standing.c,
            rows(customer_key),
            rows(consent, consent.c.current),
            rows(value, or_(fields.is_(None), value.c.field == any_(fields))),
        )
        .select_from(asked.outerjoin(standing, standing.c.customer_id == asked.c.id))
        .order_by(asked.c.place)
    )
    compiled = statement.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), list(compiled.positiontup or ())


_AT_ONCE, _PARAMETERS = _at_once()


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
    loaded = {
        customer: Loaded(
            standings.get(customer),
            tuple(keys.get(customer, ())),
            tuple(consents.get(customer, ())),
            tuple(values.get(customer, ())),
        )
        for customer in known
    }
    return [loaded.get(customer) for customer in asks]


def _by_customer(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> dict[UUID, list[T]]:
    grouped: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(kind(*row))
    return grouped


def _one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return `column is in the JSON list :name`, the same text for a list of any length."""
    items = func.json_each(bindparam(name)).table_valued("value")
    return column.in_(select(items.c.value))


_OF_STANDING = select(standing).where(_one_of(standing.c.customer_id, "asks"))
_OF_KEYS = select(customer_key).where(_one_of(customer_key.c.customer_id, "asks"))
_OF_CONSENTS = select(consent).where(_one_of(consent.c.customer_id, "asks"), consent.c.current)
_OF_VALUES = select(value).where(_one_of(value.c.customer_id, "asks"))
