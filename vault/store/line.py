"""Keep one connection straight to PostgreSQL's driver, for the one task that owns it.

The two gates run few, hot statements, one at a time, each its own transaction: SQLAlchemy's part,
BEGIN and a second round trip would cost more than the statement. Everything else goes through
SQLAlchemy. A connection that broke is thrown away and made anew by the next statement.
Source: performance note, 5.3 and 8.
"""

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from vault.core.errors import BusyError
from vault.store.cluster import is_cluster
from vault.store.dialect import POSTGRESQL
from vault.store.engine import Database
from vault.store.errors import DRIVER_ERRORS, spoils, translated

# Every statement looks rows up by key, whatever their number: planning it anew each time would cost
# as much as running it, and a plan that was made while a table was small would read it whole for as
# long as the connection lives.
_BY_KEY: Final = (
    "plan_cache_mode TO force_generic_plan",
    "enable_seqscan TO off",
    "enable_hashjoin TO off",
    "enable_mergejoin TO off",
)


class Line:
    """One connection of one task; never shared."""

    def __init__(self, database: Database, *, flushed: bool = True) -> None:
        """Connect nothing yet.

        Args:
            database: PostgreSQL, or the line is never `usable`.
            flushed: whether a commit waits for the disk. Only claims of proofs may do without: the
                record that follows, later in the same log, makes them durable before any value is
                opened.
        """
        self._database = database
        self._flushed = flushed
        self._usable: bool | None = None if database.dialect == POSTGRESQL else False
        self._conn: AsyncConnection | None = None
        self._driver: Any = None

    async def usable(self) -> bool:
        """Say whether one statement may touch several families: not on SQLite nor on a cluster.

        Raises:
            DRIVER_ERRORS: the first time, when the database cannot be reached.
        """
        if self._usable is None:
            async with self._database.reader.connect() as conn:
                self._usable = not await is_cluster(conn)
        return self._usable

    async def or_none(self) -> "Line | None":
        """Return itself where it is usable.

        Raises:
            BusyError: the database cannot be reached.
        """
        with translated():
            return self if await self.usable() else None

    async def fetch(self, statement: str, *parameters: object) -> list[Any]:
        """Run one text, which is its own transaction; the driver keeps it prepared.

        Raises:
            DRIVER_ERRORS: the caller translates; after a lost answer the outcome is unknown.
        """
        try:
            driver = self._driver or await self._connect()
            rows: list[Any] = await driver.fetch(statement, *parameters)
        except DRIVER_ERRORS as error:
            if spoils(error):
                await self.close()
            raise
        return rows

    async def close(self) -> None:
        """Close the connection; it is never given back to the pool, for its settings are its own."""
        conn, self._conn, self._driver = self._conn, None, None
        if conn is not None:
            await conn.invalidate()
            await conn.close()

    async def _connect(self) -> Any:  # noqa: ANN401  the driver ships no types
        self._conn = await self._database.writer.connect()
        driver = (await self._conn.get_raw_connection()).driver_connection
        if driver is None:
            raise BusyError
        for setting in _BY_KEY:
            await driver.execute(f"SET {setting}")
        if not self._flushed:
            await driver.execute("SET synchronous_commit TO off")
        self._driver = driver
        return driver
