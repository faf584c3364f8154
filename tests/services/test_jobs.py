import asyncio
from dataclasses import replace

import pytest

from tests.services import mailbox
from tests.services.test_mail import message, put
from tests.vaults import FakeClock, RunningClock, vault
from vault.core.errors import BusyError
from vault.services import jobs
from vault.store import job as store


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


async def test_the_loop_sends_within_a_second_and_stops_when_told(database, tmp_path):
    clock = RunningClock()
    async with vault(database, tmp_path, clock=clock) as deps:
        stop = asyncio.Event()
        loop = asyncio.create_task(jobs.run(deps, stop))
        await put(deps, message(clock))
        jobs.wake()
        async with asyncio.timeout(5):
            while not mailbox.mails(deps):  # noqa: ASYNC110  a folder rings no bell
                await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(loop, 5)


async def test_two_loops_do_a_job_once(deps, clock):
    for _ in range(10):
        await put(deps, message(clock))
    done = await asyncio.gather(jobs.round_once(deps), jobs.round_once(deps))
    assert sum(done) == 10
    assert len(mailbox.mails(deps)) == 10


async def test_a_job_that_fails_waits_and_in_the_end_is_parked(deps, clock, tmp_path):
    (tmp_path / "file").touch()
    broken = replace(deps, mail_to=f"file:{tmp_path / 'file' / 'mail'}")
    far = message(clock, until=clock.now().replace(year=2100))
    await put(deps, far)
    for _ in range(jobs.TRIES):
        await jobs.round_once(broken)
        clock.turn(hours=2)
    async with deps.database.connect() as conn:
        (parked,) = await store.load_parked(conn)
    assert parked.tries == jobs.TRIES
    assert await jobs.round_once(deps) == 0


async def test_a_job_of_a_worker_that_died_is_done_by_another(deps, clock):
    await put(deps, message(clock))
    async with deps.database.connect() as conn:
        (bucket,) = await store.due_buckets(conn, now=clock.now())
    assert await jobs._claim(deps, bucket)
    assert await jobs.round_once(deps) == 0
    clock.turn(seconds=61)
    assert await jobs.round_once(deps) == 1


async def test_the_loop_outlives_a_database_that_is_away(deps, monkeypatch):
    tried = asyncio.Event()

    async def away(*_):
        tried.set()
        raise BusyError

    monkeypatch.setattr(jobs, "round_once", away)
    stop = asyncio.Event()
    loop = asyncio.create_task(jobs.run(deps, stop))
    await asyncio.wait_for(tried.wait(), 5)
    assert not loop.done()
    stop.set()
    await asyncio.wait_for(loop, 5)


async def test_old_rows_are_swept_once_a_minute_by_one_process(deps):
    assert sorted(await asyncio.gather(jobs.sweep(deps), jobs.sweep(deps))) == [False, True]
