"""Looks that wait for a checkpoint: recorded first, opened last, and never for ever."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import delete

from tests.services import logbook
from tests.services.logbook import (
    BELIEVE,
    LOG,
    ORIGIN,
    SIGNER,
    FakeClock,
    appending,
    draft,
    integrate,
    open_log,
)
from vault.core.checkpoint import Checkpoint
from vault.core.errors import BusyError
from vault.crypto.signing import SigningKey, sign_note
from vault.services import covered
from vault.services.covered import Covered
from vault.services.integrator import Integrator
from vault.services.publishing import Publishing
from vault.store import checkpoint, commit, integration
from vault.store.checkpoint import CheckpointRow, log_checkpoint


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


@asynccontextmanager
async def waiting(database):
    async with appending(database) as appender:
        appender.covered = Covered(database, log_id=LOG, believe=BELIEVE)
        yield appender


async def test_what_is_given_back_is_covered_by_the_newest_checkpoint(opened):
    publishing = Publishing(SIGNER, FakeClock().now, BELIEVE)
    one = Integrator(opened, log_id=LOG, publishing=publishing)
    one.start()
    async with waiting(opened) as appender:
        looks = [appender.record([draft(seen=0)] * (1 + number % 3)) for number in range(12)]
        several = await asyncio.gather(*looks, appender.record([draft(seen=0)] * 4, batch=True))
        async with opened.connect() as conn:
            newest = await logbook.latest(conn)
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


@pytest.mark.parametrize("signer", [SigningKey(bytes(32)), None], ids=["another key", "no text"])
async def test_a_checkpoint_that_the_log_s_key_has_not_signed_covers_nothing(
    opened, signer, monkeypatch
):
    monkeypatch.setattr(covered, "MAX_SECONDS", 0.3)
    async with appending(opened) as appender:
        recorded = await appender.record([draft()])
        await integrate(opened)
        async with opened.connect() as conn:
            head = await integration.head(conn, LOG)
        assert head
        body = Checkpoint(ORIGIN, head.size, head.root).body()
        note = sign_note(signer, ORIGIN, body) if signer else body.decode()
        row = CheckpointRow(LOG, head.size, 0, note)
        await commit.request(opened, lambda conn: checkpoint.add(conn, row))
        with pytest.raises(BusyError):
            await Covered(opened, log_id=LOG, believe=BELIEVE).wait(recorded)
        good = replace(row, text=sign_note(SIGNER, ORIGIN, body))
        await commit.request(opened, lambda conn: conn.execute(delete(log_checkpoint)))
        await commit.request(opened, lambda conn: checkpoint.add(conn, good))
        await Covered(opened, log_id=LOG, believe=BELIEVE).wait(recorded)


async def test_nothing_to_record_waits_for_nothing(opened):
    async with waiting(opened) as appender:
        assert await appender.record([]) == []
