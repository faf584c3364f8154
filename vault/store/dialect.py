"""Say the few things that SQLite and PostgreSQL spell differently.

Everything else in the store is one Core statement for both.
"""

from typing import Final

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from vault.store.engine import Conn

Insert = postgresql.Insert | sqlite.Insert
POSTGRESQL: Final = "postgresql"


def insert(conn: Conn | Connection, table: Table) -> Insert:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if conn.dialect.name == POSTGRESQL:
        return postgresql.insert(table)
    return sqlite.insert(table)
