"""Insert many rows at once: by COPY on PostgreSQL, by one statement elsewhere.

COPY reads no ON CONFLICT: it is for rows whose key nobody else can have, such as those of customers
who are made in this very transaction. A key that is there already ends the transaction.
Source: performance note, 10.
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, insert

from vault.store.dialect import POSTGRESQL
from vault.store.engine import Conn, driver_within
from vault.store.metadata import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import DataclassInstance

FEW: Final = 20  # rows that an INSERT is as quick for


def is_bulk(conn: Conn, rows: "Sequence[object]") -> bool:
    """Say whether the driver itself should be given so many rows or keys."""
    return conn.dialect.name == POSTGRESQL and len(rows) >= FEW


async def fetch(conn: Conn, statement: str, *parameters: object) -> list[Any]:
    """Run one text on PostgreSQL's driver within the transaction, for any number of keys."""
    rows: list[Any] = await (await driver_within(conn)).fetch(statement, *parameters)
    return rows


async def add(
    conn: Conn, table: Table, rows: "Sequence[DataclassInstance]", **stamps: object
) -> None:
    """Insert rows, whose attributes stand in the order of the table's columns.

    Args:
        conn: the transaction.
        table: where the rows go.
        rows: of one type.
        stamps: what the rows do not carry, the same for all.

    Raises:
        ConflictError: by the commit's translation, when a key is there already.
    """
    if not rows:
        return
    if not is_bulk(conn, rows):
        await conn.execute(insert(table), [columns_of(table, row, **stamps) for row in rows])
        return
    driver = await driver_within(conn)
    values, last = _values_of(type(rows[0])), tuple(stamps.values())
    names = [name for name in table.c.keys() if name not in stamps]  # noqa: SIM118  not a dict
    await driver.copy_records_to_table(
        table.name, records=((*values(row), *last) for row in rows), columns=[*names, *stamps]
    )


async def add_values(conn: Conn, table: Table, rows: "Sequence[tuple[Any, ...]]") -> None:
    """Insert rows given as their values, in the order of the table's columns; errors as for `add`."""
    if not rows:
        return
    names = list(table.c.keys())
    if not is_bulk(conn, rows):
        await conn.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    driver = await driver_within(conn)
    await driver.copy_records_to_table(table.name, records=rows, columns=names)


@lru_cache(maxsize=64)
def _values_of(kind: "type[DataclassInstance]") -> "Callable[[Any], tuple[Any, ...]]":
    return attrgetter(*(one.name for one in fields(kind)))
