"""A backup that was put back, with rows that say that it was recovered, opens nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.services.restoring import place
from tests.services.test_recovery import FIRST, NEXT, lost, prepared
from vault.core.log_errors import MirrorMissingError
from vault.services import consent
from vault.store import commit, integration
from vault.store.integration import log_head

__all__ = ["place"]


async def test_rows_alone_do_not_say_that_a_recovery_was_done(place):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)

    async def forge(conn):
        retired = update(log_head).where(log_head.c.log_id == FIRST)
        await conn.execute(retired.values(retired_at=datetime(2026, 12, 1, tzinfo=UTC)))
        await integration.open_log(conn, NEXT, "localhost:8000/log/1")

    async with place.opened(recovering=True) as deps:
        await commit.request(deps.database, forge)
    with pytest.raises(MirrorMissingError):
        async with place.opened():
            pytest.fail("what was withdrawn after the backup could be read")
