"""Whatever the order in which writers append and integrations run, the log is whole."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services import logbook
from tests.services.logbook import LOG, open_log
from tests.store import records
from tests.store.records import new_writer, record, system
from vault.core.entry import Kind
from vault.services import integrator as integrator_module
from vault.services.integrator import Integrator, unbroken
from vault.store import commit, log
from vault.store.engine import open_database
from vault.store.log import Waiting


@pytest.mark.slow
@given(
    st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=8), min_size=1, max_size=5),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
@settings(max_examples=10)
def test_any_interleaving_of_writers_gives_a_whole_log(
    postgres_server, postgresql_template, sizes, limit, chance
):
    """Writers append in any order between integrations of any size; nothing is lost or doubled."""

    async def story():
        name = postgres_server.create_database(postgresql_template)
        database = open_database(postgres_server.url(name))
        try:
            await open_log(database)
            waiting = {new_writer(): [None, *size] for size in sizes}
            seqs = dict.fromkeys(waiting, 0)
            expected = 0
            one = Integrator(database, log_id=LOG)
            while any(waiting.values()):
                writer = chance.choice([one for one, left in waiting.items() if left])
                parts = waiting[writer].pop(0)
                seq = seqs[writer]
                seqs[writer] += 1
                made = (
                    system(writer, seq, Kind.BOOT)
                    if parts is None
                    else record(writer, seq, customers=[records.CUSTOMER] * parts)
                )
                expected += len(made.entries)

                async def work(conn, made=made):
                    if made.seq == 0:
                        await log.open_writer(conn, LOG, made.writer)
                    await log.append(conn, [made], at_least=0)

                await commit.records(database, work)
                if chance.random() < 0.3:
                    await one.integrate()
            while await one.integrate():
                pass
            assert one.stopped == frozenset()
            book = await logbook.read(database)
            assert len(book.leaves) == expected
            assert book.waiting == 0
        finally:
            await database.dispose()
            postgres_server.drop_database(name)

    original = integrator_module.MAX_ENTRIES
    integrator_module.MAX_ENTRIES = limit
    try:
        asyncio.run(story())
    finally:
        integrator_module.MAX_ENTRIES = original


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1), st.integers(0, 40))
def test_a_run_has_no_gap_and_stays_within_its_bound(steps, limit):
    writer = new_writer()
    seq, waiting = 0, []
    for step, parts in steps:
        waiting.append(Waiting(writer, seq, parts))
        seq += step
    last = unbroken(waiting, limit)
    taken = [one for one in waiting if one.seq <= last]
    assert [one.seq for one in taken] == list(range(len(taken)))
    assert len(taken) == 1 or sum(one.parts for one in taken) <= limit
    for behind in waiting[len(taken) : len(taken) + 1]:
        assert behind.seq != last + 1 or sum(one.parts for one in [*taken, behind]) > limit
