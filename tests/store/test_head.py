"""Who leads a log: one process, by the database's clock, and nobody who slept past its lease."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from tests.services.logbook import until
from tests.store.records import LOG, ORIGIN, new_writer, record
from vault.core.errors import LogBrokenError
from vault.store import commit, head, integration, log
from vault.store.integration import log_head

ME, RIVAL = uuid.UUID(int=1), uuid.UUID(int=2)
OVER = timedelta(milliseconds=-1)  # a lease that has ended when it is taken
ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def opened(database):
    await commit.request(database, lambda conn: integration.open_log(conn, LOG, ORIGIN))
    return database


@pytest.fixture
def do(opened):
    return lambda work: commit.claim(opened, work)


def acquire(holder, length=head.LEASE):
    return lambda conn: head.acquire(conn, LOG, holder=holder, length=length)


def hold(fence):
    return lambda conn: head.hold(conn, LOG, fence=fence)


async def test_of_many_who_want_to_lead_one_does(opened):
    holders = [uuid.uuid4() for _ in range(8)]
    fences = await asyncio.gather(*(commit.claim(opened, acquire(one)) for one in holders))
    assert [fence for fence in fences if fence] == [1]


async def test_a_lease_that_runs_is_not_taken_not_even_by_its_holder(do):
    assert await do(lambda conn: head.is_free(conn, LOG))
    assert await do(acquire(ME)) == 1
    assert not await do(lambda conn: head.is_free(conn, LOG))
    assert await do(acquire(RIVAL)) is None
    assert await do(acquire(ME)) is None


async def test_a_lease_that_is_over_is_taken_with_a_higher_fence_and_not_renewed(do):
    assert await do(acquire(ME, OVER)) == 1
    assert await do(lambda conn: head.is_free(conn, LOG))
    assert not await do(lambda conn: head.renew(conn, LOG, fence=1))
    assert await do(acquire(RIVAL)) == 2
    assert not await do(lambda conn: head.renew(conn, LOG, fence=1))


async def test_a_lease_is_renewed_and_goes_on(do):
    assert await do(acquire(ME)) == 1
    before = await do(lambda conn: conn.scalar(select(log_head.c.until)))
    assert await do(lambda conn: head.renew(conn, LOG, fence=1, length=2 * head.LEASE))
    assert await do(lambda conn: conn.scalar(select(log_head.c.until))) > before
    assert await do(acquire(RIVAL)) is None


async def test_a_lease_given_back_is_free_at_once_and_only_by_its_holder(do):
    assert await do(acquire(ME)) == 1
    await do(lambda conn: head.release(conn, LOG, fence=1))
    assert await do(acquire(RIVAL)) == 2
    await do(lambda conn: head.release(conn, LOG, fence=1))
    assert await do(acquire(ME)) is None


async def test_nobody_leads_a_log_that_is_not_there(database):
    assert await commit.claim(database, acquire(ME)) is None
    assert not await commit.claim(database, lambda conn: head.is_free(conn, LOG))
    assert await commit.claim(database, hold(None)) is None


@ONLY_POSTGRESQL
@pytest.mark.parametrize("fence", [None, 0, 2])
async def test_the_head_is_held_by_the_newest_lease_alone(do, fence):
    assert await do(hold(fence)) is None  # nobody ever led
    assert await do(acquire(ME)) == 1
    held = await do(hold(1))
    assert held.fence == 1
    assert await do(hold(fence)) is None


@ONLY_POSTGRESQL
async def test_a_lease_that_is_over_holds_nothing_even_when_nobody_took_it(do):
    assert await do(acquire(ME, OVER)) == 1
    assert await do(hold(1)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_nobody_needs_to_lead(do):
    assert (await do(hold(None))).size == 0


@ONLY_POSTGRESQL
@pytest.mark.parametrize("renewed", [False, True])
async def test_a_rival_waits_for_the_transaction_that_holds_the_head(opened, renewed):
    """It takes what is over when that transaction ends, and not what was renewed meanwhile."""
    await commit.claim(opened, acquire(ME, OVER))
    order = []

    async def rival_waits():
        async with opened.connect() as conn:
            return await conn.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0

    async def lead(conn):
        assert await integration.lock(conn, LOG)
        rival = asyncio.ensure_future(commit.claim(opened, take))
        await until(rival_waits, seconds=30)
        if renewed:
            later = await opened.now(conn) + head.LEASE
            await conn.execute(update(log_head).values(until=later))
        order.append("leader")
        return rival

    async def take(conn):
        fence = await head.acquire(conn, LOG, holder=RIVAL)
        order.append("rival")
        return fence

    rival = await commit.request(opened, lead)
    assert await rival == (None if renewed else 2)
    assert order == ["leader", "rival"]


@ONLY_POSTGRESQL
async def test_a_head_moves_under_its_fence_alone(opened):
    """Whoever takes the lease between a read of the head and its move stops the move."""
    writer = new_writer()

    async def work(conn):
        await log.open_writer(conn, LOG, writer)
        held = await integration.lock(conn, LOG)
        assert held
        await conn.execute(update(log_head).values(fence=7))
        await integration.place(conn, held, [record(writer, 0)])

    with pytest.raises(LogBrokenError):
        await commit.request(opened, work)
