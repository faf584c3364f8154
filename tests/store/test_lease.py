import asyncio
import uuid
from datetime import timedelta

import pytest

from vault.store import commit, lease

ME, RIVAL = uuid.UUID(int=1), uuid.UUID(int=2)
SHORT = timedelta(milliseconds=30)


def acquire(holder, length=lease.LEASE):
    return lambda conn: lease.acquire(conn, "jobs", holder=holder, length=length)


async def test_of_many_who_want_a_lease_one_gets_it(database):
    holders = [uuid.uuid4() for _ in range(10)]
    fences = await asyncio.gather(*(commit.claim(database, acquire(one)) for one in holders))
    assert sorted(fence for fence in fences if fence) == [1]


async def test_a_lease_that_runs_is_not_taken_not_even_by_its_holder(do):
    assert await do(acquire(ME)) == 1
    assert await do(acquire(RIVAL)) is None
    assert await do(acquire(ME)) is None
    assert await do(lambda conn: lease.acquire(conn, "other", holder=RIVAL)) == 1


async def test_a_lease_that_ended_is_taken_with_a_higher_fence(do):
    assert await do(acquire(ME, SHORT)) == 1
    await asyncio.sleep(0.05)
    assert await do(acquire(RIVAL)) == 2
    assert not await do(lambda conn: lease.renew(conn, "jobs", fence=1))
    assert not await do(lambda conn: lease.hold(conn, "jobs", fence=1))
    assert await do(lambda conn: lease.hold(conn, "jobs", fence=2))


async def test_a_renewed_lease_goes_on(do):
    assert await do(acquire(ME, SHORT)) == 1
    assert await do(lambda conn: lease.renew(conn, "jobs", fence=1))
    await asyncio.sleep(0.05)
    assert await do(acquire(RIVAL)) is None


async def test_a_lease_given_back_is_free_at_once(do):
    assert await do(acquire(ME)) == 1
    await do(lambda conn: lease.release(conn, "jobs", fence=1))
    assert not await do(lambda conn: lease.hold(conn, "jobs", fence=1))
    assert await do(acquire(RIVAL)) == 2
    await do(lambda conn: lease.release(conn, "jobs", fence=1))
    assert await do(lambda conn: lease.hold(conn, "jobs", fence=2))


async def test_nobody_holds_a_lease_that_was_never_taken(do):
    assert not await do(lambda conn: lease.hold(conn, "jobs", fence=1))
    assert not await do(lambda conn: lease.renew(conn, "jobs", fence=1))


async def test_a_leader_that_slept_writes_nothing(do):
    """It held the lease, slept past its end, and a rival took over."""
    await do(acquire(ME, SHORT))
    await asyncio.sleep(0.05)
    assert not await do(lambda conn: lease.hold(conn, "jobs", fence=1))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_rival_waits_for_the_transaction_of_the_leader(database):
    await commit.request(database, acquire(ME, timedelta(milliseconds=200)))
    order = []

    async def lead(conn):
        assert await lease.hold(conn, "jobs", fence=1)
        await asyncio.sleep(0.4)
        order.append("leader")

    async def take(conn):
        await asyncio.sleep(0.25)
        fence = await lease.acquire(conn, "jobs", holder=RIVAL)
        order.append("rival")
        return fence

    _, fence = await asyncio.gather(commit.request(database, lead), commit.request(database, take))
    assert (order, fence) == (["leader", "rival"], 2)
