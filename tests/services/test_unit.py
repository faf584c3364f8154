import asyncio

import pytest
from sqlalchemy import insert, select

from tests.services import logbook
from tests.services.logbook import (
    CUSTOMER,
    FakeClock,
    appending,
    check_receipt,
    deps_of,
    draft,
    integrate,
    open_log,
)
from vault.core.entry import Kind
from vault.core.errors import (
    BusyError,
    ConflictError,
    OutcomeUnknownError,
    TooLargeError,
)
from vault.services import unit
from vault.services.draft import ConsentChange, SystemDraft
from vault.store import commit
from vault.store.errors import TryAgainError
from vault.store.notice import notice


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


@pytest.fixture
async def deps(opened):
    async with appending(opened) as appender:
        yield deps_of(opened, appender)


def change(**changes):
    return draft(**{"kind": Kind.GIVEN, "seen": None} | changes)


def work_of(*drafts, fails=None, mark=None):
    """A use case that changes a row, tells of it, and may fail at its end."""

    async def work(one):
        if mark:
            await one.conn.execute(
                insert(notice).values(sha256=mark * 64, body=b"", made_at=one.now)
            )
        for each in drafts:
            one.log(each)
        if fails:
            raise fails
        return "done"

    return work


async def marks(database):
    async with database.connect() as conn:
        return {mark[0] for mark in (await conn.execute(select(notice.c.sha256))).scalars()}


async def finished(deps):
    """Close, integrate and read the log."""
    await deps.appender.close()
    assert await integrate(deps.database) == frozenset()
    return await logbook.read(deps.database)


async def test_a_change_and_its_entries_are_committed_together(deps):
    consent = ConsentChange(
        state="given",
        purpose="delivery",
        fields=("contact.email",),
        from_ms=1,
        until_ms=None,
        shown="s" * 64,
        digest="d" * 64,
    )
    result, (given, read) = await unit.run(
        deps, work_of(change(consent=consent, epoch=4), change(kind=Kind.READ), mark="a")
    )
    assert result == "done"
    assert await marks(deps.database) == {"a"}
    book = await finished(deps)
    assert book.kinds() == [Kind.BOOT, Kind.GIVEN, Kind.READ, Kind.FIN]
    assert book.payload(book.find(given))["consent"] == {
        "state": "given",
        "purpose": "delivery",
        "fields": ["contact.email"],
        "from": 1,
        "until": None,
        "shown": "s" * 64,
        "digest": "d" * 64,
    }
    for one in (given, read):
        assert book.leaves[book.find(one)].hash in check_receipt(one).leaves
        assert one.customer == CUSTOMER


async def test_a_unit_without_entries_takes_no_lane(deps):
    assert await unit.run(deps, work_of(mark="a")) == ("done", [])
    assert await marks(deps.database) == {"a"}
    assert (await finished(deps)).leaves == []


async def test_entries_of_the_system_are_in_clear_and_give_no_proof(deps):
    code = SystemDraft(Kind.CODE, (("digest", "d" * 64),))
    _, records = await unit.run(deps, work_of(code, change()))
    assert len(records) == 1
    book = await finished(deps)
    assert book.payload(1) == {"v": 1, "kind": 67, "digest": "d" * 64}
    assert book.find(records[0]) == 2
    assert 1 not in book.facts


async def test_a_batch_of_changes_is_one_record(deps):
    _, records = await unit.run(deps, work_of(*[change()] * 30), batch=True)
    assert {one.entry.seq for one in records} == {1}
    assert len({one.receipt for one in records}) == 1
    assert len(check_receipt(records[0]).leaves) == 30
    assert len((await finished(deps)).leaves) == 32


async def test_work_that_fails_leaves_neither_row_nor_entry_nor_gap(deps):
    await unit.run(deps, work_of(change()))
    with pytest.raises(ConflictError):
        await unit.run(deps, work_of(change(), mark="b", fails=ConflictError()))
    with pytest.raises(TooLargeError):
        await unit.run(deps, work_of(change(case="x" * 201), mark="b"))
    with pytest.raises(ZeroDivisionError):
        await unit.run(deps, work_of(change(), mark="b", fails=ZeroDivisionError()))
    await unit.run(deps, work_of(change(), mark="c"))
    assert await marks(deps.database) == {"c"}
    assert (await finished(deps)).kinds() == [Kind.BOOT, Kind.GIVEN, Kind.GIVEN, Kind.FIN]


async def test_a_commit_that_fails_leaves_no_gap(deps):
    await unit.run(deps, work_of(change(), mark="a"))
    with pytest.raises(ConflictError):
        await unit.run(deps, work_of(change(), mark="a"))  # the row is there already
    await unit.run(deps, work_of(change(), mark="b"))
    assert (await finished(deps)).kinds() == [Kind.BOOT, Kind.GIVEN, Kind.GIVEN, Kind.FIN]


async def test_a_run_that_is_tried_again_keeps_its_lane_and_writes_once(deps):
    tries = []

    async def work(one):
        one.log(change())
        tries.append(one)
        if len(tries) < 3:
            raise TryAgainError
        return len(tries)

    result, records = await unit.run(deps, work)
    assert (result, len(records)) == (3, 1)
    assert len(tries[-1].drafts) == 1
    assert (await finished(deps)).kinds() == [Kind.BOOT, Kind.GIVEN, Kind.FIN]


@pytest.mark.parametrize("stands", [True, False], ids=["it stood", "it did not"])
@pytest.mark.parametrize("first", [True, False], ids=["first commit", "later commit"])
async def test_after_an_unknown_outcome_the_writer_asks_how_far_it_came(
    deps, monkeypatch, stands, first
):
    if not first:
        await unit.run(deps, work_of(change()))
    original = commit.request

    async def lost(database, work):
        if stands:
            await original(database, work)
        else:
            with pytest.raises(ZeroDivisionError):
                await original(database, lambda conn: undone(conn, work))
        raise OutcomeUnknownError

    async def undone(conn, work):
        await work(conn)
        raise ZeroDivisionError

    monkeypatch.setattr(commit, "request", lost)
    with pytest.raises(OutcomeUnknownError):
        await unit.run(deps, work_of(change(kind=Kind.WITHDRAWN), mark="a"))
    monkeypatch.setattr(commit, "request", original)
    assert await marks(deps.database) == ({"a"} if stands else set())
    await unit.run(deps, work_of(change(kind=Kind.TERMS)))
    book = await finished(deps)
    kinds = [Kind.BOOT]
    kinds += [] if first else [Kind.GIVEN]
    kinds += [Kind.WITHDRAWN] if stands else []
    assert book.kinds() == [*kinds, Kind.TERMS, Kind.FIN]
    assert len({header.writer for header in book.headers}) == 1


@pytest.mark.parametrize("stands", [True, False], ids=["it stood", "it did not"])
async def test_a_look_of_unknown_outcome_opens_nothing_and_leaves_no_gap(deps, monkeypatch, stands):
    await deps.appender.record([draft()])
    original = commit.records

    async def lost(database, work):
        if stands:
            await original(database, work)
        raise OutcomeUnknownError

    at_once = commit.at_once

    async def lost_at_once(*words):
        if stands:
            await at_once(*words)
        raise OutcomeUnknownError

    monkeypatch.setattr(commit, "records", lost)
    monkeypatch.setattr(commit, "at_once", lost_at_once)
    answers = await asyncio.gather(
        *(deps.appender.record([draft(kind=Kind.EXPORT)]) for _ in range(3)),
        return_exceptions=True,
    )
    assert {type(one) for one in answers} == {OutcomeUnknownError}
    monkeypatch.setattr(commit, "records", original)
    monkeypatch.setattr(commit, "at_once", at_once)
    await asyncio.sleep(0.1)
    await deps.appender.record([draft()])
    book = await finished(deps)
    lost_looks = [Kind.EXPORT] * 3 if stands else []
    assert book.kinds() == [Kind.BOOT, Kind.READ, *lost_looks, Kind.READ, Kind.FIN]


async def test_a_caller_that_goes_leaves_the_change_to_its_end(deps):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(one):
        begun.set()
        await go_on.wait()
        one.log(change())
        await work_of(mark="a")(one)

    caller = asyncio.ensure_future(unit.run(deps, work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    book = await finished(deps)  # closing waits for the change
    assert await marks(deps.database) == {"a"}
    assert book.kinds() == [Kind.BOOT, Kind.GIVEN, Kind.FIN]


async def test_a_caller_that_goes_need_not_hear_of_a_failure(deps):
    begun = asyncio.Event()

    async def work(_):
        begun.set()
        await asyncio.sleep(0.01)
        raise ConflictError

    caller = asyncio.ensure_future(unit.run(deps, work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0.05)
    assert (await finished(deps)).leaves == []


async def test_nothing_runs_after_the_close(deps):
    await deps.appender.close()
    with pytest.raises(BusyError):
        await unit.run(deps, work_of(change()))


async def test_changes_and_looks_at_once_stay_in_order(deps):
    async def changes(number):
        return [await unit.run(deps, work_of(change(epoch=number))) for _ in range(15)]

    async def looks():
        found = []
        for _ in range(15):
            with deps.appender.looking() as seen:
                found += await deps.appender.record([draft(seen=seen)])
        return found

    answers = await asyncio.gather(*(changes(one) for one in range(8)), looks(), looks())
    book = await finished(deps)
    for answer in answers[:8]:
        for _, (recorded,) in answer:
            book.find(recorded)
    for answer in answers[8:]:
        for recorded in answer:
            book.find(recorded)
    writers = {header.writer for header in book.headers}
    assert len(book.leaves) == 8 * 15 + 2 * 15 + 2 * len(writers)
    assert len(writers) <= 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_four_transactions_append_at_once_and_a_fifth_waits(deps):
    together, passed = asyncio.Barrier(4), asyncio.Event()

    async def slow(one):
        one.log(change())

    lanes = deps.appender.lanes

    async def hold():
        async with lanes.lane():
            await together.wait()
            await passed.wait()

    holders = [asyncio.ensure_future(hold()) for _ in range(4)]
    await asyncio.sleep(0.05)
    waiting = asyncio.ensure_future(unit.run(deps, slow))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    passed.set()
    await asyncio.gather(*holders)
    _, (recorded,) = await waiting
    assert (await finished(deps)).find(recorded) == 1


async def test_a_lane_that_does_not_come_free_is_answered_with_busy(deps, monkeypatch):
    monkeypatch.setattr("vault.services.lanes.MAX_SECONDS", 0.05)
    lanes = deps.appender.lanes
    held = [lanes.lane() for _ in range(4)]
    for one in held:
        await one.__aenter__()
    with pytest.raises(BusyError):
        await unit.run(deps, work_of(change(), mark="a"))
    for one in held:
        await one.__aexit__(None, None, None)
    assert await marks(deps.database) == set()
    await unit.run(deps, work_of(change(), mark="a"))
    assert (await finished(deps)).kinds() == [Kind.BOOT, Kind.GIVEN, Kind.FIN]


async def test_time_is_the_clocks_at_the_start_of_the_work(opened):
    clock = FakeClock()
    async with appending(opened, clock) as appender:
        deps = deps_of(opened, appender, clock)

        async def work(one):
            one.log(change())
            return one.now

        moment, _ = await unit.run(deps, work)
        assert moment == clock.moment
        book = await finished(deps)
    assert book.headers[1].at == int(clock.moment.timestamp() * 1000)
