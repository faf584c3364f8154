"""Load what a decision about many customers needs, and note which apps were told of whom.

`load_many` answers in the order of the asks, four statements for any number of them. All four
must see one moment: use it on `Database.connect`, or in a unit that has locked the standing row.
It judges nothing: a missing or edited row is handed on as it is.
Source: performance note, 5 and 8; oauth note, 11.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Row, Select, Table, select

from vault.core.ids import CustomerId
from vault.store.consent import ConsentRow, consent
from vault.store.customer import CustomerKeyRow, StandingRow, customer_key, standing
from vault.store.dialect import insert, many, one_of
from vault.store.engine import Conn
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
        conn: a connection that sees one snapshot.
        asks: customer ids; one may stand there twice.
        fields: only these values; None for all.
    """
    if not asks:
        return []
    dialect = conn.dialect.name
    given = {"asks": many(dialect, list(dict.fromkeys(asks)))}
    statements = _STATEMENTS[dialect]
    standings = {
        row.customer_id: StandingRow(*row) for row in await conn.execute(statements[0], given)
    }
    keys = _by_customer(CustomerKeyRow, await conn.execute(statements[1], given))
    consents = _by_customer(ConsentRow, await conn.execute(statements[2], given))
    if fields is not None:
        given["fields"] = many(dialect, sorted(fields))
    values = _by_customer(
        ValueRow, await conn.execute(statements[3 if fields is None else 4], given)
    )
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


def _by_customer(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> dict[UUID, list[T]]:
    grouped: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(kind(*row))
    return grouped


def _statements(dialect: str) -> tuple[Select[Any], ...]:
    def of(table: Table) -> Select[Any]:
        return select(table).where(one_of(dialect, table.c.customer_id, "asks"))

    return (
        of(standing),
        of(customer_key),
        of(consent).where(consent.c.current),
        of(value),
        of(value).where(one_of(dialect, value.c.field, "fields")),
    )


_STATEMENTS = {dialect: _statements(dialect) for dialect in ("postgresql", "sqlite")}
