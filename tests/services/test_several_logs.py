"""A customer's entries stand in several logs, and every reader sees them as one list."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
from sqlalchemy import text, update

from tests.services.logbook import (
    AUDIT_KEY,
    CODE,
    CUSTOMER,
    SIGNER,
    FakeClock,
    appending,
    deps_of,
    draft,
    integrate,
    open_log,
)
from vault.core.ids import DeploymentId, LogId
from vault.core.log_filter import Decision, Sought
from vault.core.look import EVERYTHING, Wanted, Who
from vault.core.place import at, origin
from vault.core.staff import Right
from vault.crypto.service_key import ServiceKey
from vault.services import alert, log_search, look_search
from vault.services.appender import Appender
from vault.services.entries import list_entries
from vault.services.integrator import Integrator
from vault.services.staff import Member
from vault.store import commit, integration, leaf, logs, reader, sweeps_log
from vault.store import log_search as store
from vault.store.integration import log_head

NEXT = LogId(1)
ISSUER = "https://example.org"


class Compliance:
    """A member who may search; the search asks for nothing else."""

    handle = "otter"

    def need(self, right):
        assert right is Right.SEARCH_LOG


class Keys:
    """The key of cursors, and no other."""

    def service(self, use):
        assert use == "cursor"
        return ServiceKey(use, 1, bytes(range(32)), DeploymentId(bytes(16)))


async def open_next(database):
    async def work(conn):
        retired = datetime(2026, 12, 1, tzinfo=UTC)
        await conn.execute(update(log_head).values(retired_at=retired))
        await integration.open_log(conn, NEXT, origin(ISSUER, NEXT))

    await commit.request(database, work)


@pytest.fixture
async def deps(database):
    """Three looks in log 0 at the indexes 1 to 3, two in log 1 at 1 and 2."""
    await open_log(database)
    async with appending(database) as appender:
        await appender.record([draft(epoch=number, app="old") for number in (1, 2, 3)])
    await integrate(database)
    await open_next(database)
    clock = FakeClock()
    later = Appender(
        database,
        origin=origin(ISSUER, NEXT),
        key=SIGNER,
        now=clock.now,
        code=CODE,
        log_id=NEXT,
    )
    await later.start()
    await later.record([draft(epoch=number, app="new") for number in (4, 5)])
    integrator = Integrator(database, log_id=NEXT)
    while await integrator.integrate():
        pass
    yield replace(
        deps_of(database, later, clock), log_id=NEXT, origin=origin(ISSUER, NEXT), keys=Keys()
    )
    await later.close()


async def test_entries_go_to_the_newest_log_that_is_not_retired(deps):
    async with deps.database.connect() as conn:
        head = await logs.current(conn)
        assert head
        assert (head.log_id, head.origin) == (NEXT, "example.org/log/1")
        assert await logs.all_(conn) == [1, 0]


async def test_lines_of_all_logs_open_under_the_origin_of_each_the_newest_first(deps):
    lines = await list_entries(deps, CUSTOMER, AUDIT_KEY, limit=9)
    assert [line.epoch for line in lines] == [5, 4, 3, 2, 1]
    assert [line.place for line in lines] == [at(1, 2), at(1, 1), 3, 2, 1]
    assert all(line.kind is not None for line in lines)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_by_place_are_the_whole_list(deps, limit):
    found: list[int] = []
    before = None
    while page := await list_entries(deps, CUSTOMER, AUDIT_KEY, before=before, limit=limit):
        found += [line.epoch for line in page]
        before = page[-1].place
    assert found == [5, 4, 3, 2, 1]
    skipped = await list_entries(deps, CUSTOMER, AUDIT_KEY, limit=2, skip=1)
    assert [line.epoch for line in skipped] == [4, 3]


async def test_a_place_belongs_to_its_log_alone(deps):
    async with deps.database.connect() as conn:
        for place in (1, 3, at(1, 1), at(1, 2)):
            assert await leaf.is_listed(conn, CUSTOMER, place)
            assert await sweeps_log.owner_of(conn, place) == CUSTOMER
            facts = await store.find(conn, place)
            assert facts
            assert facts.place == place
        for place in (0, at(1, 0), at(1, 3), at(2, 1), 2**63 - 1):
            assert not await leaf.is_listed(conn, CUSTOMER, place)
            assert await sweeps_log.owner_of(conn, place) is None
            assert await store.find(conn, place) is None
        assert await reader.readers_of(conn, CUSTOMER) == {"old", "new"}


async def test_a_filter_finds_lines_of_all_logs(deps):
    wanted = Wanted(who=Who.OTHERS)
    found = await look_search.search(deps, CUSTOMER, AUDIT_KEY, wanted, limit=9, count=True)
    assert [line.epoch for line in found.lines] == [5, 4, 3, 2, 1]
    assert found.counted_all
    first = await look_search.search(deps, CUSTOMER, AUDIT_KEY, EVERYTHING, limit=3)
    assert first.older == 3
    rest = await look_search.search(deps, CUSTOMER, AUDIT_KEY, EVERYTHING, before=3, limit=3)
    assert [line.epoch for line in rest.lines] == [2, 1]


async def test_staff_search_all_logs_by_pages_and_count_them(deps):
    staff = cast("Member", Compliance())
    purpose = Sought(purpose="delivery")
    places: list[int] = []
    before = ""
    while True:
        found = await log_search.search(deps, staff, purpose, before=before, limit=2)
        places += [one.place for one in found.rows]
        if found.older is None:
            break
        before = found.older
    assert places == [at(1, 2), at(1, 1), 3, 2, 1]
    counted = await log_search.count(deps, staff, purpose)
    assert (counted.total, counted.whole, counted.capped) == (5, True, False)
    assert {one.decision for one in counted.bars} == {Decision.PARTLY}
    pages = [page async for page in log_search.pages(deps, staff, purpose)]
    assert [one.place for page in pages for one in page] == places
    old = await log_search.search(deps, staff, Sought(app="old"), limit=2)
    assert [one.place for one in old.rows] == [3, 2]


async def test_alerts_count_every_log_once(deps):
    for _ in range(2):
        await alert.watch(deps)
    async with deps.database.connect() as conn:
        rows = await conn.execute(text("SELECT log_id, idx FROM look_mark ORDER BY log_id"))
        assert [tuple(row) for row in rows] == [(0, 3), (1, 2)]


async def test_the_key_leads_to_a_page_of_a_list_over_all_logs(deps):
    statement = (
        "SELECT log_id, idx FROM customer_entry WHERE customer_id = {customer}"
        " AND (log_id, idx) < (1, 2) ORDER BY log_id DESC, idx DESC LIMIT 50"
    )
    async with deps.database.connect() as conn:
        if deps.database.dialect == "sqlite":
            said = statement.format(customer=f"'{CUSTOMER.hex}'")
            rows = await conn.execute(text(f"EXPLAIN QUERY PLAN {said}"))
            plan = "\n".join(row[3] for row in rows)
            assert "INDEX sqlite_autoindex_customer_entry" in plan
            assert "TEMP B-TREE" not in plan
        else:
            await conn.execute(text("SET LOCAL enable_seqscan = off"))
            await conn.execute(text("SET LOCAL enable_bitmapscan = off"))
            said = statement.format(customer=f"'{CUSTOMER}'")
            plan = "\n".join(row[0] for row in await conn.execute(text(f"EXPLAIN {said}")))
            assert "Backward using pk_customer_entry" in plan
            assert "ROW(log_id, idx) < ROW" in plan.split("Index Cond")[1]
            assert "Sort" not in plan
