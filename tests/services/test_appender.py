import asyncio
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import (
    AUDIT_KEY,
    CODE,
    CUSTOMER,
    FakeClock,
    appending,
    check_receipt,
    draft,
    integrate,
    new_appender,
    open_log,
    until,
)
from vault.core.entry import Kind
from vault.core.errors import (
    BusyError,
    LogBrokenError,
    NotReadyError,
    TooLargeError,
)
from vault.core.ids import NOBODY
from vault.core.merkle import leaf_hash
from vault.crypto import entry as cipher
from vault.services import appender as appender_module
from vault.store import commit, integration
from vault.store.engine import open_database
from vault.store.integration import log_head
from vault.store.log import log_open


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


async def test_a_record_is_in_the_log_with_its_receipt(opened):
    async with appending(opened) as appender:
        with appender.looking() as seen:
            (recorded,) = await appender.record([draft(seen=seen)])
    assert await integrate(opened) == frozenset()
    book = await logbook.read(opened)
    index = book.find(recorded)
    assert recorded.customer == CUSTOMER
    assert recorded.allowed == {"contact.email", "contact.phone"}
    assert check_receipt(recorded).leaves == (leaf_hash(book.leaves[index].entry),)
    assert [(row.customer_id, row.idx) for row in book.listed] == [(CUSTOMER, index)]
    assert book.kinds() == [Kind.BOOT, Kind.READ, Kind.FIN]
    assert book.waiting == 0
    assert book.open == set()


async def test_the_payload_tells_all_and_the_header_nothing(opened):
    look = draft(
        registration="r" * 64,
        ceiling=(("delivery", "read", "contact.email"),),
        token="t" * 64,
        request="req-1",
        case="C-7",
        handle="staff-3",
        values=(("v1", "d" * 64),),
    )
    async with appending(opened) as appender:
        (recorded,) = await appender.record([look])
    await integrate(opened)
    book = await logbook.read(opened)
    index = book.find(recorded)
    said = book.payload(index)
    salt = said.pop("salt")
    assert said == {
        "v": 1,
        "kind": 1,
        "customer": str(CUSTOMER),
        "actor": "app",
        "app": "crm",
        "purpose": "delivery",
        "code": CODE,
        "epoch": 3,
        "request": "req-1",
        "case": "C-7",
        "allowed": [["contact.email", "delivery"], ["contact.phone", "delivery"]],
        "withheld": [["person.birthday", "no-consent"]],
        "registration": "r" * 64,
        "ceiling": [["delivery", "read", "contact.email"]],
        "token": "t" * 64,
        "values": [["v1", "d" * 64]],
    }
    fact = book.facts[index]
    assert fact.salt.hex() == salt
    assert (fact.kind, fact.app, fact.purpose, fact.clauses) == (
        1,
        "crm",
        "delivery",
        '["delivery"]',
    )
    assert (fact.allowed, fact.withheld, fact.handle, fact.case_ref) == (2, 1, "staff-3", "C-7")
    assert fact.at == book.headers[index].at
    header = book.headers[index]
    assert header.facts == cipher.facts(
        fact.salt,
        kind=1,
        app="crm",
        purpose="delivery",
        code=CODE,
        allowed=2,
        withheld=1,
    )
    mask = cipher.mask(AUDIT_KEY, 0, header.writer, header.seq, header.part)
    assert header.tag == mask[:16]
    veil = bytes(a ^ b for a, b in zip(header.veil, mask[16:25], strict=True))
    assert veil == bytes((1,)) + (3).to_bytes(8)


async def test_an_unknown_customer_costs_and_weighs_the_same_and_is_on_no_list(opened):
    nobody = draft(
        customer=NOBODY, audit_key=hashlib.sha256(b"nobody").digest(), kind=Kind.DENIED, allowed=()
    )
    known = draft(kind=Kind.DENIED, allowed=())
    async with appending(opened) as appender:
        records = await appender.record([known, nobody])
    await integrate(opened)
    book = await logbook.read(opened)
    first, second = (book.find(one) for one in records)
    assert len(book.leaves[first].entry) == len(book.leaves[second].entry)
    assert [row.idx for row in book.listed] == [first]
    assert {first, second} <= book.facts.keys()


async def test_a_batch_is_one_record_with_one_receipt(opened):
    drafts = [draft(epoch=number) for number in range(1, 201)]
    async with appending(opened) as appender:
        await appender.record([draft()])
        records = await appender.record(drafts, batch=True)
    await integrate(opened)
    book = await logbook.read(opened)
    assert {(one.entry.writer, one.entry.seq) for one in records} == {
        (records[0].entry.writer, records[0].entry.seq)
    }
    assert [one.entry.part for one in records] == list(range(200))
    assert len({one.receipt for one in records}) == 1
    leaves = [leaf_hash(book.leaves[book.find(one)].entry) for one in records]
    assert check_receipt(records[0]).leaves == tuple(leaves)
    assert [book.payload(book.find(one))["epoch"] for one in records] == list(range(1, 201))


async def test_a_batch_has_at_most_a_thousand_parts(opened):
    async with appending(opened) as appender:
        assert len(await appender.record([draft()] * 1_000, batch=True)) == 1_000
        with pytest.raises(BusyError):
            await appender.record([draft()] * 1_001, batch=True)
        # The refused one took no place in the sequence.
        await appender.record([draft()])
    assert await integrate(opened) == frozenset()
    await logbook.read(opened)


async def test_many_tasks_leave_no_gap_and_no_double(opened):
    async def task(appender, number):
        found = []
        for turn in range(20):
            with appender.looking() as seen:
                await asyncio.sleep(0)
                some = [draft(seen=seen, app=f"app{number}")] * (1 + (number + turn) % 3)
                found += await appender.record(some, batch=turn % 5 == 0)
        return found

    async with appending(opened) as appender:
        answers = await asyncio.gather(*(task(appender, number) for number in range(32)))
    records = [one for answer in answers for one in answer]
    assert len({one.entry for one in records}) == len(records) > 32 * 20
    assert await integrate(opened) == frozenset()
    book = await logbook.read(opened)
    places = {(h.writer, h.seq, h.part): index for index, h in enumerate(book.headers)}
    assert len(places) == len(book.headers) == len(records) + 2
    for one in records:
        index = places[one.entry.writer, one.entry.seq, one.entry.part]
        assert book.leaves[index].hash in check_receipt(one).leaves


async def test_waiting_asks_share_a_commit(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        answers = await asyncio.gather(*(appender.record([draft()]) for _ in range(40)))
    promises = {check_receipt(answer[0]).promise for answer in answers}
    assert len(promises) <= 2
    assert sum(promise.entries for promise in promises) == 40


async def test_commits_are_bounded(opened, monkeypatch):
    monkeypatch.setattr(appender_module, "MAX_ENTRIES", 10)
    async with appending(opened) as appender:
        await appender.record([draft()])
        answers = await asyncio.gather(*(appender.record([draft()] * 4) for _ in range(12)))
    promises = {check_receipt(answer[0]).promise for answer in answers}
    assert {promise.entries for promise in promises} == {8}
    await integrate(opened)
    await logbook.read(opened)


async def test_time_never_falls_within_a_writer(opened):
    clock = FakeClock()
    async with appending(opened, clock) as appender:
        await appender.record([draft(at=2_000_000_000_000)])
        await appender.record([draft(at=1_000_000_000_000)])
        clock.moment -= timedelta(days=1)
        await appender.record([draft()])
    await integrate(opened)
    book = await logbook.read(opened)
    # Boot stands in the first commit, and `fin` behind them all.
    assert [header.at for header in book.headers[1:]] == [2_000_000_000_000] * 4


async def test_a_look_says_what_was_seen_before_its_load(opened):
    async with appending(opened) as appender:
        with appender.looking() as early:
            await appender.record([draft(seen=early)])
            await integrate(opened)
            async with opened.connect() as conn:
                head = await integration.head(conn, logbook.LOG)
            assert head is not None
            appender._learn(head.size)
            with appender.looking() as late:
                assert late == head.size > early
                (recorded,) = await appender.record([draft(seen=late)])
                # The early look is still under way, so nothing newer is said yet.
                (slow,) = await appender.record([draft(seen=early)])
        with appender.looking() as last:
            (after,) = await appender.record([draft(seen=last)])
    await integrate(opened)
    book = await logbook.read(opened)
    assert book.headers[book.find(recorded)].seen == early
    assert book.headers[book.find(slow)].seen == early
    assert book.headers[book.find(after)].seen == last >= late


async def test_a_look_older_than_what_the_writer_said_must_be_made_again_and_fails_alone(opened):
    async with appending(opened) as appender:
        for _ in range(3):
            await appender.record([draft(seen=appender.seen)])
            await integrate(opened)
            async with opened.connect() as conn:
                head = await integration.head(conn, logbook.LOG)
            assert head
            appender._learn(head.size)
        answers = await asyncio.gather(
            appender.record([draft(seen=appender.seen)]),
            appender.record([draft(seen=0)]),
            return_exceptions=True,
        )
        assert [type(one) for one in answers] == [list, BusyError]
    await integrate(opened)
    await logbook.read(opened)


async def test_an_idle_process_learns_the_size_of_the_log(opened, monkeypatch):
    monkeypatch.setattr(appender_module, "REFRESH_SECONDS", 0.01)
    async with appending(opened) as idle:
        assert idle.seen == 0
        async with appending(opened) as busy:
            await busy.record([draft()])
        await integrate(opened)

        async def learned():
            return idle.seen >= 3

        await until(learned)


async def test_a_look_without_its_seen_is_a_mistake_of_ours(opened):
    async with appending(opened) as appender:
        with pytest.raises(ValueError, match="size seen before its load"):
            await appender.record([draft(seen=None)])
        assert await appender.record([]) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"case": "x" * 201}, "a case that the table of facts refuses"),
        ({"purpose": "x" * 201}, "a purpose that it refuses"),
        ({"handle": "a\0b"}, "a zero, which PostgreSQL refuses"),
        ({"values": (("v" * 36, "d" * 64),) * 700}, "over 65,535 bytes"),
    ],
)
async def test_an_entry_without_a_place_in_the_log_fails_alone(opened, change, why):
    async with appending(opened) as appender:
        answers = await asyncio.gather(
            *(appender.record([draft()]) for _ in range(3)),
            appender.record([draft(), draft(**change)]),
            *(appender.record([draft()]) for _ in range(3)),
            return_exceptions=True,
        )
    assert [type(one) for one in answers] == [list] * 3 + [TooLargeError] + [list] * 3
    assert await integrate(opened) == frozenset()
    assert len((await logbook.read(opened)).leaves) == 8


async def test_an_entry_that_cannot_be_written_fails_alone(opened):
    async with appending(opened) as appender:
        answers = await asyncio.gather(
            appender.record([draft()]),
            appender.record([draft(code="no digest")]),
            appender.record([draft(audit_key=b"")]),
            appender.record([draft(request=1.5)]),
            appender.record([draft()]),
            return_exceptions=True,
        )
    assert [isinstance(one, list) for one in answers] == [True, False, False, False, True]
    assert await integrate(opened) == frozenset()
    assert len((await logbook.read(opened)).leaves) == 4


async def test_what_has_nobody_to_answer_is_still_in_order(opened):
    async with appending(opened) as appender:
        asks = [asyncio.ensure_future(appender.record([draft()])) for _ in range(50)]
        await asyncio.sleep(0.002)
        for ask in asks[::2]:
            ask.cancel()
        answers = await asyncio.gather(*asks, return_exceptions=True)
    assert await integrate(opened) == frozenset()
    book = await logbook.read(opened)
    for answer in answers:
        if isinstance(answer, list):
            book.find(answer[0])


async def test_nothing_is_recorded_before_the_start_or_after_the_close(opened):
    appender = new_appender(opened)
    with pytest.raises(BusyError):
        await appender.record([draft()])
    await appender.start()
    await appender.record([draft()])
    await appender.close()
    await appender.close()
    with pytest.raises(BusyError):
        await appender.record([draft()])


async def test_what_was_accepted_before_the_close_is_recorded(opened):
    async with appending(opened) as appender:
        asks = [asyncio.ensure_future(appender.record([draft()])) for _ in range(30)]
        await asyncio.sleep(0)
    records = await asyncio.gather(*asks)
    await integrate(opened)
    book = await logbook.read(opened)
    assert all(book.find(one) for (one,) in records)
    assert book.kinds()[-1] == Kind.FIN


async def test_a_process_that_wrote_nothing_leaves_no_trace(opened):
    async with appending(opened):
        pass
    await integrate(opened)
    assert (await logbook.read(opened)).leaves == []


async def test_there_is_no_start_without_a_log_or_with_another_origin(database):
    with pytest.raises(NotReadyError, match="no access log"):
        await new_appender(database).start()
    await commit.request(
        database, lambda conn: integration.open_log(conn, logbook.LOG, "example.net/log")
    )
    with pytest.raises(NotReadyError, match="another origin"):
        await new_appender(database).start()


async def test_a_log_that_went_back_is_not_continued(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        await integrate(opened)
        appender._learn(1_000)  # what a restored database has forgotten
        with pytest.raises(LogBrokenError):
            await appender.record([draft(seen=appender.seen)])


async def test_a_database_that_is_away_is_answered_with_busy_and_comes_back(opened, monkeypatch):
    monkeypatch.setattr(appender_module, "FIRST_PAUSE", 0.01)
    spoiled = log_head.update().values(log_id=9)
    repaired = log_head.update().values(log_id=0)
    async with appending(opened) as appender:
        await appender.record([draft()])
        await commit.request(opened, lambda conn: conn.execute(spoiled))
        for _ in range(3):
            with pytest.raises(BusyError):
                await appender.record([draft()])
        await commit.request(opened, lambda conn: conn.execute(repaired))
        await asyncio.sleep(0.1)
        await appender.record([draft()])
    assert await integrate(opened) == frozenset()
    book = await logbook.read(opened)
    assert book.kinds() == [Kind.BOOT, Kind.READ, Kind.READ, Kind.FIN]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_without_a_database_nothing_is_recorded_at_once(opened, monkeypatch):
    monkeypatch.setattr(appender_module, "FIRST_PAUSE", 30.0)
    gone = open_database("postgresql://nobody@127.0.0.1:1/gone")
    appender = new_appender(opened)
    await appender.start()
    appender._database = gone
    answers = await asyncio.gather(
        *(appender.record([draft()]) for _ in range(20)), return_exceptions=True
    )
    assert {type(one) for one in answers} == {BusyError}
    assert len({id(one) for one in answers}) == 20
    # While the pause lasts, nobody is kept waiting for a connection.
    with pytest.raises(BusyError):
        await appender.record([draft()])
    await appender.close()
    await gone.dispose()


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=9),
    st.integers(1, 6),
)
def test_asks_are_grouped_in_order_and_within_the_bound(sizes, bound):
    asks = [appender_module._Ask((draft(),) * size, batch=False) for size in sizes]
    original = appender_module.MAX_ENTRIES
    appender_module.MAX_ENTRIES = bound
    try:
        groups = list(appender_module._groups(asks))
    finally:
        appender_module.MAX_ENTRIES = original
    assert [ask for group in groups for ask in group] == asks
    for group in groups:
        assert len(group) == 1 or sum(len(ask.drafts) for ask in group) <= bound


async def test_a_writer_that_stands_elsewhere_than_thought_asks_the_database(opened):
    async with appending(opened) as appender:
        await appender.record([draft()])
        appender._reader.next_seq -= 1
        with capture_logs() as said:
            await appender.record([draft()])
    assert [line["event"] for line in said] == ["log-record-refused"]
    assert await integrate(opened) == frozenset()
    assert (await logbook.read(opened)).kinds() == [Kind.BOOT, Kind.READ, Kind.READ, Kind.FIN]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_writer_that_somebody_closed_goes_on_as_a_new_one(opened):
    async with appending(opened) as appender:
        (first,) = await appender.record([draft()])
        await integrate(opened)
        await commit.request(opened, lambda conn: conn.execute(log_open.delete()))
        with capture_logs():
            (second,) = await appender.record([draft()])
    assert first.entry.writer != second.entry.writer
    assert await integrate(opened) == frozenset()
    assert (await logbook.read(opened)).find(second) == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_no_table_takes_fails_alone(opened):
    poison = "poison" * 5
    check = f"ALTER TABLE log_outbox ADD CHECK (facts NOT LIKE '%{poison}%')"
    await commit.request(opened, lambda conn: conn.execute(text(check)))
    async with appending(opened) as appender:
        with capture_logs() as said:
            answers = await asyncio.gather(
                *(appender.record([draft(case=str(number))]) for number in range(6)),
                appender.record([draft(case=poison)]),
                *(appender.record([draft(case=str(number))]) for number in range(5)),
                return_exceptions=True,
            )
    assert [type(one) for one in answers] == [list] * 6 + [BusyError] + [list] * 5
    assert not any(poison in str(line) for line in said)
    assert await integrate(opened) == frozenset()
    assert len((await logbook.read(opened)).leaves) == 11 + 2
