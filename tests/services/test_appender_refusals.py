"""What cannot be recorded: who is refused, and that nobody else is, and that no gap is left."""

import asyncio

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import appending, draft, integrate, new_appender, open_log
from vault.core.entry import Kind
from vault.core.errors import BusyError, LogBrokenError, NotReadyError, TooLargeError
from vault.core.recorded import Recorded
from vault.services import appender as appender_module
from vault.store import commit, integration
from vault.store.engine import open_database
from vault.store.integration import log_head
from vault.store.log import log_open


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


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


@pytest.mark.parametrize("bad", [{0}, {3}, {1, 2, 5}, set(range(6))], ids=str)
async def test_one_draft_of_a_chunk_that_cannot_be_written_has_its_own_error(opened, bad):
    drafts = [draft(case="x" * 201) if at in bad else draft(case=f"c{at}") for at in range(6)]
    async with appending(opened) as appender:
        outcomes, (other,) = await asyncio.gather(
            appender.record_each(drafts), appender.record([draft(case="other")])
        )
        assert [isinstance(one, TooLargeError) for one in outcomes] == [
            at in bad for at in range(6)
        ]
        errors = [one for one in outcomes if isinstance(one, TooLargeError)]
        assert len({id(one) for one in errors}) == len(bad)
        assert await appender.record_each([]) == []
    assert await integrate(opened) == frozenset()
    book = await logbook.read(opened)
    assert book.payload(book.find(other))["case"] == "other"
    good = [one for one in outcomes if isinstance(one, Recorded)]
    assert [book.payload(book.find(one))["case"] for one in good] == [
        f"c{at}" for at in range(6) if at not in bad
    ]
    assert len({one.receipt for one in good}) <= 1
    leaves = [book.leaves[book.find(one)].hash for one in good]
    assert all(logbook.check_receipt(one).leaves == tuple(leaves) for one in good)
    assert len(book.leaves) == 2 + 1 + len(good)


async def test_a_chunk_with_a_load_that_is_too_old_is_not_recorded_at_all(opened):
    async with appending(opened) as appender:
        with pytest.raises(BusyError):
            await appender.record_each([draft(), draft(taken=0.0)])
    assert await integrate(opened) == frozenset()
    assert (await logbook.read(opened)).leaves == []


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
