"""A leader that is killed under load is followed by another: nothing is lost, doubled or forked."""

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import select

from tests.postgres import REPOSITORY
from tests.services import logbook
from tests.services.logbook import ORIGIN, SIGNER, integrate, open_log
from tests.services.test_appender_processes import acknowledged, places, scribe
from vault.core.checkpoint import Checkpoint
from vault.core.merkle import root
from vault.crypto.signing import verifier_key
from vault.store.checkpoint import log_checkpoint
from vault.verifier.note import open_note

KEY = verifier_key(ORIGIN, SIGNER.public)


def leading(url):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.leading", url],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


async def leads(process):
    assert await asyncio.to_thread(process.stdout.readline) == "leads\n"


@pytest.mark.slow
@pytest.mark.proves(1)
@pytest.mark.proves(4)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_killed_leader_is_followed_under_load(database, database_url):
    await open_log(database)
    first = leading(database_url)
    await leads(first)
    second = leading(database_url)
    scribes = [scribe(database_url, tasks=4, rounds=0) for _ in range(2)]
    said = [await asyncio.to_thread(one.stdout.readline) for one in scribes]
    await asyncio.sleep(2)  # work for the first one
    first.kill()
    await leads(second)  # once the lease of the killed one is over
    await asyncio.sleep(2)
    for one in scribes:
        one.kill()
    rest = [(await asyncio.to_thread(one.communicate))[0] for one in scribes]
    second.kill()
    for one in (first, second):
        await asyncio.to_thread(one.communicate)
    await logbook.over(database)
    assert await integrate(database) == frozenset()
    book = await logbook.read(database)
    known = [(header.writer, header.seq, header.part) for header in book.headers]
    assert len(known) == len(set(known))
    for text in (begun + more for begun, more in zip(said, rest, strict=True)):
        assert acknowledged(text)
        assert acknowledged(text) <= places(book)
    async with database.connect() as conn:
        rows = (await conn.execute(select(log_checkpoint).order_by(log_checkpoint.c.size))).all()
    assert len(rows) > 2
    hashes = [row.hash for row in book.leaves]
    for row in rows:
        found = Checkpoint.parse(open_note(row.text.encode(), [KEY]), ORIGIN)
        assert (found.size, found.root) == (row.size, root(hashes[: row.size]))
