"""A vault whose log is integrated while a test runs: import `clock` and `deps` into a conftest."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.vaults import FakeClock, vault
from vault.crypto.signing import SigningKey
from vault.services import checkpoints
from vault.services.deps import Deps
from vault.services.integrator import Integrator
from vault.services.publishing import Publishing
from vault.store.engine import Database


@pytest.fixture
def clock() -> FakeClock:
    """A clock to turn."""
    return FakeClock()


@pytest.fixture
async def deps(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Deps]:
    """The vault, and behind it the integrator, which a server would run."""
    async with vault(database, tmp_path, clock=clock) as opened:
        believe = partial(checkpoints.believed, opened)
        key = SigningKey(opened.keys.service("log").secret)
        publishing = Publishing(key, clock.now, believe)
        integrator = Integrator(database, log_id=opened.log_id, publishing=publishing, deps=opened)
        integrator.start()
        yield opened
        await integrator.close()
