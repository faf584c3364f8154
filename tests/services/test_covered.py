"""Looks that wait for a checkpoint: recorded first, opened last, and never for ever."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.services import logbook
from tests.services.logbook import LOG, SIGNER, FakeClock, appending, draft, integrate, open_log
from vault.core.errors import BusyError
from vault.services import checkpoints, covered
from vault.services.covered import Covered
from vault.services.integrator import Integrator
from vault.services.publishing import Publishing


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


@asynccontextmanager
async def waiting(database):
    async with appending(database) as appender:
        appender.covered = Covered(database, log_id=LOG)
        yield appender


async def test_what_is_given_back_is_covered_by_the_newest_checkpoint(opened):
    publishing = Publishing(SIGNER, FakeClock().now)
    one = Integrator(opened, log_id=LOG, publishing=publishing)
    one.start()
    async with waiting(opened) as appender:
        looks = [appender.record([draft(seen=0)] * (1 + number % 3)) for number in range(12)]
        several = await asyncio.gather(*looks, appender.record([draft(seen=0)] * 4, batch=True))
        async with opened.connect() as conn:
            newest = await checkpoints.latest(conn, LOG)
        assert newest
        book = await logbook.read(opened)
        places = [book.find(each) for recorded in several for each in recorded]
        assert len(places) == sum(1 + number % 3 for number in range(12)) + 4
        assert max(places) < newest.size
    await one.close()


async def test_without_a_checkpoint_the_answer_is_busy_and_the_record_stands(opened, monkeypatch):
    monkeypatch.setattr(covered, "MAX_SECONDS", 0.3)
    async with waiting(opened) as appender:
        with pytest.raises(BusyError):
            await appender.record([draft(case="waited")])
        assert appender.covered._waiting == {}
    await integrate(opened)
    book = await logbook.read(opened)
    assert [fact.case_ref for fact in book.facts.values()] == ["waited"]


async def test_nothing_to_record_waits_for_nothing(opened):
    async with waiting(opened) as appender:
        assert await appender.record([]) == []
