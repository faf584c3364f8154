import asyncio

import pytest
from sqlalchemy import text

from vault.core.errors import BusyError, ConflictError, OutcomeUnknownError, VaultError
from vault.store import commit
from vault.store.engine import open_database
from vault.store.errors import TryAgainError

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def table(database):
    await commit.request(
        database, lambda conn: conn.execute(text("CREATE TABLE t (a integer PRIMARY KEY)"))
    )


def insert(a):
    async def work(conn):
        await conn.execute(text("INSERT INTO t VALUES (:a)"), {"a": a})
        return a

    return work


async def stored(database):
    async with database.connect() as conn:
        return list((await conn.execute(text("SELECT a FROM t ORDER BY a"))).scalars())


@pytest.mark.parametrize("kind", [commit.request, commit.records, commit.claim])
async def test_each_kind_commits_and_returns_what_the_work_returned(database, table, kind):
    assert await kind(database, insert(1)) == 1
    assert await stored(database) == [1]


@pytest.mark.parametrize("error", [ConflictError, ZeroDivisionError, asyncio.CancelledError])
async def test_nothing_stays_of_work_that_raised(database, table, error):
    async def work(conn):
        await insert(1)(conn)
        raise error

    with pytest.raises(error):
        await commit.request(database, work)
    assert await stored(database) == []


@pytest.mark.parametrize(
    ("kind", "losses"), [(commit.request, 3), (commit.records, 1), (commit.claim, 3)]
)
async def test_a_lost_transaction_is_tried_again(database, table, kind, losses):
    tries: list[int] = []

    async def work(conn):
        tries.append(len(tries))
        await insert(len(tries))(conn)
        if len(tries) <= losses:
            raise TryAgainError

    await kind(database, work)
    assert await stored(database) == [losses + 1]


@pytest.mark.parametrize(
    ("kind", "tries"), [(commit.request, 4), (commit.records, 2), (commit.claim, 4)]
)
async def test_after_its_tries_a_lost_transaction_is_busy(database, table, kind, tries):
    seen = []

    async def work(conn):
        seen.append(await insert(1)(conn))
        raise TryAgainError

    with pytest.raises(BusyError) as caught:
        await kind(database, work)
    assert caught.value.code == "busy"
    assert len(seen) == tries
    assert await stored(database) == []


async def test_no_new_try_begins_after_the_patience(database, table, monkeypatch):
    monkeypatch.setattr(commit, "PATIENCE", -1.0)
    seen = []

    async def work(_conn):
        seen.append(1)
        raise TryAgainError

    with pytest.raises(BusyError):
        await commit.request(database, work)
    assert seen == [1]


@pytest.mark.parametrize("moment", [0.0, 12345.678901, 99999.000999])
def test_the_pause_lies_within_its_bounds(moment):
    least, most = commit.PAUSE
    assert least <= commit._pause(moment) <= most


async def test_many_writers_of_one_process_queue_and_all_commit(database, table):
    await asyncio.gather(*(commit.request(database, insert(a)) for a in range(50)))
    assert await stored(database) == list(range(50))


@SQLITE
async def test_writers_of_two_processes_wait_for_each_other(database, database_url, table):
    """Two open databases share nothing but the file, as two processes do."""
    other = open_database(database_url)
    both = (database, other)
    await asyncio.gather(*(commit.request(both[a % 2], insert(a)) for a in range(40)))
    assert await stored(database) == list(range(40))
    await other.dispose()


@POSTGRESQL
async def test_two_transactions_that_lock_each_other_out_both_commit_in_the_end(database, table):
    await commit.request(database, insert(1))
    await commit.request(database, insert(2))
    met = asyncio.Barrier(2)
    first = {1: True, 2: True}

    def work(mine, other):
        async def run(conn):
            await conn.execute(text(f"UPDATE t SET a = a WHERE a = {mine}"))
            if first[mine]:
                first[mine] = False
                await met.wait()
            await conn.execute(text(f"UPDATE t SET a = a WHERE a = {other}"))

        return run

    await asyncio.gather(commit.request(database, work(1, 2)), commit.request(database, work(2, 1)))


@POSTGRESQL
async def test_a_connection_that_dies_before_commit_changed_nothing(database, table):
    async def work(conn):
        await insert(1)(conn)
        await conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(BusyError) as caught:
        await commit.request(database, work)
    assert caught.value.code == "busy"
    assert await stored(database) == []


@POSTGRESQL
async def test_a_connection_that_dies_at_commit_leaves_it_unknown(database, postgres_server, table):
    async def work(conn):
        await insert(1)(conn)
        pid = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await asyncio.to_thread(postgres_server.run_sql, f"SELECT pg_terminate_backend({pid})")

    with pytest.raises(OutcomeUnknownError):
        await commit.request(database, work)
    assert isinstance(OutcomeUnknownError(), BusyError)


@POSTGRESQL
async def test_the_next_request_after_a_dead_connection_succeeds(database, table):
    async def die(conn):
        await conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(BusyError):
        await commit.request(database, die)
    await commit.request(database, insert(1))
    assert await stored(database) == [1]


async def test_a_cancelled_caller_does_not_cut_the_commit(database, table, monkeypatch):
    """Whoever waits may go; the COMMIT that was sent is carried to its end."""
    reached = asyncio.Event()
    whole = commit._to_the_end

    async def slow(coroutine):
        async def later():
            reached.set()
            await asyncio.sleep(0.05)
            await coroutine

        await whole(later())

    monkeypatch.setattr(commit, "_to_the_end", slow)
    task = asyncio.create_task(commit.request(database, insert(1)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stored(database) == [1]


async def test_an_error_of_ours_passes_through_unchanged(database):
    error = VaultError("said once")

    async def work(_conn):
        raise error

    with pytest.raises(VaultError) as caught:
        await commit.request(database, work)
    assert caught.value is error


@POSTGRESQL
async def test_a_connection_to_a_server_that_may_only_read_is_dropped(database, table):
    async def work(conn):
        await conn.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))

    await commit.request(database, work)
    with pytest.raises(BusyError):
        await commit.request(database, insert(1))
    await commit.request(database, insert(1))
    assert await stored(database) == [1]
