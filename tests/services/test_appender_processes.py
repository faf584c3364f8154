"""Several processes in one log, and processes that are killed: nothing acknowledged is lost."""

import asyncio
import subprocess
import sys

import pytest

from tests.postgres import REPOSITORY
from tests.services import logbook
from tests.services.logbook import appending, draft, integrate, open_log
from vault.core.entry import Kind


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
