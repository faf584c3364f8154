"""Bring a database to the newest schema, and tell whether it is there.

One transaction for all steps that are missing, so a migration killed half way leaves the schema
as it was. It runs as the owner's role and without a time limit for statements.
Source: docs/scale.md, migrations; ecosystem note, 4.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from vault.core.errors import ConflictError, StoreDefectError
from vault.store import commit
from vault.store.engine import Conn, open_database

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS: Final = "alembic_version"  # the table that says how far the schema has come


async def upgrade(url: str) -> frozenset[str]:
    """Create or upgrade the tables of the database at `url`, which may be empty.

    Returns:
        The steps that the schema was at before; empty for an empty database.

    Raises:
        BusyError: the database does not answer.
        NotReadyError: the URL cannot be used.
    """
    database = open_database(url, patient=True)
    try:
        try:
            return await commit.request(database, lambda conn: conn.run_sync(_upgrade))
        except (ConflictError, StoreDefectError):
            # Somebody else created the first table at the same moment, so there is one to lock; how
            # PostgreSQL says it depends on how far they were. Another defect comes up again.
            return await commit.request(database, lambda conn: conn.run_sync(_upgrade))
    finally:
        await database.dispose()


async def at_head(conn: Conn) -> bool:
    """Tell whether the schema is exactly the one that this program was written for."""
    return await conn.run_sync(_current) == _heads()


def _upgrade(connection: Connection) -> frozenset[str]:
    from alembic import command

    if connection.dialect.name == "postgresql" and inspect(connection).has_table(VERSIONS):
        # Two that upgrade at once go one after the other; SQLite's BEGIN IMMEDIATE does the same.
        connection.execute(text(f"LOCK TABLE {VERSIONS} IN EXCLUSIVE MODE"))
    config = _config()
    config.attributes["connection"] = connection
    before = _current(connection)
    command.upgrade(config, "head")
    return before


def _current(connection: Connection) -> frozenset[str]:
    from alembic.runtime.migration import MigrationContext

    return frozenset(MigrationContext.configure(connection).get_current_heads())


@cache
def _heads() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "vault:migrations")
    config.set_main_option("path_separator", "os")
    return config
