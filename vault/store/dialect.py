"""Say the few things that SQLite and PostgreSQL spell differently.

Everything else in the store is one Core statement for both.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from vault.store.engine import Conn

Insert = postgresql.Insert | sqlite.Insert
POSTGRESQL: Final = "postgresql"


def insert(conn: Conn | Connection, table: Table) -> Insert:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if conn.dialect.name == POSTGRESQL:
        return postgresql.insert(table)
    return sqlite.insert(table)


def one_of(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return `column is one of :name`, the same text for any number of values.

    The parameter is what `many` makes. One text means one prepared statement.
    """
    if dialect == POSTGRESQL:
        return column == any_(bindparam(name, type_=postgresql.ARRAY(column.type)))
    items = func.json_each(bindparam(name)).table_valued("value")
    return column.in_(select(items.c.value))


def many(dialect: str, values: Sequence[UUID] | Sequence[str]) -> object:
    """Return the parameter for `one_of`: an array, or JSON of what SQLite stores."""
    if dialect == POSTGRESQL:
        return list(values)
    return json.dumps([value.hex if isinstance(value, UUID) else value for value in values])
