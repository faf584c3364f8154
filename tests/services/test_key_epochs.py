"""An epoch ends, what it wrapped is wrapped anew, and no old copy opens any more.

Source: crypto note, 10 and 13; DESIGN 7.
"""

import asyncio
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from policies.model import Source
from tests.services import erasing
from tests.vaults import FakeClock, vault
from vault.core import key_epoch
from vault.core.errors import BusyError, UnwrapFailedError, VaultError
from vault.core.key_epoch import State
from vault.crypto.providers.file import FileProvider
from vault.services import customer, erase, key_epochs, keys
from vault.services.certificate import load as load_certificate
from vault.store import commit, kek, sweeps
from vault.store.customer import customer_key
from vault.store.engine import open_database
from vault.store.retained import load_key
from vault.store.tables import TABLES

MINUTES = key_epoch.SETTLE.total_seconds() / 60 + 0.1


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


async def states(deps):
    async with deps.database.connect() as conn:
        return [row.state for row in await kek.load_all(conn)]


async def steps(deps, *, now=False):
    """Take every step that is due; return them."""
    done: list[str] = []
    while said := await key_epochs.step(deps, deps.database, now=now and not done):
        done.append(said)
        if said == "made":
            break
    return done


async def end(deps, clock):
    """Let the present epoch end."""
    assert await steps(deps, now=True) == ["made"]
    clock.turn(minutes=MINUTES)
    assert (await steps(deps))[0] == "active"
    clock.turn(minutes=MINUTES)
    done = await steps(deps)
    assert done[-1] == "destroyed"


async def test_an_epoch_ends_after_thirty_days_and_not_before(deps, clock):
    clock.turn(days=29, hours=23)
    assert await steps(deps) == []
    clock.turn(hours=2)
    assert await steps(deps) == ["made"]
    assert await states(deps) == ["active", "made"]
    assert await steps(deps) == []  # others have not read it yet
    clock.turn(minutes=MINUTES)
    assert await steps(deps) == ["active", "wrapped"]
    assert await states(deps) == ["retiring", "active"]
    assert await steps(deps) == []  # somebody may still wrap with the old one
    clock.turn(minutes=MINUTES)
    assert await steps(deps) == ["destroying", "destroyed"]
    assert await states(deps) == ["destroyed", "active"]
    assert await steps(deps) == []


async def test_everybody_is_read_and_written_through_every_step(deps, clock, tmp_path, database):
    people = [
        await customer.add(
            deps,
            {"contact.email": f"p{n}@example.org", "contact.postal_address": f"{n} Street"},
            source=Source.TOLD,
        )
        for n in range(3)
    ]

    async def all_read(other):
        for number, who in enumerate(people):
            assert await erasing.read(other, who) == ([f"{number} Street"], [])

    async with vault(database, tmp_path, clock=clock) as replica:
        await steps(deps, now=True)
        await _poll(replica)  # each process reads the keys every 30 s
        clock.turn(minutes=MINUTES)
        while said := await key_epochs.step(deps, database):
            await all_read(replica)
            if said == "active":  # the replica does not know yet, and wraps with the old one
                people.append(
                    await customer.add(
                        replica,
                        {"contact.email": "late@example.org", "contact.postal_address": "3 Street"},
                        source=Source.TOLD,
                    )
                )
        await _poll(replica)
        clock.turn(minutes=MINUTES)
        while await key_epochs.step(deps, database):
            await all_read(replica)
        await _poll(replica)
        await all_read(replica)
    assert await states(deps) == ["destroyed", "active"]
    async with vault(database, tmp_path, clock=clock) as started:
        await all_read(started)


async def _poll(deps):
    async with deps.database.connect() as conn:
        await deps.keys.load(conn)


async def test_a_process_that_read_no_keys_for_long_stores_nothing_under_a_dead_one(
    deps, clock, tmp_path, database
):
    async with vault(database, tmp_path, clock=clock) as stale:
        await end(deps, clock)
        with pytest.raises(BusyError):
            await customer.add(stale, {"contact.email": "x@example.org"}, source=Source.TOLD)
    async with database.connect() as conn:
        assert await sweeps.count_customers(conn) == 0


async def test_no_row_stays_behind_of_any_table_with_wrapped_keys(deps, clock, monkeypatch):
    monkeypatch.setattr(key_epochs, "PAGE", 2)
    await erasing.publish_rich(deps)
    ana = await erasing.add(deps)
    await erasing.buy(deps, ana)
    await erase.erase(deps, ana)  # leaves a key of what the law keeps
    for number in range(5):
        await customer.add(deps, {"contact.email": f"p{number}@example.org"}, source=Source.TOLD)
    await end(deps, clock)
    async with deps.database.connect() as conn:
        first, second = await kek.load_all(conn)
        assert await sweeps.rows_behind(conn, second.kek_id) == 11
        kept = await load_key(conn, ana)
        assert kept
        assert kept.kek_id == second.kek_id
        for table in TABLES.sorted_tables:
            if "kek_id" in table.c and table.name != "kek":
                statement = select(table.c.kek_id).distinct()
                found = (await conn.execute(statement.execution_options(sweep="a test"))).scalars()
                assert set(found) == {second.kek_id}, table.name
    assert first.blob is None


def test_every_table_with_wrapped_keys_is_wrapped_anew():
    holders = {table.name for table in TABLES.sorted_tables if "kek_id" in table.c}
    assert holders == {"kek", "customer_key", "retained_key", "service_key"}


async def _go_on(deps, clock):
    for _ in range(9):
        await key_epochs.step(deps, deps.database)
        clock.turn(minutes=MINUTES)


async def test_a_step_that_is_killed_is_taken_by_the_next_process(
    deps, clock, tmp_path, database, monkeypatch
):
    ana = await erasing.add(deps)
    await steps(deps, now=True)
    clock.turn(minutes=MINUTES)

    def killed(*_):
        raise BusyError

    for where in ("vault.services.key_epochs.rewrap", "vault.services.keys.KeyRing.destroy"):
        monkeypatch.setattr(where, killed)
        with pytest.raises(BusyError):
            await _go_on(deps, clock)
        monkeypatch.undo()
    assert await states(deps) == ["destroying", "active"]
    async with vault(database, tmp_path, clock=clock) as other:
        assert await steps(other) == ["destroyed"]
        assert (await erasing.read(other, ana))[0]


async def test_two_processes_end_an_epoch_together(deps, clock, tmp_path, database):
    ana = await erasing.add(deps)
    async with vault(database, tmp_path, clock=clock) as other:
        for _ in range(12):
            await asyncio.gather(
                *(key_epochs.step(one, database, now=not clock.turn()) for one in (deps, other)),
                return_exceptions=True,
            )
            clock.turn(minutes=MINUTES)
            if (await states(deps))[0] == "destroyed":
                break
        assert (await states(deps))[0] == "destroyed"
        assert (await erasing.read(other, ana))[0]


async def test_damaged_keys_do_not_hold_an_epoch_and_hide_no_good_one(deps, clock, monkeypatch):
    broken = await erasing.add(deps)
    good = await customer.add(
        deps,
        {"contact.email": "good@example.org", "contact.postal_address": "Here"},
        source=Source.TOLD,
    )

    async def damage(conn):
        await conn.execute(
            update(customer_key)
            .where(customer_key.c.customer_id == broken)
            .values(wrapped=b"\xf2\x01" + bytes(76))
        )

    await commit.request(deps.database, damage)
    monkeypatch.setattr(key_epochs, "PAGE", 2)  # one page of damaged ones may come first
    await steps(deps, now=True)
    for _ in range(6):
        clock.turn(minutes=MINUTES)
        await steps(deps)
    async with deps.database.connect() as conn:
        (row, *_) = await kek.load_all(conn)
    if row.state != State.DESTROYED:  # the page was full of them: nothing may go
        assert row.blob is not None
    assert await erasing.read(deps, good) == (["Here"], [])
    monkeypatch.setattr(key_epochs, "PAGE", 500)
    for _ in range(3):
        clock.turn(minutes=MINUTES)
        await steps(deps)
    assert (await states(deps))[0] == "destroyed"
    assert await erasing.read(deps, good) == (["Here"], [])


async def test_after_the_promised_day_no_backup_opens_an_erased_customer(
    database_url, tmp_path, clock, request
):
    """Back up, erase, let the epoch end: the backup with the present key ring opens nothing."""
    database = open_database(database_url)
    async with vault(database, tmp_path, clock=clock) as deps:
        ana = await erasing.add(deps)
    await database.dispose()
    backup, ring = _back_up(database_url, tmp_path, request)
    again = open_database(database_url)
    async with vault(again, tmp_path, clock=clock) as deps:
        clock.turn(days=3)
        done = await erasing.gone(deps, ana)
        promised = (await load_certificate(deps, done.token)).told.backups
        while clock.moment < promised:  # as the loop of `serve` does
            await steps(deps)
            clock.turn(hours=6)
        assert "destroyed" in await states(deps)
    await again.dispose()
    # With the keys of the backup's own time it would open: that is what the date is about.
    copy = open_database(backup)
    assert await _opens(copy, ring, ana)
    assert not await _opens(copy, tmp_path / "keys" / "ring.json", ana)
    await copy.dispose()


def _back_up(url, home, request):
    ring = home / "old" / "ring.json"
    ring.parent.mkdir(mode=0o700)
    shutil.copy(home / "keys" / "ring.json", ring)
    if url.startswith("sqlite"):
        file = home / "backup.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}", ring
    server = request.getfixturevalue("postgres_server")
    name = server.create_database(url.rpartition("/")[2])
    request.addfinalizer(lambda: server.drop_database(name))
    return server.url(name), ring


async def _opens(database, ring, who):
    """Tell whether a customer's key opens with a key ring."""
    from vault.core.ids import DeploymentId
    from vault.crypto.keys import unwrap
    from vault.services.load import wrapped
    from vault.store.customer import load_keys

    async with database.connect() as conn:
        deployment = (await conn.execute(text("SELECT deployment_id FROM deployment"))).scalar_one()
        held = DeploymentId(bytes(deployment))
        opened = keys.KeyRing(FileProvider(ring, held), held)
        try:
            await opened.load(conn)
            return [unwrap(opened.keks, wrapped(row)) for row in await load_keys(conn, who)]
        except UnwrapFailedError:
            return []


async def test_the_promised_day_is_after_the_epochs_end_whenever_one_asks(deps, clock):
    for days in (0, 10, 29, 45):
        clock.moment = FakeClock().moment
        clock.turn(days=days)
        async with deps.database.connect() as conn:
            (row, *_) = await kek.load_all(conn)
            found = await key_epochs.dead_by(conn, {row.kek_id}, now=clock.now())
        assert found >= row.made_at + key_epoch.LIFE + key_epoch.REWRAP
        assert found >= clock.now() + key_epoch.REWRAP


async def test_an_overdue_epoch_is_said(deps, clock):
    async with deps.database.connect() as conn:
        clock.turn(days=30)
        assert not await key_epochs.overdue(conn, now=clock.now())
        clock.turn(days=2)
        assert await key_epochs.overdue(conn, now=clock.now())


async def test_the_loop_ends_when_told_and_outlives_a_provider_that_is_away(deps, monkeypatch):
    async def away(*_, **__):
        raise BusyError

    monkeypatch.setattr(key_epochs, "step", away)
    stop = asyncio.Event()
    task = asyncio.create_task(key_epochs.run(replace(deps), deps.database, stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(task, 5)
    assert issubclass(BusyError, VaultError)
