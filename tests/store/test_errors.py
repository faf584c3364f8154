"""Each row of the table of errors, provoked on a real database; the driver stays hidden."""

import sqlite3
import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vault.core.errors import BusyError, ConflictError, OutcomeUnknownError, StoreDefectError
from vault.store import commit
from vault.store.errors import TryAgainError, spoils, translate, translated

SECRET = "ana@example.org"


@pytest.fixture
async def table(database):
    await commit.request(
        database,
        lambda conn: conn.execute(
            text("CREATE TABLE t (a varchar(20) PRIMARY KEY, b integer NOT NULL CHECK (b > 0))")
        ),
    )


def _insert(a, b):
    async def work(conn):
        await conn.execute(text("INSERT INTO t VALUES (:a, :b)"), {"a": a, "b": b})

    return work


async def test_a_row_that_is_there_already_is_a_conflict(database, table):
    await commit.request(database, _insert(SECRET, 1))
    with pytest.raises(ConflictError) as caught:
        await commit.request(database, _insert(SECRET, 1))
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "INSERT" not in shown


@pytest.mark.parametrize("b", [None, -7])
async def test_a_missed_check_is_a_defect(database, table, b):
    with pytest.raises(StoreDefectError) as caught:
        await commit.request(database, _insert(SECRET, b))
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "-7" not in shown


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_value_that_does_not_fit_is_not_quoted(database, table):
    with pytest.raises(StoreDefectError, match="22001") as caught:
        await commit.request(database, _insert(SECRET * 2, 1))
    assert SECRET not in str(caught.value)
    with pytest.raises(StoreDefectError, match="22000") as caught:
        await commit.request(database, _insert(SECRET, SECRET))
    assert SECRET not in str(caught.value)


async def test_a_statement_that_fits_no_table_is_a_defect_that_says_so(database):
    with pytest.raises(StoreDefectError, match="nowhere"):
        await commit.request(database, lambda conn: conn.execute(text("SELECT * FROM nowhere")))


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("23505", ConflictError),
        ("23502", StoreDefectError),
        ("23503", StoreDefectError),
        ("23514", StoreDefectError),
        ("22P02", StoreDefectError),
        ("40001", TryAgainError),
        ("40P01", TryAgainError),
        ("55P03", TryAgainError),
        ("08006", BusyError),
        ("57P01", BusyError),
        ("57P03", BusyError),
        ("57014", BusyError),
        ("53100", BusyError),
        ("53200", BusyError),
        ("53300", BusyError),
        ("25006", BusyError),
        ("42501", StoreDefectError),
        ("0A000", StoreDefectError),
        ("XX000", StoreDefectError),
    ],
)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_each_state_of_postgresql_means_one_error(database, state, error):
    raised = text(f"DO $$ BEGIN RAISE EXCEPTION 'said {SECRET}' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(error) as caught:
        await commit.records(database, lambda conn: conn.execute(raised))
    assert type(caught.value) is error
    if not state.startswith("42"):
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, ConflictError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, ConflictError),
        (sqlite3.SQLITE_CONSTRAINT_NOTNULL, StoreDefectError),
        (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, StoreDefectError),
        (sqlite3.SQLITE_BUSY, TryAgainError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, TryAgainError),
        (sqlite3.SQLITE_LOCKED, TryAgainError),
        (sqlite3.SQLITE_FULL, BusyError),
        (sqlite3.SQLITE_IOERR_FSYNC, BusyError),
        (sqlite3.SQLITE_CANTOPEN, BusyError),
        (sqlite3.SQLITE_READONLY, StoreDefectError),
        (sqlite3.SQLITE_CORRUPT, StoreDefectError),
    ],
)
def test_each_code_of_sqlite_means_one_error(code, error):
    origin = sqlite3.OperationalError(f"about {SECRET}")
    origin.sqlite_errorcode = code
    ours = translate(DBAPIError("INSERT", {"a": SECRET}, origin))
    assert type(ours) is error
    assert SECRET not in str(ours)


@pytest.mark.parametrize(
    ("origin", "error"),
    [
        (ConnectionResetError(), OutcomeUnknownError),
        (TimeoutError(), OutcomeUnknownError),
        (DBAPIError("COMMIT", None, Exception("no state")), OutcomeUnknownError),
    ],
)
def test_a_lost_answer_to_commit_is_unknown(origin, error):
    assert type(translate(origin, committing=True)) is error
    assert type(translate(origin)) is BusyError


def _with(state=None, code=None):
    origin = Exception() if code is None else sqlite3.OperationalError()
    for name, given in (("sqlstate", state), ("sqlite_errorcode", code)):
        if given is not None:
            setattr(origin, name, given)
    return DBAPIError("COMMIT", None, origin)


@pytest.mark.parametrize(
    ("origin", "error"),
    [
        (_with(state="40001"), TryAgainError),
        (_with(state="23505"), ConflictError),
        (_with(state="23503"), StoreDefectError),
        (_with(state="53100"), BusyError),
        (_with(state="57P01"), OutcomeUnknownError),
        (_with(state="57014"), OutcomeUnknownError),
        (_with(state="08006"), OutcomeUnknownError),
        (_with(code=sqlite3.SQLITE_BUSY), TryAgainError),
        (_with(code=sqlite3.SQLITE_FULL), BusyError),
        (_with(code=sqlite3.SQLITE_IOERR_FSYNC), OutcomeUnknownError),
    ],
)
def test_commit_is_known_to_have_failed_only_where_the_database_says_so(origin, error):
    assert type(translate(origin, committing=True)) is error


def test_an_exhausted_pool_is_busy():
    with pytest.raises(BusyError), translated():
        raise PoolTimeoutError


def test_what_no_database_raised_passes_through():
    with pytest.raises(ZeroDivisionError), translated():
        _ = 1 / 0


def test_a_connection_to_a_standby_or_to_nobody_is_spoiled():
    assert spoils(_with(state="25006"))
    assert spoils(ConnectionResetError())
    assert spoils(TimeoutError())
    assert not spoils(_with(state="23505"))
    assert not spoils(_with(code=sqlite3.SQLITE_BUSY))
