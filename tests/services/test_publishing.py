"""The loop signs what is committed, at a pace, and only where it may."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import (
    BELIEVE,
    LOG,
    ORIGIN,
    SIGNER,
    FakeClock,
    appending,
    draft,
    open_log,
    until,
)
from tests.services.test_integrator import append, begun, run
from tests.store.records import new_writer, record
from vault.core.checkpoint import Checkpoint
from vault.core.errors import LogBrokenError
from vault.crypto.signing import verifier_key
from vault.services import publishing
from vault.services.integrator import ALARM_HEAD, Integrator
from vault.services.publishing import ALARM_FOLLOWER, Publishing
from vault.store import commit, integration
from vault.store.checkpoint import log_checkpoint
from vault.store.integration import log_head
from vault.store.leaf import log_leaf
from vault.verifier.note import open_note

KEY = verifier_key(ORIGIN, SIGNER.public)
PAST = datetime(2026, 1, 1, tzinfo=UTC)  # a lease that is over, by any clock
ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


def publishing_(*followers, anchor=None):
    return Publishing(SIGNER, FakeClock().now, BELIEVE, anchor, followers)


def integrator(database, *followers, **options):
    return Integrator(database, log_id=LOG, publishing=publishing_(*followers, **options))


async def signed(database):
    """The size of every checkpoint, each opened with the log's key."""
    async with database.connect() as conn:
        rows = (await conn.execute(select(log_checkpoint).order_by(log_checkpoint.c.size))).all()
    for row in rows:
        body = open_note(row.text.encode(), [KEY])
        assert Checkpoint.parse(body, ORIGIN).size == row.size
    return [row.size for row in rows]


async def go_on(one):
    await one.integrate()
    await one.publish(at_once=True)


async def test_the_loop_signs_what_looks_and_its_end_bring(opened):
    told = []

    async def follow(one):
        told.append(one.size)

    one = integrator(opened, follow)
    one.start()
    async with appending(opened) as appender:
        await appender.record([draft()])

        async def first():
            return 2 in await signed(opened)

        await until(first, seconds=30)
    await one.close()
    sizes = await signed(opened)
    async with opened.connect() as conn:
        now = await integration.head(conn, LOG)
    assert now
    assert sizes[-1] == now.size == 3  # boot, look, fin
    assert told[-1] == 3
    assert set(told) <= set(sizes)


async def test_an_idle_log_is_signed_once(opened):
    one = integrator(opened)
    async with appending(opened) as appender:
        await appender.record([draft()])
        for _ in range(3):
            await one.integrate()
            await one.publish(at_once=True)
    assert await signed(opened) == [2]
    await one.close()


async def test_it_signs_by_time_or_by_entries(opened, monkeypatch):
    monkeypatch.setattr(publishing, "EVERY_SECONDS", 3_600)
    monkeypatch.setattr(publishing, "EVERY_ENTRIES", 10)
    one = integrator(opened)
    async with appending(opened) as appender:

        async def look(count):
            await appender.record([draft(seen=appender.seen)] * count)
            await one.integrate()
            await one.publish()

        await look(1)
        assert await signed(opened) == [2]  # the first at once
        await look(3)
        assert await signed(opened) == [2]
        await look(7)
        assert await signed(opened) == [2, 12]
    await one.close()


@ONLY_POSTGRESQL
async def test_of_two_leaders_the_old_one_writes_and_signs_nothing(opened):
    """The old one slept past its lease; the new one goes on where it was."""
    old, new = integrator(opened), integrator(opened)
    writer = new_writer()
    await append(opened, *begun(writer, 3))
    assert await old.integrate() == 3
    assert old.leads
    await run(opened, update(log_head).values(until=PAST))
    await append(opened, record(writer, 3))
    assert old.leads  # it has not learned of it: it wakes, and works
    await old.publish(at_once=True)
    assert not old.leads
    assert await new.integrate() == 1
    assert new.leads
    assert await old.integrate() == 0
    await append(opened, record(writer, 4))
    assert await old.integrate() == 0
    assert await signed(opened) == []
    await new.publish(at_once=True)
    assert await new.integrate() == 1
    await new.publish(at_once=True)
    assert await signed(opened) == [4, 5]
    for one in (old, new):
        await one.close()


@ONLY_POSTGRESQL
async def test_a_leader_that_wakes_in_the_middle_integrates_nothing(opened):
    old, new = integrator(opened), integrator(opened)
    writer = new_writer()
    await append(opened, *begun(writer, 3))
    assert await old.integrate() == 3
    await run(opened, update(log_head).values(until=PAST))
    await append(opened, record(writer, 3))
    assert await new.integrate() == 1
    await append(opened, record(writer, 4))
    assert old.leads
    assert await old.integrate() == 0
    assert not old.leads
    assert await new.integrate() == 1
    for one in (old, new):
        await one.close()


@ONLY_POSTGRESQL
async def test_who_leads_next_signs_what_the_one_before_left_unsigned(opened):
    old, new = integrator(opened), integrator(opened)
    await append(opened, *begun(new_writer(), 3))
    assert await old.integrate() == 3
    await old._leader.resign()  # it ends between integration and signature
    assert await new.integrate() == 0
    await new.publish(at_once=True)
    assert await signed(opened) == [3]
    await new.close()
    await old.close()


@pytest.mark.parametrize(
    "spoil",
    [
        update(log_head).values(size=2),
        update(log_head).values(size=4),
        update(log_head).values(root=b"x" * 32),
        update(log_leaf).where(log_leaf.c.idx == 0).values(hash=b"x" * 32),
        delete(log_leaf).where(log_leaf.c.idx == 1),
    ],
    ids=["back", "ahead", "root", "leaf", "lacks"],
)
@pytest.mark.parametrize("who", ["same", "next"])
@pytest.mark.parametrize("before", [True, False], ids=["signed", "unsigned"])
async def test_a_log_that_somebody_edited_is_not_signed(opened, spoil, who, before):
    async with appending(opened) as appender:
        await appender.record([draft()] * 2)
        one = integrator(opened)
        await one.integrate()
        if before:
            await one.publish(at_once=True)
        await run(opened, spoil)
        if who == "next":
            await one.close()
            one = integrator(opened)
        one._publisher._size = -1  # it asks again, whatever it knows
        with pytest.raises(LogBrokenError):
            await go_on(one)
        assert await signed(opened) == ([3] if before else [])
        await one.close()


@pytest.mark.parametrize("who", ["same", "next"])
async def test_a_log_smaller_than_its_newest_checkpoint_is_not_signed(opened, who):
    """A whole restore: head and leaves fit each other, and the checkpoint outlived them."""
    async with appending(opened) as appender:
        await appender.record([draft()])
        one = integrator(opened)
        await one.integrate()
        async with opened.connect() as conn:
            older = await integration.head(conn, LOG)
        assert older
        await appender.record([draft(seen=appender.seen)])
        await one.integrate()
        await one.publish(at_once=True)
        await run(opened, delete(log_leaf).where(log_leaf.c.idx >= older.size))
        restored = {"size": older.size, "root": older.root, "edge": older.edge}
        await run(opened, update(log_head).values(restored))
        if who == "next":
            await one.close()
            one = integrator(opened)
        with pytest.raises(LogBrokenError):
            await go_on(one)
        assert await signed(opened) == [3]
        await one.close()


@ONLY_POSTGRESQL
async def test_a_log_smaller_than_what_its_leader_integrated_is_not_signed(opened):
    """A whole restore before the first checkpoint: memory alone knows of it."""
    writer = new_writer()
    one = integrator(opened)
    await append(opened, *begun(writer, 2))
    await one.integrate()
    older = one._known
    await append(opened, record(writer, 2))
    await one.integrate()
    await run(opened, delete(log_leaf).where(log_leaf.c.idx >= older.size))
    restored = {"size": older.size, "root": older.root, "edge": older.edge}
    await run(opened, update(log_head).values(restored))
    with pytest.raises(LogBrokenError):
        await one.publish(at_once=True)
    assert await signed(opened) == []
    await one.close()


async def test_what_is_kept_outside_is_asked_before_each_signature(opened):
    asked = []

    async def anchor(_conn, checkpoint):
        asked.append(checkpoint.size)
        if checkpoint.size == 3:
            raise LogBrokenError

    one = integrator(opened, anchor=anchor)
    async with appending(opened) as appender:
        await appender.record([draft()])
        await one.integrate()
        await one.publish(at_once=True)
        await appender.record([draft(seen=appender.seen)])
        await one.integrate()
        with pytest.raises(LogBrokenError):
            await one.publish(at_once=True)
    assert asked == [2, 3]
    assert await signed(opened) == [2]
    await one.close()


async def test_a_follower_that_fails_or_hangs_does_not_stop_the_log(opened):
    hangs, told = asyncio.Event(), []

    async def broken(_):
        raise ValueError

    async def slow(one):
        told.append(one.size)
        await hangs.wait()

    one = integrator(opened, broken, slow)
    with capture_logs() as said:
        async with appending(opened) as appender:
            for _ in range(4):
                await appender.record([draft(seen=appender.seen)])
                await one.integrate()
                await one.publish(at_once=True)
                await asyncio.sleep(0)
        assert await signed(opened) == [2, 3, 4, 5]
        hangs.set()
        await one.close()
    assert told == [2, 5]  # what it missed meanwhile it gets as the newest
    assert {line["event"] for line in said} == {ALARM_FOLLOWER}
    assert not any("traceback" in str(line) for line in said)


async def test_the_loop_tells_of_a_log_that_may_not_be_signed(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        setup = integrator(opened)
        await setup.integrate()
        await setup.close()
        await run(opened, update(log_head).values(root=b"x" * 32))
        one = integrator(opened)
        with capture_logs() as said:
            one.start()

            async def alarmed():
                return any(line["event"] == ALARM_HEAD for line in said)

            await until(alarmed, seconds=30)
            await one.close()
    assert await signed(opened) == []


async def test_processes_on_sqlite_sign_a_size_once(database):
    await open_log(database)
    async with appending(database) as appender:
        await appender.record([draft()])
        several = [integrator(database) for _ in range(3)]
        for one in several:
            await one.integrate()
        await asyncio.gather(*(one.publish(at_once=True) for one in several))
    assert await signed(database) == [2]
    for one in several:
        await one.close()


async def test_nothing_is_signed_without_an_entry(opened):
    one = integrator(opened)
    await one.integrate()
    await one.publish(at_once=True)
    assert await signed(opened) == []
    async with opened.connect() as conn:
        assert await logbook.latest(conn) is None
    await commit.claim(opened, lambda conn: conn.execute(update(log_head).values(fence=1)))
    await one.close()
