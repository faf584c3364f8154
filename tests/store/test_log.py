import pytest
from sqlalchemy import delete, func, select, text, update

from tests.store import records
from tests.store.records import CUSTOMER, LOG, ORIGIN, new_writer, record, system
from vault.core.entry import Kind
from vault.core.errors import (
    ConflictError,
    LogBrokenError,
    NotReadyError,
)
from vault.core.ids import NOBODY, LogId
from vault.core.merkle import Frontier, leaf_hash, root
from vault.store import commit, integration, leaf, log
from vault.store.errors import WriterClosedError
from vault.store.integration import log_head, log_writer
from vault.store.leaf import access_fact, customer_entry, log_leaf
from vault.store.log import Run, Waiting, log_open, log_outbox

ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def opened(database):
    await commit.request(database, lambda conn: integration.open_log(conn, LOG, ORIGIN))
    return database


async def append(database, *some, at_least=0, opens=True):
    async def work(conn):
        if opens:
            await log.open_writer(conn, LOG, some[0].writer)
        return await log.append(conn, some, at_least=at_least)

    return await commit.records(database, work)


async def place(database, *some):
    async def work(conn):
        held = await integration.lock(conn, LOG)
        assert held
        return await integration.place(conn, held, some)

    return await commit.records(database, work)


async def run(database, statement):
    await commit.request(database, lambda conn: conn.execute(statement))


async def close_finished(database, some):
    await commit.records(database, lambda conn: log.close_finished(conn, some))


async def fetch(database, statement):
    async with database.connect() as conn:
        return (await conn.execute(statement)).all()


async def head(database):
    async with database.connect() as conn:
        return await integration.head(conn, LOG)


async def test_a_log_begins_empty_and_only_once(opened):
    empty = await head(opened)
    assert empty == integration.Head(LOG, ORIGIN, 0, root([]), b"")
    with pytest.raises(ConflictError):
        await commit.request(opened, lambda conn: integration.open_log(conn, LOG, ORIGIN))
    async with opened.connect() as conn:
        assert await integration.head(conn, LogId(1)) is None


async def test_nothing_is_appended_to_a_log_that_was_never_opened(database):
    with pytest.raises(NotReadyError):
        await append(database, record(new_writer(), 0))


async def test_placed_records_get_indexes_lists_facts_and_the_root(opened):
    writer, other = new_writer(), new_writer()
    some = [
        system(writer, 0, Kind.BOOT),
        record(writer, 1, customers=(CUSTOMER, NOBODY, CUSTOMER)),
        system(other, 0, Kind.BOOT),
        record(writer, 2),
    ]
    moved = await place(opened, *some)
    entries = [one for each in some for one in each.entries]
    assert (moved.size, moved.root) == (6, root([leaf_hash(one) for one in entries]))
    assert await head(opened) == moved
    rows = await fetch(opened, select(log_leaf).order_by(log_leaf.c.idx))
    assert [(row.idx, row.entry, row.seq, row.part) for row in rows] == [
        (0, entries[0], 0, 0),
        (1, entries[1], 1, 0),
        (2, entries[2], 1, 1),
        (3, entries[3], 1, 2),
        (4, entries[4], 0, 0),
        (5, entries[5], 2, 0),
    ]
    assert {row.hash for row in rows} == {leaf_hash(one) for one in entries}
    listed = await fetch(opened, select(customer_entry).order_by(customer_entry.c.idx))
    assert [(row.customer_id, row.idx) for row in listed] == [(CUSTOMER, idx) for idx in (1, 3, 5)]
    facts = await fetch(opened, select(access_fact).order_by(access_fact.c.idx))
    assert [row.idx for row in facts] == [1, 2, 3, 5]
    assert facts[0]._mapping == {
        "log_id": 0,
        "idx": 1,
        "at": 1_700_000_000_000,
        "salt": bytes(range(16)),
        "kind": 1,
        "app": "crm",
        "purpose": "delivery",
        "clauses": '["delivery"]',
        "code": records.CODE,
        "allowed": 2,
        "withheld": 1,
        "handle": None,
        "case_ref": None,
    }


@pytest.mark.parametrize("seq", [0, 2, 7])
async def test_a_record_that_does_not_follow_its_writer_is_not_placed(opened, seq):
    writer = new_writer()
    await place(opened, record(writer, 0))
    with pytest.raises(ConflictError):
        await place(opened, record(writer, seq))
    assert (await head(opened)).size == 1


async def test_a_damaged_edge_is_made_anew_from_the_leaves(opened):
    writer = new_writer()
    await place(opened, *(record(writer, seq) for seq in range(5)))
    for edge in (b"", b"x" * 64, b"x"):
        spoil = update(log_head).values(edge=edge)
        await run(opened, spoil)
        seq = (await head(opened)).size
        moved = await place(opened, record(writer, seq))
        assert Frontier(moved.size, moved.edge).root() == moved.root


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (update(log_head).values(root=b"x" * 32), "a root that no leaves have"),
        (update(log_head).values(size=3), "a truncated head"),
        (update(log_head).values(size=3, edge=b""), "a truncated head without its edge"),
        (delete(log_leaf).where(log_leaf.c.idx == 2), "a missing leaf and a lost edge"),
        (update(log_leaf).where(log_leaf.c.idx == 2).values(hash=b"y" * 32), "an edited leaf"),
    ],
)
async def test_a_log_that_its_leaves_do_not_bear_out_is_not_continued(opened, spoil, why):
    writer = new_writer()
    await place(opened, *(record(writer, seq) for seq in range(5)))

    async def work(conn):
        await conn.execute(spoil)
        if "leaf" in why:
            await conn.execute(update(log_head).values(edge=b""))

    await commit.request(opened, work)
    with pytest.raises(LogBrokenError):
        await place(opened, record(writer, 5))


async def test_leaf_hashes_come_in_pages(opened, monkeypatch):
    monkeypatch.setattr(leaf, "PAGE", 3)
    writer = new_writer()
    await place(opened, *(record(writer, seq) for seq in range(6)))
    async with opened.connect() as conn:
        pages = [page async for page in leaf.hashes(conn, LOG)]
    assert [len(page) for page in pages] == [3, 3]
    rows = await fetch(opened, select(log_leaf.c.hash).order_by(log_leaf.c.idx))
    assert [one for page in pages for one in page] == [row.hash for row in rows]


async def test_a_customers_entries_are_listed_the_newest_first(opened):
    writer = new_writer()
    await place(opened, *(record(writer, seq, customers=(CUSTOMER, NOBODY)) for seq in range(4)))
    async with opened.connect() as conn:
        listed = await leaf.entries_of(conn, CUSTOMER, before=None, limit=3)
        assert [one.place for one in listed] == [6, 4, 2]
        listed = await leaf.entries_of(conn, CUSTOMER, before=2, limit=3)
        assert [one.place for one in listed] == [0]
        assert listed[0].entry == records.entry(writer, 0, parts=2)
        assert await leaf.entries_of(conn, NOBODY, before=None, limit=3) == []


async def test_a_writer_knows_its_newest_record_from_the_database(opened):
    writer = new_writer()
    async with opened.connect() as conn:
        assert await log.newest(conn, LOG, writer) is None
    await append(opened, system(writer, 0, Kind.BOOT), record(writer, 1))
    async with opened.connect() as conn:
        assert await log.newest(conn, LOG, writer) == 1
    await append(opened, record(writer, 2), opens=False)
    async with opened.connect() as conn:
        assert await log.newest(conn, LOG, writer) == 2


async def test_a_record_is_not_appended_twice(opened):
    writer = new_writer()
    await append(opened, record(writer, 0))
    with pytest.raises(ConflictError):
        await append(opened, record(writer, 0), opens=False)


async def test_a_log_that_is_smaller_than_it_was_takes_nothing(opened):
    writer = new_writer()
    with pytest.raises(LogBrokenError):
        await append(opened, record(writer, 0), at_least=1)
    assert await fetch(opened, select(log_outbox.c.seq)) == []
    assert (await head(opened)).size == 0


@ONLY_SQLITE
async def test_on_sqlite_an_appended_record_has_its_index_at_once(opened):
    writer = new_writer()
    assert await append(opened, system(writer, 0, Kind.BOOT), record(writer, 1)) == 2
    assert (await head(opened)).size == 2
    assert await fetch(opened, select(log_outbox.c.seq)) == []
    await append(opened, system(writer, 2, Kind.FIN), opens=False)
    assert await fetch(opened, select(log_open.c.writer)) == []
    async with opened.connect() as conn:
        assert await log.newest(conn, LOG, writer) is None


async def test_a_writer_that_is_not_open_cannot_append(opened):
    with pytest.raises(WriterClosedError):
        await append(opened, record(new_writer(), 0), opens=False)


@ONLY_POSTGRESQL
async def test_records_come_back_from_the_outbox_as_they_went_in(opened):
    writer = new_writer()
    some = [
        system(writer, 0, Kind.BOOT),
        record(writer, 1, customers=(CUSTOMER, NOBODY)),
        record(
            writer,
            2,
            facts=[records.fact(app=None, purpose=None, clauses=(), handle="staff-7", case="C-1")],
        ),
    ]
    assert await append(opened, *some) == 0
    async with opened.connect() as conn:
        waits = await log.waiting(conn, LOG, without=[], limit=10)
        assert waits == [Waiting(writer, 0, 1), Waiting(writer, 1, 2), Waiting(writer, 2, 1)]
        assert await log.waiting(conn, LOG, without=[], limit=1) == waits[:1]
        assert await log.waiting(conn, LOG, without=[writer], limit=10) == []
        assert await log.take(conn, LOG, Run(writer, 0, 2)) == (some, None)
        assert await log.take(conn, LOG, Run(writer, 1, 1)) == (some[1:2], None)


@ONLY_POSTGRESQL
async def test_only_what_was_taken_is_removed(opened):
    writer, other = new_writer(), new_writer()
    await append(opened, *(record(writer, seq) for seq in range(4)))
    await append(opened, record(other, 0))
    await commit.records(
        opened, lambda conn: log.remove(conn, LOG, [record(writer, 0), record(writer, 1)])
    )
    rows = await fetch(opened, select(log_outbox.c.writer, log_outbox.c.seq))
    assert sorted(map(tuple, rows)) == sorted([(writer, 2), (writer, 3), (other, 0)])


@ONLY_POSTGRESQL
async def test_a_writer_is_closed_by_its_fin_alone_and_not_before_its_rows_are_gone(opened):
    writer = new_writer()
    fin = system(writer, 1, Kind.FIN)
    await append(opened, system(writer, 0, Kind.BOOT), fin)
    for finished, left in (([record(writer, 0)], 1), ([fin], 1)):
        await close_finished(opened, finished)
        assert len(await fetch(opened, select(log_open))) == left
    await commit.records(opened, lambda conn: log.remove(conn, LOG, [system(writer, 0, 64), fin]))
    await close_finished(opened, [fin])
    assert await fetch(opened, select(log_open)) == []


@ONLY_POSTGRESQL
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("entries = '\\x0001'", "an entry that ends too early"),
        ("entries = ''", "no entry"),
        ("parts = 2", "another number of parts"),
        ("customers = '{}'", "no customer"),
        ("facts = '[]'", "no facts"),
        ("facts = '[{}]'", "facts without members"),
        ("facts = '{}'", "facts that are no list"),
        ("facts = 'x'", "no JSON"),
        ("facts = '[{\"salt\": 1}]'", "a salt that is no text"),
        ("facts = '1'", "a number"),
    ],
)
async def test_a_malformed_row_ends_the_run_before_it(opened, change, why):
    writer = new_writer()
    some = [record(writer, seq) for seq in range(3)]
    await append(opened, *some)
    spoil = text(f"UPDATE log_outbox SET {change} WHERE seq = 1")
    await run(opened, spoil)
    async with opened.connect() as conn:
        assert await log.take(conn, LOG, Run(writer, 0, 2)) == (some[:1], 1)


@ONLY_POSTGRESQL
@pytest.mark.parametrize(
    "entry",
    [
        records.entry(new_writer(), 1),
        records.entry(records.CUSTOMER, 2),
        b"no entry at all",
    ],
)
async def test_an_entry_that_contradicts_its_row_ends_the_run(opened, entry):
    writer = records.CUSTOMER
    moved = record(writer, 1)._replace(entries=(entry,))
    await append(opened, record(writer, 0), moved)
    async with opened.connect() as conn:
        assert await log.take(conn, LOG, Run(writer, 0, 1)) == ([record(writer, 0)], 1)


async def test_writers_places_are_kept(opened):
    writer, other = new_writer(), new_writer()
    await place(opened, record(writer, 0), record(other, 0), record(writer, 1))
    await place(opened, record(writer, 2))
    unknown = new_writer()
    async with opened.connect() as conn:
        places = await integration.done(conn, LOG, [writer, other, unknown])
    assert places == {writer: 2, other: 0, unknown: -1}
    assert (await fetch(opened, select(func.count()).select_from(log_writer)))[0][0] == 2
