"""Several processes in one log, and processes that are killed: nothing acknowledged is lost."""

import asyncio
import subprocess
import sys

import pytest

from tests.postgres import REPOSITORY
from tests.services import logbook
from tests.services.logbook import appending, deps_of, draft, integrate, open_log
from vault.core.entry import Kind
from vault.core.errors import BusyError
from vault.services import unit


def scribe(url, *, tasks, rounds):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.scribe", url, str(tasks), str(rounds)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged(text):
    """The whole lines of what a scribe said; a kill may cut the last one."""
    lines = [line.split() for line in text[: text.rfind("\n") + 1].splitlines()]
    return {(bytes.fromhex(writer), int(seq), int(part)) for writer, seq, part in lines}


def places(book):
    return {(header.writer, header.seq, header.part) for header in book.headers}


@pytest.mark.slow
async def test_several_processes_write_one_log(database, database_url):
    await open_log(database)
    scribes = [scribe(database_url, tasks=4, rounds=10) for _ in range(3)]
    async with appending(database) as appender:
        for _ in range(20):
            await appender.record([draft(seen=appender.seen)])
            await asyncio.sleep(0.05)
    said = [await asyncio.to_thread(one.communicate) for one in scribes]
    assert [one.returncode for one in scribes] == [0, 0, 0]
    assert await integrate(database) == frozenset()
    book = await logbook.read(database)
    known = places(book)
    for text, _ in said:
        assert len(acknowledged(text)) >= 3 * 10
        assert acknowledged(text) <= known
    assert book.waiting == 0
    assert book.open == set()
    fins = [kind for kind in book.kinds() if kind == Kind.FIN]
    assert len(fins) == len({header.writer for header in book.headers})


@pytest.mark.slow
@pytest.mark.proves(1)
@pytest.mark.proves(4)
async def test_a_killed_process_loses_nothing_that_it_acknowledged(database, database_url):
    await open_log(database)
    said = set()
    for kill in range(6):
        one = scribe(database_url, tasks=8, rounds=0)
        assert one.stdout
        first = await asyncio.to_thread(one.stdout.readline)
        await asyncio.sleep(0.05 + 0.07 * kill)
        one.kill()
        rest, _ = await asyncio.to_thread(one.communicate)
        said |= acknowledged(first + rest)
    # Each kill cut writers off without a `fin`, and none of them in the middle of its sequence.
    assert await integrate(database) == frozenset()
    book = await logbook.read(database)
    assert len(said) > 6
    assert said <= places(book)
    assert len(book.open) >= 6
    async with appending(database) as appender:
        (recorded,) = await appender.record([draft(seen=appender.seen)])
    await integrate(database)
    assert (await logbook.read(database)).find(recorded) >= len(book.leaves)


@pytest.mark.slow
@pytest.mark.proves(1)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_connections_that_are_cut_lose_nothing_and_leave_no_gap(
    database, database_url, postgres_server
):
    await open_log(database)
    name = database_url.rpartition("/")[2]
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    records, refused, ended = [], [], asyncio.Event()

    async def look(appender):
        while not ended.is_set():
            try:
                with appender.looking() as seen:
                    records.extend(await appender.record([draft(seen=seen)] * 3))
            except BusyError as error:
                refused.append(error)
                await asyncio.sleep(0.01)

    async def change(deps):
        async def work(one):
            one.log(draft(kind=Kind.GIVEN, seen=None))

        while not ended.is_set():
            try:
                records.extend((await unit.run(deps, work))[1])
            except BusyError as error:
                refused.append(error)
                await asyncio.sleep(0.01)

    async with appending(database) as appender:
        deps = deps_of(database, appender)
        tasks = [asyncio.ensure_future(look(appender)) for _ in range(6)]
        tasks += [asyncio.ensure_future(change(deps)) for _ in range(3)]
        for _ in range(8):
            await asyncio.sleep(0.15)
            await asyncio.to_thread(postgres_server.run_sql, cut)
        await asyncio.sleep(1)
        ended.set()
        await asyncio.gather(*tasks)
    assert refused
    assert await integrate(database) == frozenset()
    try:
        book = await logbook.read(database)
    except BusyError:  # a connection that lay idle when it was cut is found dead at its first use
        book = await logbook.read(database)
    assert {(one.entry.writer, one.entry.seq, one.entry.part) for one in records} <= places(book)
    assert len(records) > 50
