import hashlib
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from structlog.testing import capture_logs

from tests.services.logbook import (
    AUDIT_KEY,
    CODE,
    CUSTOMER,
    appending,
    deps_of,
    draft,
    integrate,
    open_log,
    read,
)
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.core.merkle import leaf_hash
from vault.core.place import Place
from vault.services import unit
from vault.services.draft import ConsentChange
from vault.services.entries import Line, list_entries
from vault.store import commit
from vault.store.leaf import customer_entry, log_leaf

OTHER = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-000000000000"))
OTHER_KEY = hashlib.sha256(b"other").digest()


@pytest.fixture
async def deps(database):
    await open_log(database)
    async with appending(database) as appender:
        yield deps_of(database, appender)


async def record(deps, *drafts):
    await deps.appender.record(list(drafts))
    await integrate(deps.database)


async def entries(deps, customer=CUSTOMER, key=AUDIT_KEY, before=None, limit=10):
    return await list_entries(deps, customer, key, before=before, limit=limit)


async def test_a_line_says_who_looked_at_what_and_why(deps):
    await record(deps, draft(at=1_800_000_000_000, request="req-1", case="C-7"))
    book = await read(deps.database)
    assert await entries(deps) == [
        Line(
            place=Place(1),
            at=1_800_000_000_000,
            kind=Kind.READ,
            actor="app",
            app="crm",
            purpose="delivery",
            allowed=(("contact.email", "delivery"), ("contact.phone", "delivery")),
            withheld=(("person.birthday", "no-consent"),),
            request="req-1",
            case="C-7",
            epoch=3,
            code=CODE,
            leaf=leaf_hash(book.leaves[1].entry),
        )
    ]


async def test_a_change_of_consent_says_what_it_brought(deps):
    consent = ConsentChange("withdrawn", "delivery", (), 1, None, None, "d" * 64)

    async def work(one):
        one.log(draft(kind=Kind.WITHDRAWN, seen=None, epoch=9, consent=consent))

    await unit.run(deps, work)
    await integrate(deps.database)
    (line,) = await entries(deps)
    assert (line.kind, line.consent, line.epoch) == (Kind.WITHDRAWN, "withdrawn", 9)


async def test_the_newest_come_first_and_the_rest_page_by_page(deps):
    await record(deps, *(draft(epoch=number) for number in range(1, 8)))
    page = await entries(deps, limit=3)
    assert [line.epoch for line in page] == [7, 6, 5]
    page = await entries(deps, before=page[-1].place, limit=3)
    assert [line.epoch for line in page] == [4, 3, 2]
    page = await entries(deps, before=page[-1].place, limit=3)
    assert [line.epoch for line in page] == [1]
    assert await entries(deps, before=page[-1].place, limit=3) == []


async def test_customers_see_their_own_entries_alone(deps):
    await record(deps, draft(), draft(customer=OTHER, audit_key=OTHER_KEY), draft())
    assert [line.place for line in await entries(deps)] == [3, 1]
    assert [line.place for line in await entries(deps, OTHER, OTHER_KEY)] == [2]


async def test_an_entry_put_on_another_customers_list_is_shown_as_damaged(deps):
    await record(deps, draft(), draft(customer=OTHER, audit_key=OTHER_KEY))
    moved = insert(customer_entry).values(customer_id=CUSTOMER, log_id=0, idx=2)
    await commit.request(deps.database, lambda conn: conn.execute(moved))
    with capture_logs() as said:
        damaged, good = await entries(deps)
    assert (damaged.place, damaged.kind, damaged.actor, damaged.allowed) == (2, None, "", ())
    assert good.kind == Kind.READ
    assert said == [{"event": "log-entry-damaged", "index": 2, "log_level": "error"}]


@pytest.mark.parametrize("place", [0, 8, 52, 68, 78, 112, 200, -1])
async def test_a_changed_entry_is_shown_as_damaged_and_never_left_out(deps, place):
    await record(deps, draft())
    async with deps.database.connect() as conn:
        entry = bytearray(
            (await conn.execute(select(log_leaf.c.entry).where(log_leaf.c.idx == 1))).scalar_one()
        )
    entry[place] ^= 1
    spoil = update(log_leaf).where(log_leaf.c.idx == 1).values(entry=bytes(entry))
    await commit.request(deps.database, lambda conn: conn.execute(spoil))
    with capture_logs():
        (line,) = await entries(deps)
    assert (line.place, line.kind, line.allowed) == (1, None, ())
    assert (line.at is None) == (place == 0)


async def test_a_customer_of_whom_nothing_is_recorded_has_no_lines(deps):
    assert await entries(deps) == []
