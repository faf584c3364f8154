"""A load is as old as its statement: what the primary took to answer counts too."""

import asyncio

import pytest

from tests.vaults import vault
from vault.core.ids import CustomerId
from vault.crypto.random import uuid4
from vault.services import load_gate
from vault.services.load import MAX_AGE, is_too_old

SLOW = MAX_AGE + 0.1  # seconds


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


async def test_a_load_that_the_primary_answered_late_is_old_at_once(deps, monkeypatch):
    clock = asyncio.get_running_loop().time
    for name in ("load_at_once", "load_many"):
        at_once = getattr(load_gate, name)

        async def slowly(*words, at_once=at_once, **named):
            found = await at_once(*words, **named)
            await asyncio.sleep(SLOW)
            return found

        monkeypatch.setattr(load_gate, name, slowly)
    load = await deps.loads.ask(CustomerId(uuid4()), lane="test")
    assert is_too_old(load.taken, clock())
