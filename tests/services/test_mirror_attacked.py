"""The mirror against whoever can edit the database, or the mirror's folder, and has no key."""

import asyncio
import os

import pytest
from sqlalchemy import update

from tests.services.mirroring import files, grow, publish, sign, top
from tests.vaults import FakeClock, vault
from vault.core.errors import LogBrokenError
from vault.core.log_errors import MirrorDownError
from vault.crypto.signing import SigningKey, sign_note
from vault.services import anchor, mirror
from vault.store import commit
from vault.store.checkpoint import log_checkpoint


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


@pytest.mark.parametrize("column", ["text", "cosigned"])
async def test_a_checkpoint_that_nobody_signed_takes_no_anchors_place(deps, column):
    await publish(deps, 3)
    before = files(deps)
    await grow(deps, 2)
    signed = await sign(deps)
    forged = sign_note(SigningKey(bytes(32)), deps.origin, signed.checkpoint.body())
    edit = update(log_checkpoint).where(log_checkpoint.c.size == 5).values({column: forged})
    await commit.request(deps.database, lambda conn: conn.execute(edit))
    with pytest.raises(LogBrokenError):
        await mirror.copy(deps, deps.database)
    assert files(deps)["checkpoint"] == before["checkpoint"]
    await anchor.check(deps)


async def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(deps):
    await publish(deps, 3)
    newest = top(deps) / "checkpoint"
    newest.unlink()
    os.mkfifo(newest)
    await grow(deps, 1)
    async with asyncio.timeout(30):  # without its end, the test would never come to its own
        with pytest.raises(MirrorDownError):
            await anchor.check(deps)
        assert (await sign(deps)).size == 4  # the log goes on
