import asyncio
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    open_log,
    until,
)
from vault.core.entry import Kind
from vault.core.errors import (
    BusyError,
)
from vault.core.ids import NOBODY
from vault.core.merkle import leaf_hash
from vault.crypto import entry as cipher
from vault.services import appender as appender_module
from vault.services.record_ask import Ask
from vault.store import integration


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


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=9),
    st.integers(1, 6),
)
def test_asks_are_grouped_in_order_and_within_the_bound(sizes, bound):
    asks = [Ask((draft(),) * size, batch=False) for size in sizes]
    original = appender_module.MAX_ENTRIES
    appender_module.MAX_ENTRIES = bound
    try:
        groups = list(appender_module._groups(asks))
    finally:
        appender_module.MAX_ENTRIES = original
    assert [ask for group in groups for ask in group] == asks
    for group in groups:
        assert len(group) == 1 or sum(len(ask.drafts) for ask in group) <= bound
