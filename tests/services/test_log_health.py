"""What an operator is told when the log does not go on."""

import time

import pytest
from sqlalchemy import delete

from tests.services.logbook import LOG, open_log
from tests.services.test_integrator import append, begun, run
from tests.services.test_publishing import integrator
from tests.store.records import new_writer
from vault.services import log_health
from vault.services.integrator import Integrator
from vault.store.log import log_outbox

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


async def found(database):
    """What is stopped, and what is late."""
    async with database.connect() as conn:
        return await log_health.stopped(conn, LOG), await log_health.late(conn, LOG)


async def test_a_log_that_goes_on_has_none(opened):
    assert await found(opened) == ([], [])
    await append(opened, *begun(new_writer(), 3))
    one = integrator(opened)
    await one.integrate()
    await one.publish(at_once=True)
    assert await found(opened) == ([], [])
    await one.close()


async def test_a_stopped_writer_is_named_with_the_record_that_lacks(opened):
    writer = new_writer()
    await append(opened, *begun(writer, 4))
    await run(opened, delete(log_outbox).where(log_outbox.c.seq == 1))
    one = integrator(opened)
    await one.integrate()
    await one.publish(at_once=True)
    await one.integrate()
    (said,), _ = await found(opened)
    assert said.startswith(f"Writer {writer} is stopped at its record 1:")
    await one.close()


async def test_entries_that_nobody_signs_are_told_once_they_are_late(opened, monkeypatch):
    await append(opened, *begun(new_writer(), 3))
    one = Integrator(opened, log_id=LOG)
    await one.integrate()
    stopped, (said, _) = await found(opened)  # these records say that they are of 2023
    assert (stopped, said) == ([], "3 entries have no checkpoint.")
    monkeypatch.setattr(log_health, "UNSIGNED_MS", int(time.time() * 1000))
    assert await found(opened) == ([], [])
    await one.close()


async def test_a_record_that_waits_for_long_is_told(opened, monkeypatch):
    await append(opened, *begun(new_writer(), 2))
    stopped, (said, _) = await found(opened)
    assert (stopped, said.partition(" for ")[0]) == ([], "Records have waited")
    monkeypatch.setattr(log_health, "WAITS_MS", int(time.time() * 1000))
    assert await found(opened) == ([], [])
