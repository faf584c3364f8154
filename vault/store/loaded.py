"""Ask for all that decisions about many customers need, in one statement of plain rows.

Rows of four tables come in one shape: the place of the ask, which table it is, then cells that a
table's columns share with others of their type, and NULL where a table has none. An array of
records for each customer would say the same, but a record names the type of every cell anew, and
most of what it costs to make one and to read it is that.
Source: performance note, 2 and 8.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    TableValuedAlias,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import column as plain
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg
from sqlalchemy.types import TypeEngine

from vault.store.consent import ConsentRow, consent
from vault.store.customer import KEY, STANDING, CustomerKeyRow, StandingRow, customer_key, standing
from vault.store.types import UtcTime
from vault.store.value import ROW, ValueRow, value

# What a cell is sent as; one that is not named here cannot be loaded.
_SENT_AS: Final[tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any]], ...]] = (
    (Uuid, Uuid()),
    (Boolean, Boolean()),
    (Integer, BigInteger()),
    (LargeBinary, LargeBinary()),
    (String, String()),
    (UtcTime, UtcTime()),
)


class _Part(NamedTuple):
    table: Table
    row: Callable[..., Any]
    columns: Sequence[Column[Any]]  # in the order of the row's attributes; whose it is says the ask


@dataclass(slots=True, unsafe_hash=True)
class Loaded:
    """All rows that a decision about one customer needs; tuples are in no particular order."""

    standing: StandingRow | None  # None beside other rows: broken, deny everything
    keys: tuple[CustomerKeyRow, ...]
    consents: tuple[ConsentRow, ...]  # current ones
    values: tuple[ValueRow, ...]


def read(rows: Iterable[Sequence[Any]], asks: Sequence[UUID]) -> list[Loaded | None]:
    """Return what the rows of the statement say of each ask; None for one that has no row at all."""
    parts: list[tuple[list[Any], ...]] = [([], [], [], []) for _ in asks]
    for row in rows:
        place, number = row[0] - 1, row[1]
        make, cells = _MADE[number]
        parts[place][number].append(make(asks[place], *cells(row)))
    return [
        Loaded(standings[0] if standings else None, tuple(keys), tuple(consents), tuple(values))
        if values or standings or keys or consents
        else None
        for values, standings, keys, consents in parts
    ]


def parameters(asks: Sequence[UUID], fields: Iterable[str] | None) -> list[Any]:
    """Return the parameters of `AT_ONCE` in their order."""
    given = {"asks": asks, "fields": None if fields is None else sorted(fields)}
    return [given[name] for name in _PARAMETERS]


def parameters_on_sqlite(asks: Sequence[UUID], fields: Iterable[str] | None) -> dict[str, Any]:
    """Return the parameters of `ON_SQLITE`."""
    return {
        "asks": json.dumps([one.hex for one in asks]),
        "fields": None if fields is None else json.dumps(sorted(fields)),
    }


def _cells(parts: Iterable[_Part]) -> tuple[list[TypeEngine[Any]], list[list[int]]]:
    """Give each column of each table a cell of its type; return the cells, and each table's."""
    cells: list[TypeEngine[Any]] = []
    taken: list[list[int]] = []
    for part in parts:
        mine: list[int] = []
        for one in part.columns:
            sent = next(sent for kind, sent in _SENT_AS if isinstance(one.type, kind))
            free = (n for n, cell in enumerate(cells) if cell is sent and n not in mine)
            mine.append(next(free, len(cells)))
            if mine[-1] == len(cells):
                cells.append(sent)
        taken.append(mine)
    return cells, taken


def _union(
    asked: TableValuedAlias,
    place: ColumnElement[int],
    customer: ColumnElement[Any],
    of_fields: ColumnElement[bool],
    *,
    send: Callable[[Any, TypeEngine[Any]], ColumnElement[Any]],
) -> CompoundSelect[Any]:
    """Return the one statement; its columns have one definition, the tables'."""

    def rows(number: int, *where: ColumnElement[bool]) -> Select[Any]:
        table = _PARTS[number].table
        own = dict(zip(_TAKEN[number], _PARTS[number].columns, strict=True))
        row = [send(own.get(cell, null()), kind) for cell, kind in enumerate(_CELLS)]
        return (
            select(place, literal_column(str(number)), *row)
            .join_from(asked, table, table.c.customer_id == customer)
            .where(*where)
        )

    return union_all(rows(0, of_fields), rows(1), rows(2), rows(3, consent.c.current))


def _at_once() -> tuple[str, list[str]]:
    """Compile the statement for PostgreSQL's driver; return it and its parameters' names in order.

    There a NULL needs a type of its own, and so does an integer that shares a wider one's cell.
    """
    asked = (
        func.unnest(bindparam("asks", type_=ARRAY(Uuid)))
        .table_valued(plain("id", Uuid), with_ordinality="place")
        .render_derived(name="asked")
    )
    fields = bindparam("fields", type_=ARRAY(String))
    of_fields = or_(fields.is_(None), value.c.field == any_(fields))
    statement = _union(asked, asked.c.place, asked.c.id, of_fields, send=cast)
    compiled = statement.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), list(compiled.positiontup or ())


def _on_sqlite() -> CompoundSelect[Any]:
    """Return the statement for SQLite, which takes a list as JSON and has types for values alone."""
    asked = func.json_each(bindparam("asks")).table_valued("key", "value", name="asked")
    field = func.json_each(bindparam("fields")).table_valued("value")
    of_fields = or_(bindparam("fields").is_(None), value.c.field.in_(select(field.c.value)))
    return _union(asked, asked.c.key + 1, asked.c.value, of_fields, send=type_coerce)


# The widest table first: the others find their cells there. A row says its table by the number.
_PARTS: Final = (
    _Part(value, ValueRow, ROW[1:]),
    _Part(standing, StandingRow, STANDING[1:]),
    _Part(customer_key, CustomerKeyRow, KEY[1:]),
    _Part(consent, ConsentRow, list(consent.c)[1:]),
)
_CELLS, _TAKEN = _cells(_PARTS)
_MADE: Final = [
    (part.row, itemgetter(*(2 + place for place in mine)))
    for part, mine in zip(_PARTS, _TAKEN, strict=True)
]
AT_ONCE, _PARAMETERS = _at_once()
ON_SQLITE: Final = _on_sqlite()
