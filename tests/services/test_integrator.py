import asyncio
import dataclasses

import pytest
from sqlalchemy import delete, insert, update
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import LOG, integrate, open_log, until
from tests.store import records
from tests.store.records import new_writer, record, system
from vault.core.entry import Kind
from vault.core.errors import LogBrokenError
from vault.core.ids import NOBODY
from vault.core.merkle import Frontier
from vault.services import integrator as integrator_module
from vault.services.integrator import ALARM_GAP, ALARM_HEAD, ALARM_RECORD, Integrator
from vault.store import commit, integration, log
from vault.store.integration import log_head
from vault.store.log import log_outbox

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


async def append(database, *some):
    """Append records of several writers, opening each that begins."""

    async def work(conn):
        for one in some:
            if one.seq == 0:
                await log.open_writer(conn, LOG, one.writer)
        return await log.append(conn, some, at_least=0)

    await commit.records(database, work)


async def run(database, statement):
    await commit.request(database, lambda conn: conn.execute(statement))


def begun(writer, count):
    """A writer's boot and the records behind it."""
    return [system(writer, 0, Kind.BOOT), *(record(writer, seq) for seq in range(1, count))]


async def drained(database):
    return not (await logbook.read(database)).waiting


async def alarmed(said):
    return any(line["event"] == ALARM_HEAD for line in said)


async def integrated(database):
    """The (writer, seq) of every record in the log, in the order of the index."""
    book = await logbook.read(database)
    return [(row.writer, row.seq) for row in book.leaves if row.part == 0]


async def test_writers_are_integrated_in_their_own_order(opened):
    first, second = new_writer(), new_writer()
    await append(opened, *begun(first, 4))
    await append(opened, *begun(second, 3))
    assert await integrate(opened) == frozenset()
    order = await integrated(opened)
    assert [seq for writer, seq in order if writer == first] == [0, 1, 2, 3]
    assert [seq for writer, seq in order if writer == second] == [0, 1, 2]
    assert (await logbook.read(opened)).waiting == 0


async def test_a_gap_stops_its_writer_with_an_alarm_and_the_others_go_on(opened):
    broken, well = new_writer(), new_writer()
    await append(opened, *begun(broken, 5))
    await append(opened, *begun(well, 3))
    await run(
        opened, delete(log_outbox).where(log_outbox.c.writer == broken, log_outbox.c.seq == 2)
    )
    with capture_logs() as said:
        stopped = await integrate(opened)
    assert stopped == {broken}
    assert [(line["event"], line["writer"], line["seq"]) for line in said] == [
        (ALARM_GAP, str(broken), 2)
    ]
    order = await integrated(opened)
    assert {seq for writer, seq in order if writer == broken} == {0, 1}
    assert {seq for writer, seq in order if writer == well} == {0, 1, 2}
    assert (await logbook.read(opened)).waiting == 2


async def test_a_stopped_writer_is_not_asked_again_and_holds_up_nobody(opened):
    broken, well = new_writer(), new_writer()
    await append(opened, *begun(broken, 2))
    await run(
        opened, delete(log_outbox).where(log_outbox.c.writer == broken, log_outbox.c.seq == 0)
    )
    one = Integrator(opened, log_id=LOG)
    with capture_logs() as said:
        assert await one.integrate() == 0
        await append(opened, *begun(well, 2))
        assert await one.integrate() == 2
    assert [line["event"] for line in said] == [ALARM_GAP]


async def test_a_record_put_back_after_its_integration_is_an_alarm(opened):
    writer = new_writer()
    await append(opened, *begun(writer, 3))
    await integrate(opened)
    again = {
        "log_id": LOG,
        "writer": writer,
        "seq": 1,
        "parts": 1,
        "customers": [NOBODY],
        "facts": "[null]",
        "entries": b"\x00\x00",
    }
    await run(opened, insert(log_outbox).values(again))
    with capture_logs() as said:
        assert await integrate(opened) == {writer}
    assert said[0]["event"] == ALARM_GAP
    assert len((await logbook.read(opened)).leaves) == 3


async def test_a_malformed_row_stops_its_writer_behind_what_was_well(opened):
    broken, well = new_writer(), new_writer()
    await append(opened, *begun(broken, 4))
    await append(opened, *begun(well, 2))
    await run(
        opened,
        update(log_outbox)
        .where(log_outbox.c.writer == broken, log_outbox.c.seq == 2)
        .values(entries=b"\x00\x01"),
    )
    with capture_logs() as said:
        assert await integrate(opened) == {broken}
    assert [(line["event"], line["seq"]) for line in said] == [(ALARM_RECORD, 2)]
    order = await integrated(opened)
    assert [seq for writer, seq in order if writer == broken] == [0, 1]
    assert [seq for writer, seq in order if writer == well] == [0, 1]


async def test_a_record_that_the_tables_refuse_stops_its_writer_alone(opened):
    broken, well = new_writer(), new_writer()
    poison = record(broken, 2, facts=[records.fact(case="x" * 201)])
    await append(opened, *begun(broken, 2), poison, record(broken, 3))
    await append(opened, *begun(well, 4))
    with capture_logs() as said:
        assert await integrate(opened) == {broken}
    assert [(line["event"], line["seq"]) for line in said] == [(ALARM_RECORD, 2)]
    order = await integrated(opened)
    assert [seq for writer, seq in order if writer == broken] == [0, 1]
    assert [seq for writer, seq in order if writer == well] == [0, 1, 2, 3]


async def test_a_writer_that_ended_is_closed(opened):
    writer, other = new_writer(), new_writer()
    await append(opened, *begun(writer, 2), system(writer, 2, Kind.FIN))
    await append(opened, *begun(other, 1))
    await integrate(opened)
    assert (await logbook.read(opened)).open == {other}


@pytest.mark.parametrize(
    "spoil",
    [
        update(log_head).values(size=2),
        update(log_head).values(root=b"x" * 32),
        update(log_head).values(root=b"x" * 32, edge=b"x" * 64),
    ],
)
async def test_a_head_that_moved_back_or_changed_is_not_continued(opened, spoil):
    writer = new_writer()
    one = Integrator(opened, log_id=LOG)
    await append(opened, *begun(writer, 3))
    assert await one.integrate() == 3
    await run(opened, spoil)
    await append(opened, record(writer, 3))
    with pytest.raises(LogBrokenError):
        await one.integrate()


async def test_a_restored_head_and_its_leaves_are_found_by_memory(opened):
    writer = new_writer()
    one = Integrator(opened, log_id=LOG)
    await append(opened, *begun(writer, 2))
    await one.integrate()
    async with opened.connect() as conn:
        head = await integration.head(conn, LOG)
    assert head
    one._known = dataclasses.replace(head, size=head.size + 1)
    with pytest.raises(LogBrokenError):
        await one.integrate()


async def test_integrations_at_once_do_the_work_once(opened):
    writers = [new_writer() for _ in range(6)]
    for writer in writers:
        await append(opened, *begun(writer, 20))
    several = [Integrator(opened, log_id=LOG) for _ in range(4)]
    await asyncio.gather(*(one.integrate() for one in several))
    assert [one.leads for one in several].count(True) == 1
    for one in several:
        await one.close()
    assert await integrate(opened) == frozenset()
    assert len((await logbook.read(opened)).leaves) == 6 * 20


async def test_a_transaction_is_bounded_and_shared_by_writers(opened, monkeypatch):
    monkeypatch.setattr(integrator_module, "MAX_ENTRIES", 10)
    busy, quiet = new_writer(), new_writer()
    await append(opened, *begun(busy, 30))
    await append(opened, *begun(quiet, 3))
    one = Integrator(opened, log_id=LOG)
    assert await one.integrate() == 5 + 3
    order = await integrated(opened)
    assert [seq for writer, seq in order if writer == quiet] == [0, 1, 2]
    while await one.integrate():
        pass
    assert len(await integrated(opened)) == 33


async def test_the_loop_integrates_by_itself_and_to_the_end(opened):
    writer = new_writer()
    one = Integrator(opened, log_id=LOG)
    one.start()
    await append(opened, *begun(writer, 3))
    await until(lambda: drained(opened))
    await append(opened, record(writer, 3))
    await one.close()
    assert len((await logbook.read(opened)).leaves) == 4


async def test_the_loop_tells_a_broken_head_and_stays(opened, monkeypatch):
    monkeypatch.setattr(integrator_module, "PAUSE_SECONDS", 0.02)
    writer = new_writer()
    await append(opened, *begun(writer, 3))
    one = Integrator(opened, log_id=LOG)
    await run(opened, update(log_head).values(size=2, edge=b"", root=b"x" * 32))
    with capture_logs() as said:
        one.start()
        await until(lambda: alarmed(said))
    empty = Frontier().root()
    await run(opened, update(log_head).values(size=0, edge=b"", root=empty))
    await until(lambda: drained(opened))
    await one.close()


async def test_there_is_nothing_to_integrate_without_a_log(database):
    assert await Integrator(database, log_id=LOG).integrate() == 0
