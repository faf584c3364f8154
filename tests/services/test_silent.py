"""Writers that fell silent are closed, and a process that was only idle goes on without a word."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import LOG, appending, deps_of, draft, integrate, open_log, until
from vault.core.entry import Kind
from vault.services import lane, silent, unit
from vault.services.integrator import Integrator
from vault.services.leader import Leader
from vault.services.silent import Silent
from vault.store import commit, head, log_writers

ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


@asynccontextmanager
async def closing(database):
    """Another process, which leads and closes what is silent."""
    async with appending(database) as appender:
        leader = Leader(database, log_id=LOG)
        yield Silent(deps_of(database, appender), database, leader, log_id=LOG)
        await leader.resign()


async def closed(database):
    """Close all that is silent, by a process of its own."""
    await integrate(database)
    async with closing(database) as other:
        return await other.close_some(after=0)


async def meanwhile(other):
    """Time passes for the one who closes: what waits is integrated."""
    await other._leader.resign()
    await integrate(other._deps.database)
    other._due = 0.0


async def change(deps):
    async def work(one):
        one.log(draft(kind=Kind.GIVEN, seen=None))

    _, (recorded,) = await unit.run(deps, work)
    return recorded


def closes(book):
    """The writers that the log says were closed."""
    said = [book.payload(index) for index, kind in enumerate(book.kinds()) if kind == Kind.CLOSE]
    return [one["writer"] for one in said]


async def test_a_silent_writer_is_closed_and_the_log_tells_of_it(opened):
    async with appending(opened) as appender:
        (recorded,) = await appender.record([draft()])
        with capture_logs() as said:
            gone = await closed(opened)
        assert [one.bytes for one in gone] == [recorded.entry.writer]
        assert [(one["event"], one["writer"]) for one in said] == [
            ("log-writer-closed", str(gone[0]))
        ]
    await integrate(opened)
    book = await logbook.read(opened)
    assert closes(book) == [str(gone[0])]
    assert book.open == set()


async def test_a_look_behind_a_long_rest_is_recorded_by_a_fresh_writer(opened):
    async with appending(opened) as appender:
        (first,) = await appender.record([draft()])
        await closed(opened)
        with capture_logs() as said:
            (second,) = await appender.record([draft(seen=appender.seen)])
        assert said == []
    assert first.entry.writer != second.entry.writer
    await integrate(opened)
    book = await logbook.read(opened)
    assert book.find(second) > book.find(first)
    assert len(closes(book)) == 1


async def test_a_change_behind_a_long_rest_is_recorded_by_a_fresh_writer(opened):
    async with appending(opened) as appender:
        deps = deps_of(opened, appender)
        first = await change(deps)
        await closed(opened)
        second = await change(deps)
        third = await change(deps)
    assert first.entry.writer != second.entry.writer == third.entry.writer
    await integrate(opened)
    book = await logbook.read(opened)
    assert sorted([book.find(one) for one in (first, second, third)]) == [
        book.find(one) for one in (first, second, third)
    ]


@pytest.mark.parametrize("kind", ["look", "change"])
async def test_a_writer_that_rested_asks_first(opened, monkeypatch, kind):
    """It does not come to a refusal: the database is asked before anything is written."""
    monkeypatch.setattr(lane, "RESTED_SECONDS", -1.0)
    async with appending(opened) as appender:
        deps = deps_of(opened, appender)

        async def record():
            if kind == "change":
                return await change(deps)
            return (await appender.record([draft(seen=appender.seen)]))[0]

        first = await record()
        again = await record()
        assert (again.entry.writer, again.entry.seq) == (first.entry.writer, first.entry.seq + 1)
        await closed(opened)
        assert (await record()).entry.writer != first.entry.writer
    await integrate(opened)
    await logbook.read(opened)


@ONLY_POSTGRESQL
async def test_a_writer_closed_within_a_transaction_that_appends_is_followed_by_a_fresh_one(opened):
    """The foreign key refuses the entry; the whole transaction is tried again, and stands once."""
    runs = []
    async with appending(opened) as appender:
        deps = deps_of(opened, appender)
        first = await change(deps)

        async def work(one):
            runs.append(one)
            if len(runs) == 1:
                await closed(opened)
            one.log(draft(kind=Kind.WITHDRAWN, seen=None))

        _, (second,) = await unit.run(deps, work)
    assert len(runs) == 2
    assert first.entry.writer != second.entry.writer
    await integrate(opened)
    book = await logbook.read(opened)
    assert [kind for kind in book.kinds() if kind == Kind.WITHDRAWN] == [Kind.WITHDRAWN]
    assert book.find(second) > book.find(first)


async def test_a_closed_writer_ends_without_a_fin(opened):
    with capture_logs() as said:
        async with appending(opened) as appender:
            await appender.record([draft()])
            await closed(opened)
    assert [one["event"] for one in said] == ["log-writer-closed"]
    await integrate(opened)
    book = await logbook.read(opened)
    assert book.kinds().count(Kind.FIN) == 1  # of the process that closed
    assert book.open == set()


async def test_a_writer_that_goes_on_and_ones_own_are_left_open(opened):
    async with appending(opened) as appender, closing(opened) as other:
        await appender.record([draft()])
        await meanwhile(other)
        assert await other.close_some(after=3_600) == []
        ((writer, _),) = other._since
        await appender.record([draft(seen=appender.seen)])
        await meanwhile(other)
        assert await other.close_some(after=3_600) == []
        assert [place[0] for place in other._since] == [writer]
        assert [place[1] for place in other._since] == [2]  # counted anew from here
        await meanwhile(other)
        assert await other.close_some(after=0) == [writer]
        await meanwhile(other)
        assert await other.close_some(after=0) == []  # its own writer told of the other's end
    await integrate(opened)
    assert len(closes(await logbook.read(opened))) == 1


@ONLY_POSTGRESQL
async def test_a_writer_of_which_something_waits_is_left_open(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        async with closing(opened) as other:
            assert await other.close_some(after=0) == []
        await integrate(opened)


@ONLY_POSTGRESQL
async def test_a_writer_that_appends_at_this_moment_is_left_open(opened):
    async with appending(opened) as appender:
        deps = deps_of(opened, appender)
        first = await change(deps)
        await integrate(opened)
        async with opened.connect() as conn:
            quiet = await log_writers.quiet(conn, LOG)
        assert [one.bytes for one in quiet] == [first.entry.writer]
        before, after = asyncio.Event(), asyncio.Event()

        async def held(conn):
            await deps.appender.lanes.append(
                conn, appender.lanes.all[0], [draft(kind=Kind.GIVEN, seen=None)], batch=False
            )
            before.set()
            await after.wait()
            raise RuntimeError

        task = asyncio.ensure_future(commit.request(opened, held))
        await before.wait()
        assert await commit.request(opened, lambda conn: log_writers.close(conn, LOG, quiet)) == []
        after.set()
        with pytest.raises(RuntimeError):
            await task


async def test_who_does_not_lead_closes_nothing(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        await integrate(opened)
        leader = Leader(opened, log_id=LOG)
        assert await leader.leads()
        async with closing(opened) as other:
            assert await other.close_some(after=0) == []
        await leader.resign()


@ONLY_POSTGRESQL
async def test_who_lost_the_lease_meanwhile_closes_nothing(opened):
    async with appending(opened) as appender, closing(opened) as other:
        await appender.record([draft()])
        await integrate(opened)
        await other._leader.leads()

        async def over(conn):
            await head.release(conn, LOG, fence=other._leader.fence)

        await commit.claim(opened, over)
        assert await other.close_some(after=0) == []
    await integrate(opened)
    assert closes(await logbook.read(opened)) == []


async def test_the_loop_closes_what_a_dead_process_left_open(opened, monkeypatch):
    monkeypatch.setattr(silent, "SILENT_SECONDS", 0.0)
    dead = logbook.new_appender(opened)
    await dead.start()
    (recorded,) = await dead.record([draft()])
    async with appending(opened) as appender:
        one = Integrator(opened, log_id=LOG, deps=deps_of(opened, appender))
        one.start()

        async def gone():
            async with opened.connect() as conn:
                quiet = await log_writers.quiet(conn, LOG)
            left = [one for one in quiet if one.bytes == recorded.entry.writer]
            return bool(quiet) and not left and await logbook.drained(opened)

        await until(gone, seconds=30)
        await appender.close()
        await one.close()
    book = await logbook.read(opened)
    assert [bytes.fromhex(one.replace("-", "")) for one in closes(book)] == [recorded.entry.writer]
    await dead.close()
