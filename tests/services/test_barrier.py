"""Over all customers: no look under what had ended, no hidden change; what is planted is found."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from policies.model import Source, StaffRole
from tests.portal.console.conftest import app
from tests.portal.console.member import Member
from tests.services.decisions import allow, ana, execute, newsletter
from tests.services.test_look_search import settled
from tests.vaults import vault
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.export import Part
from vault.services import (
    barrier,
    consent,
    customer,
    export_look,
    log_key,
    own,
    restriction,
    who_looked,
)
from vault.services.audit import audit_key
from vault.services.disclosure import disclose
from vault.services.draft import Draft
from vault.store import barrier as store
from vault.store.alert import alert

__all__ = ["ana", "app"]


async def withdraw(deps, who, purpose="marketing"):
    return await consent.withdraw(deps, who, purpose, request="r-withdraw")


async def planted(deps, who, **members):
    """Append an entry that no honest path writes."""
    load = await deps.loads.ask(who, lane="customer")
    owner, key = audit_key(deps, load)
    with deps.appender.looking() as seen:
        forged: dict[str, Any] = {
            "kind": Kind.READ,
            "epoch": 0,
            "actor": "app:crm",
            "app": "crm",
            "code": "",
        }
        draft = Draft(customer=owner, audit_key=key, seen=seen, **forged | members)
        await deps.appender.record([draft])
    await settled(deps)


async def learned(deps):
    """Let the process learn how long the log is, as it does with every record."""
    await settled(deps)
    async with deps.database.connect() as conn:
        size = (await conn.execute(text("SELECT size FROM log_head"))).scalar_one()
    deps.appender._learn(size)
    return size


async def changes(deps, who):
    """Where a customer's changes stand, the oldest first; the payload says what they are."""
    lines = await who_looked.latest(deps, who, limit=50)
    return sorted(line.place for line in lines if line.kind and line.kind.is_change)


async def results(deps):
    async with deps.database.connect() as conn:
        return await store.latest(conn, limit=9)


def named(found):
    return [(one.kind, one.epochs) for one in found.named]


async def test_an_honest_vault_keeps_the_barrier(deps, ana):
    other = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await allow(deps, ana)
    await disclose(deps, [newsletter(ana), newsletter(other)])
    await own.look(deps, ana, request="r1", names=("contact.email",))
    await learned(deps)
    await withdraw(deps, ana)
    await learned(deps)
    await disclose(deps, [newsletter(ana)])
    await settled(deps)
    found = await barrier.walk(deps)
    assert (found.violations, found.named) == (0, [])
    assert (found.customers, found.changes, found.overlaps) == (2, 2, 0)
    async with deps.database.connect() as conn:
        listed = (await conn.execute(text("SELECT count(*) FROM customer_entry"))).scalar_one()
    assert found.entries == listed


async def test_a_look_under_an_epoch_that_had_ended_is_found_and_is_an_alert(deps, ana):
    await allow(deps, ana)
    await withdraw(deps, ana)
    await learned(deps)
    await planted(deps, ana, epoch=1)
    found = await barrier.walk(deps)
    assert named(found) == [(barrier.BREACH, None)]
    async with deps.database.connect() as conn:
        (row,) = (await conn.execute(select(alert))).all()
    assert (row.kind, row.subject, row.count) == ("barrier", "log", 1)


async def test_a_denial_under_an_older_epoch_is_none(deps, ana):
    await allow(deps, ana)
    await withdraw(deps, ana)
    await learned(deps)
    await planted(deps, ana, epoch=1, kind=Kind.DENIED)
    assert (await barrier.walk(deps)).violations == 0


async def test_a_change_that_the_list_lacks_is_found(deps, ana):
    await allow(deps, ana)
    await withdraw(deps, ana)
    await allow(deps, ana)
    await settled(deps)
    places = await changes(deps, ana)
    await execute(deps, "DELETE FROM customer_entry WHERE idx = :idx", idx=places[1])
    found = await barrier.walk(deps)
    assert named(found) == [(barrier.HIDDEN, (2, 2))]


async def test_a_change_twice_is_found(deps, ana):
    await allow(deps, ana)
    await planted(deps, ana, kind=Kind.WITHDRAWN, epoch=1)
    assert named(await barrier.walk(deps)) == [(barrier.DOUBLED, (1, 1))]


async def test_a_line_that_is_anothers_or_gone_is_found(deps, ana):
    other = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await disclose(deps, [newsletter(other)])
    await settled(deps)
    move = "UPDATE customer_entry SET customer_id = :who WHERE idx = :idx"
    async with deps.database.connect() as conn:
        last = (await conn.execute(text("SELECT max(idx) FROM customer_entry"))).scalar_one()
    await execute(deps, move, who=ana, idx=last)
    assert named(await barrier.walk(deps)) == [(barrier.FOREIGN, None)]
    await execute(deps, "DELETE FROM log_leaf WHERE idx = :idx", idx=last)
    assert named(await barrier.walk(deps)) == [(barrier.GONE, None)]


async def test_pages_cut_a_customer_without_losing_a_line(deps, ana, monkeypatch):
    monkeypatch.setattr(barrier, "PAGE", 3)
    other = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    for _ in range(3):
        await allow(deps, ana)
        await disclose(deps, [newsletter(ana), newsletter(other)])
        await withdraw(deps, ana)
    await settled(deps)
    sizes = []
    found = await barrier.walk(deps, told=lambda one: sizes.append(one.entries))
    assert (found.violations, found.changes, found.customers) == (0, 6, 2)
    assert sizes == [*range(3, found.entries, 3), found.entries]
    (row,) = await results(deps)
    assert (row.entries, row.violations) == (found.entries, 0)


async def test_it_is_walked_once_a_day_by_one_process(deps, ana):
    assert await barrier.nightly(deps)
    assert not await barrier.nightly(deps)
    assert len(await results(deps)) == 1


async def test_only_the_newest_results_are_kept(deps, ana, clock, monkeypatch):
    monkeypatch.setattr("vault.store.barrier.KEPT", 3)
    for _ in range(5):
        await barrier.walk(deps)
        clock.turn(days=1)
    rows = await results(deps)
    assert [row.at for row in rows] == [clock.now() - timedelta(days=day) for day in (1, 2, 3)]


async def test_only_who_may_see_records_sees_results(app, deps, ana):
    await barrier.walk(deps)
    compliance = await Member(app).join(deps, "compliance@example.org", StaffRole.COMPLIANCE)
    support = await Member(app).join(deps, "support@example.org", StaffRole.SUPPORT)
    (row,) = await barrier.latest(deps, await compliance.known(deps), limit=9)
    assert row.violations == 0
    with pytest.raises(NotAvailableError):
        await barrier.latest(deps, await support.known(deps), limit=9)


async def test_reads_and_withdrawals_of_two_processes_race_and_the_barrier_holds(
    deps, ana, database, tmp_path, clock
):
    """Two appenders on one database: `seen` of either is a size that the other's changes moved."""
    async with vault(database, tmp_path, clock=clock) as second:

        async def reads(one, asks):
            for _ in range(asks):
                await disclose(one, [newsletter(ana)])
                await own.look(one, ana, request="r1", names=("contact.email",))

        async def changes_(one):
            for _ in range(6):
                await allow(one, ana)
                await withdraw(one, ana)
                await restriction.restrict(one, ana, request="r")
                await restriction.lift(one, ana, request="r")

        await asyncio.gather(
            *(reads(one, 12) for one in (deps, second) for _ in range(3)), changes_(deps)
        )
        await settled(deps)
    found = await barrier.walk(deps)
    assert found.named == []
    assert found.changes == 24
    assert found.entries > 24 + 2 * 12 * 6


async def test_reads_of_two_other_processes_race_with_withdrawals_and_the_barrier_holds(
    deps, ana, database_url, tmp_path
):
    await allow(deps, ana)
    command = [sys.executable, "-m", "tests.services.reader", database_url, str(tmp_path)]
    readers = [
        await asyncio.create_subprocess_exec(
            *command, str(ana), "12", stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    for one in readers:
        assert one.stdout
        await one.stdout.readline()  # it reads by now
    while any(one.returncode is None for one in readers):
        await withdraw(deps, ana)
        await asyncio.sleep(0.02)  # what a person takes, so that reads come between
        await allow(deps, ana)
    said = [(await one.communicate())[0].split()[-1] for one in readers]
    assert [one.returncode for one in readers] == [0, 0]
    await settled(deps)
    found = await barrier.walk(deps)
    assert found.named == []
    assert found.changes > 2
    assert sum(map(int, said)) > 0  # something was read between, or nothing raced


PATHS = {
    "app": lambda deps, who: disclose(deps, [newsletter(who)]),
    "own": lambda deps, who: own.look(deps, who, request="r1", names=("contact.email",)),
    "who looked": lambda deps, who: who_looked.who_looked(deps, who, request="r1"),
    "export": lambda deps, who: export_look.look(deps, who, (Part.PROFILE,), request="r1"),
    "log key": lambda deps, who: log_key.hand_over(deps, who, 0, opens=False, request="r1"),
}


@pytest.mark.parametrize("path", PATHS)
async def test_a_look_that_loaded_before_a_withdrawal_never_says_that_it_had_seen_it(
    deps, ana, monkeypatch, path
):
    """The load is held while the customer stops, the log grows and the process learns of it."""
    await allow(deps, ana)
    await learned(deps)
    monkeypatch.setattr("vault.services.load.MAX_AGE", 60)  # else it would be loaded again
    loaded, go_on = asyncio.Event(), asyncio.Event()
    ask = type(deps.loads).ask

    async def held(gate, customer, *, lane):
        load = await ask(gate, customer, lane=lane)
        loaded.set()
        await go_on.wait()
        return load

    monkeypatch.setattr(type(deps.loads), "ask", held)
    look = asyncio.create_task(PATHS[path](deps, ana))
    await loaded.wait()
    monkeypatch.setattr(type(deps.loads), "ask", ask)
    await withdraw(deps, ana)
    await learned(deps)
    go_on.set()
    await look
    await settled(deps)
    found = await barrier.walk(deps)
    assert found.named == []
    assert found.overlaps == 1
