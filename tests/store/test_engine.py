import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from vault.core.errors import BusyError, NotReadyError, StoreDefectError
from vault.store import commit, engine
from vault.store.engine import check_durability, open_database, run_sync

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def _one(conn, statement):
    return (await conn.execute(text(statement))).scalar_one()


async def _pragmas(conn):
    names = ("foreign_keys", "journal_mode", "synchronous", "busy_timeout", "secure_delete")
    return [await _one(conn, f"PRAGMA {name}") for name in names]


@SQLITE
async def test_every_sqlite_connection_is_durable_and_forgets(database):
    async with database.connect() as conn:
        assert await _pragmas(conn) == [1, "wal", 2, 5000, 1]
    assert await commit.request(database, _pragmas) == [1, "wal", 2, 5000, 1]


async def test_a_reading_connection_cannot_write(database):
    # PostgreSQL says the same as a standby would, and that is not our mistake but its state.
    error = StoreDefectError if database.dialect == "sqlite" else BusyError
    with pytest.raises(error):
        async with database.connect() as conn:
            await conn.execute(text("DELETE FROM lease"))


async def test_a_reading_connection_sees_one_snapshot(database):
    put = text("INSERT INTO notice VALUES (:sha, :body, :at)")
    at = "2026-11-23 10:00:00" if database.dialect == "sqlite" else datetime.now(UTC)
    async with database.connect() as conn:
        assert await _one(conn, "SELECT count(*) FROM notice") == 0
        await commit.request(
            database, lambda other: other.execute(put, {"sha": "a" * 64, "body": b"", "at": at})
        )
        assert await _one(conn, "SELECT count(*) FROM notice") == 0
    async with database.connect() as conn:
        assert await _one(conn, "SELECT count(*) FROM notice") == 1


async def test_the_database_has_a_clock(database):
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    async with database.connect() as conn:
        first = await database.now(conn)
        await asyncio.sleep(0.005)
        second = await database.now(conn)
    assert before <= first < second <= datetime.now(UTC)
    assert first.tzinfo is UTC


async def test_a_database_that_keeps_its_word_may_be_used(database):
    async with database.connect() as conn:
        await check_durability(conn)


@POSTGRESQL
@pytest.mark.parametrize("level", ["off"])
async def test_postgresql_without_synchronous_commit_is_refused(database, level):
    async with database.connect() as conn:
        await conn.execute(text(f"SET LOCAL synchronous_commit = {level}"))
        with pytest.raises(NotReadyError, match="synchronous_commit"):
            await check_durability(conn)


@SQLITE
async def test_sqlite_that_may_lose_commits_is_refused(database):
    async with database.reader.connect() as conn:
        await conn.exec_driver_sql("ROLLBACK")
        await conn.exec_driver_sql("PRAGMA synchronous = NORMAL")
        with pytest.raises(NotReadyError, match="FULL"):
            await check_durability(conn)
        await conn.invalidate()


async def test_the_sqlite_file_is_its_owners_alone(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    await commit.request(database, lambda conn: conn.execute(text("CREATE TABLE t (a)")))
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("new.db*")} == {0o600}
    await database.dispose()


@POSTGRESQL
async def test_a_statement_that_takes_too_long_is_stopped(database_url):
    database = open_database(database_url)
    with pytest.raises(BusyError):
        await commit.request(database, lambda conn: conn.execute(text("SELECT pg_sleep(9)")))
    await database.dispose()


@POSTGRESQL
async def test_a_migration_may_take_its_time(database_url):
    database = open_database(database_url, patient=True)
    async with database.connect() as conn:
        assert await _one(conn, "SHOW statement_timeout") == "0"
    await database.dispose()


@SQLITE
async def test_a_writer_that_waits_too_long_is_busy(database, monkeypatch):
    monkeypatch.setattr(engine, "WRITER_SECONDS", 0.05)
    async with database.writing():
        with pytest.raises(BusyError):
            await commit.request(database, lambda conn: _one(conn, "SELECT 1"))
    assert await commit.request(database, lambda conn: _one(conn, "SELECT 1")) == 1


async def test_blocking_code_runs_on_the_same_transaction(database):
    def count(connection):
        return connection.execute(text("SELECT count(*) FROM lease")).scalar_one()

    async with database.connect() as conn:
        assert await run_sync(conn, count) == 0


async def test_a_server_that_is_not_there_is_busy():
    database = open_database("postgresql://someone:secret@127.0.0.1:1/vault")
    with pytest.raises(BusyError) as caught:
        async with database.connect() as conn:
            await _one(conn, "SELECT 1")
    assert "secret" not in str(caught.value)
    with pytest.raises(BusyError):
        await commit.request(database, lambda conn: _one(conn, "SELECT 1"))
    await database.dispose()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("no url", "cannot be read"),
        ("mysql://u:secret@host/db", "SQLite"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////nowhere/at/all/vault.db", "folder"),
        ("postgresql://u:secret@host/db?options=-csynchronous_commit=off", "parameter"),
        ("postgresql://u:secret@host/db?sslmode=sometimes", "sslmode"),
        ("postgresql://u:secret@host/db?sslmode=verify-full&sslrootcert=/nowhere.pem", "read"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_quoting_it(url, why):
    with pytest.raises(NotReadyError, match=why) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "verifies", "checks_name"),
    [
        ("require", ssl.CERT_NONE, False),
        ("verify-ca", ssl.CERT_REQUIRED, False),
        ("verify-full", ssl.CERT_REQUIRED, True),
    ],
)
def test_tls_is_as_strict_as_sslmode_says(mode, verifies, checks_name):
    context = engine._tls(mode, None)
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (verifies, checks_name)


def test_tls_may_be_off_or_left_to_the_server():
    assert engine._tls("disable", None) is False
    assert engine._tls("prefer", None) == "prefer"


@POSTGRESQL
async def test_sslmode_in_the_url_is_understood(database_url):
    database = open_database(f"{database_url}?sslmode=disable")
    async with database.connect() as conn:
        assert await _one(conn, "SELECT 1") == 1
    await database.dispose()


@POSTGRESQL
async def test_sslmode_require_refuses_a_server_without_tls(database_url):
    database = open_database(f"{database_url}?sslmode=require")
    with pytest.raises(BusyError):
        async with database.connect() as conn:
            await _one(conn, "SELECT 1")
    await database.dispose()
