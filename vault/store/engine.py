"""Open the database and set it so that what is committed stays committed.

Decides drivers, pools, time limits and SQLite's pragmas. It refuses to know any table, and it
never commits: `connect` gives a view that can only read, `commit.py` alone uses `writing`.
On SQLite one connection of the process writes and writers queue for it here; other processes
are met by BEGIN IMMEDIATE and the busy timeout.
Source: DESIGN 6; docs/architecture.md, store.
"""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from vault.core.errors import BusyError, NotReadyError
from vault.store.errors import DRIVER_ERRORS, spoils, translated

Conn = AsyncConnection
SyncConn = Connection  # of the same transaction, for hooks that cannot wait
T = TypeVar("T")

STATEMENT_SECONDS: Final = 2  # one statement of a request; a migration has no limit
CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 8  # a server that went silent; longer than its own statement limit
WRITER_SECONDS: Final = 5  # how long a writer queues for SQLite's one writing connection
IDLE_SECONDS: Final = 10  # a stopped leader must not keep its lock for longer
POOL: Final = 10  # connections to read and to write each; who finds none free waits for one

_PRAGMAS: Final = (
    "PRAGMA busy_timeout=5000",  # ms that a lock of another process is waited for
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL may lose acknowledged commits at power loss
    "PRAGMA secure_delete=ON",  # an erased key must not stay in a free page
    "PRAGMA trusted_schema=OFF",
)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: its dialect, a pool to read with and a way to write.

    `dialect` is "sqlite" or "postgresql". It belongs to one event loop.
    """

    dialect: str
    reader: AsyncEngine
    writer: AsyncEngine
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Conn]:
        """Give a connection whose statements see one snapshot and cannot write.

        The snapshot is taken by the first statement, not by `connect`.

        Raises:
            BusyError: when the database cannot be reached or does not answer in time.
        """
        with translated():
            async with self.reader.connect() as conn:
                try:
                    yield conn
                except DRIVER_ERRORS as error:
                    if spoils(error):
                        await conn.invalidate()
                    raise

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Conn]:
        """Give a connection that may write; for `commit.py` and the migrations alone.

        Raises:
            BusyError: when the queue of writers does not move.
        """
        if self.dialect == "postgresql":
            async with self.writer.connect() as conn:
                yield conn
            return
        try:
            async with asyncio.timeout(WRITER_SECONDS):
                await self.queue.acquire()
        except TimeoutError:
            raise BusyError from None
        try:
            async with self.writer.connect() as conn:
                yield conn
        finally:
            self.queue.release()

    async def now(self, conn: Conn) -> datetime:
        """Return the database's clock, for leases, consent times and approvals."""
        return await now(conn)

    async def dispose(self) -> None:
        """Close every connection that is not in use."""
        await self.writer.dispose()
        await self.reader.dispose()


def open_database(url: str, *, patient: bool = False, slack: int = 1) -> Database:
    """Open `sqlite:///PATH` or `postgresql://…`; nothing is connected before the first use.

    Args:
        url: as the setting gives it; `?sslmode=` and `?sslrootcert=` are understood.
        patient: no time limit for statements, for migrations.
        slack: how many times the limits to wait; a machine that runs tests may stall.

    Raises:
        NotReadyError: for another kind of URL or an unknown parameter. The URL is not quoted.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        msg = "The database URL cannot be read. Write sqlite:///PATH or postgresql://…"
        raise NotReadyError(msg) from None
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed, patient=patient, slack=slack)
    msg = "The database is SQLite (sqlite:///PATH) or PostgreSQL (postgresql://…)."
    raise NotReadyError(msg)


async def now(conn: Conn) -> datetime:
    """Return the database's clock at this moment, not at the start of the transaction."""
    if conn.dialect.name == "postgresql":
        moment: datetime = (await conn.execute(text("SELECT clock_timestamp()"))).scalar_one()
        return moment.astimezone(UTC)
    said: str = (
        await conn.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))
    ).scalar_one()
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


async def fetch(conn: Conn, statement: str, *parameters: object) -> list[Any]:
    """Run one prepared text on PostgreSQL's driver itself: for the hottest statement alone.

    It saves SQLAlchemy's part and, outside of a transaction, BEGIN and ROLLBACK. The rows are the
    driver's. Errors are the driver's too and are translated where all are.
    """
    driver = (await conn.get_raw_connection()).driver_connection
    if driver is None:
        raise BusyError
    rows: list[Any] = await driver.fetch(statement, *parameters)
    return rows


async def driver_within(conn: Conn) -> Any:  # noqa: ANN401  asyncpg ships no types
    """Return PostgreSQL's driver itself, inside of the transaction of `conn`: for bulk alone.

    SQLAlchemy sends BEGIN with its own first statement, so what goes to the driver before would
    stand by itself.
    """
    driver = (await conn.get_raw_connection()).driver_connection
    if driver is None:
        raise BusyError
    if not driver.is_in_transaction():
        await conn.exec_driver_sql("SELECT 1")
    return driver


async def run_sync(conn: Conn, work: Callable[[Connection], T]) -> T:
    """Run blocking code, such as a hook of Authlib, on the transaction of `conn`."""
    return await conn.run_sync(work)


async def check_durability(conn: Conn) -> None:
    """Refuse a database that may forget what it acknowledged.

    Raises:
        NotReadyError: naming the setting that is off.
    """
    if conn.dialect.name == "sqlite":
        journal = (await conn.execute(text("PRAGMA journal_mode"))).scalar_one()
        level = (await conn.execute(text("PRAGMA synchronous"))).scalar_one()
        if journal != "wal" or level < 2:  # 2 is FULL
            msg = "SQLite must run with journal_mode=WAL and synchronous=FULL."
            raise NotReadyError(msg)
        return
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        value = (await conn.execute(text(f"SHOW {setting}"))).scalar_one()
        if value == "off":
            msg = f"PostgreSQL runs with {setting}=off and may lose commits. Set it to on."
            raise NotReadyError(msg)


def _open_sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        msg = "SQLite needs a file: sqlite:///PATH."
        raise NotReadyError(msg)
    _make_private(Path(url.database))
    location = URL.create("sqlite+aiosqlite", database=url.database)
    # isolation_level=None: Python's own late BEGIN is off, the two events below give ours.
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"isolation_level": None}}
    reader = create_async_engine(location, pool_size=POOL, max_overflow=0, **options)
    writer = create_async_engine(location, pool_size=1, max_overflow=0, **options)
    _prepare(reader, begin="BEGIN", pragmas=(*_PRAGMAS, "PRAGMA query_only=ON"))
    _prepare(writer, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS)
    return Database("sqlite", reader, writer)


def _make_private(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives the WAL the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError:
        msg = "The folder of the SQLite file does not exist or cannot be written."
        raise NotReadyError(msg) from None


def _prepare(engine: AsyncEngine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    def connected(dbapi_connection: Any, _: object) -> None:  # noqa: ANN401  no public type
        cursor = dbapi_connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", began)


def _open_postgresql(url: URL, *, patient: bool, slack: int) -> Database:
    query = dict(url.query)
    mode = str(query.pop("sslmode", "prefer"))
    roots = query.pop("sslrootcert", None)
    if query.keys() - {"host", "port"}:
        msg = "The database URL has a parameter that the vault does not know."
        raise NotReadyError(msg)
    options: dict[str, Any] = {
        "ssl": _tls(mode, str(roots) if roots else None),
        # A standby answers reads, and a decision on its stale rows would be a wrong one.
        "target_session_attrs": "primary",
        "timeout": CONNECT_SECONDS * slack,
        "command_timeout": None if patient else ANSWER_SECONDS * slack,
    }
    settings = {"application_name": "ownship", "jit": "off"}
    if not patient:
        settings["statement_timeout"] = f"{STATEMENT_SECONDS * slack}s"
        settings["idle_in_transaction_session_timeout"] = f"{IDLE_SECONDS * slack}s"
    reading = {
        "default_transaction_isolation": "repeatable read",
        "default_transaction_read_only": "on",
    }
    reader, writer = (
        create_async_engine(
            url.set(drivername="postgresql+asyncpg", query=query),
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=0,  # a server has some hundred connections for all processes
            pool_timeout=CONNECT_SECONDS * slack,
            pool_use_lifo=True,
            connect_args=options | {"server_settings": settings | more},
        )
        for more in (reading, {})
    )
    return Database("postgresql", reader, writer)


def _tls(mode: str, roots: str | None) -> ssl.SSLContext | str | bool:
    """Read libpq's `sslmode`; asyncpg knows it in a connection string alone."""
    if mode == "disable":
        return False
    if mode in {"allow", "prefer"}:
        return mode
    if mode not in {"require", "verify-ca", "verify-full"}:
        msg = "sslmode is disable, allow, prefer, require, verify-ca or verify-full."
        raise NotReadyError(msg)
    try:
        context = ssl.create_default_context(cafile=roots)
    except OSError:
        msg = "The file named by sslrootcert cannot be read."
        raise NotReadyError(msg) from None
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE  # libpq's meaning: encrypted, not authenticated
    return context
