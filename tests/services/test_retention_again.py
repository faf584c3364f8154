"""What a sweep deleted: behind a kill, out of an older copy of the database, from the same file again."""

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager

import pytest

from policies.model import Source
from tests.postgres import REPOSITORY
from tests.services import erasing
from tests.services.publishing import one_clock
from tests.services.test_erasure_replay import back_up, clock, opened
from tests.services.test_holds import kept, make
from tests.services.test_importing import HEADER, find, run
from tests.services.test_retention import NOTE, fields
from tests.vaults import vault
from vault.core.retention import Stays, Why
from vault.services import customer, hold_list, holds, retention, who_looked
from vault.services.deps import MAIN_LOG
from vault.services.hold_list import State
from vault.services.integrator import Integrator
from vault.store.disclosure import load_many
from vault.store.engine import open_database

__all__ = ["back_up", "clock", "one_clock", "opened"]

MANY = 40
POINTS = "loyalty.points"


async def add(deps, number):
    given = {"contact.email": f"c{number}@example.org", NOTE: f"Door {number}"}
    return await customer.add(deps, given, source=Source.TOLD)


@asynccontextmanager
async def logged(url, home, clock):
    """Open the vault with its log integrated, as a server does."""
    database = open_database(url)
    try:
        async with vault(database, home, clock=clock) as deps:
            integrator = Integrator(database, log_id=MAIN_LOG)
            integrator.start()
            yield deps
            await integrator.close()
    finally:
        await database.dispose()


def start(url, home, clock):
    moment = clock.now().isoformat()
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.sweeper", url, str(home), moment],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
async def test_a_sweep_that_is_killed_leaves_whole_customers_and_the_next_one_ends_it(
    database_url, tmp_path, clock
):
    async with logged(database_url, tmp_path, clock) as deps:
        await erasing.publish_rich(deps)
        everybody = [await add(deps, number) for number in range(MANY)]
    clock.turn(days=400)
    sweeper = start(database_url, tmp_path, clock)
    assert sweeper.stdout
    assert await asyncio.to_thread(sweeper.stdout.readline)
    sweeper.kill()
    await asyncio.to_thread(sweeper.communicate)
    async with logged(database_url, tmp_path, clock) as deps:
        left = [who for who in everybody if NOTE in await fields(deps, who)]
        assert 0 < len(left) < MANY
        assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): len(left)})
        assert await retention.left(deps) == ()
        for who in everybody:
            assert await told(deps, who) == [((NOTE, f"field/{NOTE}"),)]


async def told(deps, who):
    """Return what the customer sees of the vault's deleting."""
    found: list[object] = []
    async with asyncio.timeout(30):
        while not found:
            lines = await who_looked.latest(deps, who, limit=50)
            found = [one.allowed for one in lines if one.actor == "vault"]
    return found


async def test_an_older_copy_of_the_database_keeps_what_was_held_in_it(
    database_url, opened, back_up, clock
):
    async with opened(database_url) as deps:
        await erasing.publish_rich(deps)
        ana, ben = [await add(deps, number) for number in range(2)]
        made = await make(deps, ana, NOTE)
    backup = back_up(database_url)
    clock.turn(days=400)
    async with opened(database_url) as deps:
        assert await holds.lift(deps, ana, made)
        await retention.sweep(deps)
        assert NOTE not in {*await fields(deps, ana), *await fields(deps, ben)}
    async with opened(backup) as deps:  # everything over is back, and the hold with it
        assert [one.state for one in await hold_list.list_(deps)] == [State.STANDS]
        swept = await retention.sweep(deps)
        assert swept.gone == Counter({(NOTE, Why.OVER): 1})
        assert swept.stays == Counter({(NOTE, Stays.HELD): 1})
        assert NOTE in await fields(deps, ana)
        assert NOTE not in await fields(deps, ben)
        assert await retention.left(deps) == ()


async def test_an_erasure_after_the_copy_seals_what_the_copy_holds(
    database_url, opened, back_up, clock
):
    async with opened(database_url) as deps:
        await erasing.publish_rich(deps)
        ana = await add(deps, 1)
        made = await make(deps, ana, NOTE)
    backup = back_up(database_url)
    async with opened(database_url) as deps:
        await erasing.gone(deps, ana)
        assert await kept(deps, ana) == [(NOTE, f"hold/{made.hex}")]
    async with opened(backup) as deps:  # the journal erases again, and the hold still keeps
        assert set(await erasing.left(deps.database, ana)) <= {"customer_entry"}
        assert await kept(deps, ana) == [(NOTE, f"hold/{made.hex}")]


async def test_the_same_file_again_brings_back_nothing_that_stays_over(
    database_url, opened, tmp_path, clock
):
    row = "ana@example.org,Ana,,7,{day},,,\n"
    file = tmp_path / "people.csv"
    async with opened(database_url) as deps:
        await run(deps, file, HEADER + row.format(day="2026-03-01"))
        ana = await find(deps, "ana@example.org")
        clock.turn(days=4 * 366)
        await retention.sweep(deps)
        assert await fields(deps, ana) == set()
        shutil.copyfile(file, tmp_path / "again.csv")
        await run(deps, tmp_path / "again.csv", HEADER + row.format(day="2026-03-01"))
        await retention.sweep(deps)  # what came back by it was as old as it says
        assert await retention.left(deps) == ()
        again = await find(deps, "ana@example.org")
        assert again is None or await fields(deps, again) == set()
        today = clock.now().date().isoformat()
        await run(deps, tmp_path / "fresh.csv", HEADER + row.format(day=today))
        await retention.sweep(deps)
        back = await find(deps, "ana@example.org")
        async with deps.database.connect() as conn:
            (found,) = await load_many(conn, [back])
        assert found
        stored = {one.field: one.gathered_at.date().isoformat() for one in found.values}
        assert stored["contact.email"] == stored[POINTS] == today
