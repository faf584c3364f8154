"""A filtered list is the filter over the whole list; a sealed look opens on its day and no other."""

import asyncio

import pytest
from sqlalchemy import delete, select, update

from policies.model import Source
from tests import richer
from tests.portal import looks
from tests.services.logbook import until
from tests.vaults import FakeClock
from vault.core.look import EVERYTHING, Outcome, Wanted, Who, matches
from vault.services import customer, look_search, own
from vault.services.situation import unix_ms
from vault.services.who_looked import latest, usage, who_looked
from vault.store import commit
from vault.store.leaf import access_fact, customer_entry, log_leaf
from vault.store.log import log_outbox

VALUES = {"contact.email": "ana@example.org", "contact.full_name": "Ana"}
FILTERS = (
    EVERYTHING,
    *(Wanted(who=who) for who in Who),
    Wanted(app="delivery"),
    Wanted(app="ledger"),
    Wanted(purpose="marketing"),
    Wanted(purpose="fraud"),
    Wanted(outcome=Outcome.ALLOWED),
    Wanted(outcome=Outcome.REFUSED),
    Wanted(field="contact.full_name"),
    Wanted(who=Who.OTHERS, outcome=Outcome.REFUSED, field="contact.email"),
    Wanted(app="delivery", purpose="marketing"),
    Wanted(end=0),
)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(deps):
    await richer.publish(deps)
    return deps


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, VALUES, source=Source.TOLD)


async def settled(deps):
    """Wait until everything that was recorded is in the log."""

    async def empty():
        async with deps.database.connect() as conn:
            return not (await conn.execute(select(log_outbox.c.seq).limit(1))).all()

    await until(empty)


async def some_looks(deps, ana):
    for _ in range(2):
        await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name", "contact.email")
        await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email")
        await looks.by_app(deps, ana, "ledger", "fraud", "contact.full_name")
        await own.look(deps, ana, request="mine", names=("contact.email",))
    await settled(deps)


async def search(deps, ana, wanted, **options):
    options = {"limit": 100} | options
    found = await who_looked(deps, ana, request="r", wanted=wanted, **options)
    await settled(deps)
    return found


@pytest.mark.parametrize("later", [0, 8], ids=["sealed", "opened"])
async def test_a_filtered_list_is_the_filter_over_the_whole_list(deps, ana, clock, later):
    await some_looks(deps, ana)
    clock.turn(days=later)
    whole = (await search(deps, ana, EVERYTHING)).lines
    assert {line.opens is not None for line in whole} == ({True, False} if not later else {False})
    for wanted in FILTERS:
        found = await search(deps, ana, wanted, count=True)
        seen = [line for line in found.lines if line.place <= whole[0].place]
        assert seen == [line for line in whole if matches(line, wanted)], wanted
        counted = sum(
            count.own + count.allowed + count.refused + count.sealed + count.unreadable
            for count in found.days.values()
        )
        assert counted == len(found.lines), wanted
        assert found.counted_all


async def test_pages_of_a_filter_are_the_list_of_the_filter(deps, ana):
    await some_looks(deps, ana)
    wanted = Wanted(who=Who.OTHERS, outcome=Outcome.REFUSED)
    whole = (await search(deps, ana, wanted)).lines
    assert len(whole) == 2
    before, pages = None, []
    while True:
        found = await search(deps, ana, wanted, before=before, limit=1)
        pages += found.lines
        if found.older is None:
            break
        before = found.older
    assert pages == list(whole)


async def test_a_search_stops_at_its_bounds_and_goes_on_where_it_stopped(deps, ana, monkeypatch):
    await some_looks(deps, ana)
    monkeypatch.setattr(look_search, "MOST_PASSED", 2)
    monkeypatch.setattr(look_search, "_BATCH", 2)
    before, lines, stops = None, [], 0
    while True:
        found = await search(deps, ana, Wanted(field="contact.full_name"), before=before)
        lines += found.lines
        stops += 1
        assert found.passed <= 2
        if found.older is None:
            break
        before = found.older
    # The customer's adding, two deliveries, and two looks that are sealed and so say no name.
    assert len(lines) == 3
    assert stops > 3


async def test_a_sealed_look_opens_on_its_day_and_says_nothing_before(deps, ana, clock):
    await looks.by_app(deps, ana, "ledger", "fraud", "contact.full_name", request="secret-1")
    await settled(deps)
    at = unix_ms(clock.now())
    (index,) = (one.place for one in await latest(deps, ana, limit=9) if one.opens is not None)
    for moment, is_open in ((0, False), (7 * 86_400 - 1, False), (1, True), (86_400, True)):
        clock.turn(seconds=moment)
        shown = [
            (await search(deps, ana, EVERYTHING)).lines,
            await latest(deps, ana, limit=100),
            await usage(deps, ana, request="r", offset=1, limit=100),
        ]
        for lines in shown:
            (line,) = (one for one in lines if one.place == index)
            assert (line.opens is None) is is_open
            assert ("secret-1" in repr(line), line.app == "ledger") == (is_open, is_open)
            assert line.opens in {None, at + 7 * 86_400_000}


async def test_an_edited_fact_shows_no_wrong_line_and_hides_none_of_the_whole_list(deps, ana):
    await some_looks(deps, ana)
    whole = (await search(deps, ana, EVERYTHING)).lines

    async def edit(conn):
        await conn.execute(update(access_fact).values(app="delivery", at=2**62, kind=1))

    await commit.request(deps.database, edit)
    found = await search(deps, ana, EVERYTHING, count=True)
    assert [line for line in found.lines if line.place <= whole[0].place] == list(whole)
    of_app = await search(deps, ana, Wanted(app="delivery"))
    assert {line.app for line in of_app.lines} <= {"delivery"}

    async def forget(conn):
        await conn.execute(delete(access_fact))

    await commit.request(deps.database, forget)
    of_app = await search(deps, ana, Wanted(app="delivery"))
    assert list(of_app.lines) == [one for one in whole if one.app == "delivery"]


async def test_an_entry_that_is_gone_is_a_line_that_cannot_be_read(deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email")
    await settled(deps)
    async with deps.database.connect() as conn:
        mine = select(customer_entry.c.idx).where(customer_entry.c.customer_id == ana)
        newest = max((await conn.execute(mine)).scalars())

    async def take(conn):
        await conn.execute(delete(log_leaf).where(log_leaf.c.idx == newest))

    await commit.request(deps.database, take)
    (line, *_) = await latest(deps, ana, limit=5)
    assert (line.place, line.at, line.kind, line.opens) == (newest, None, None, None)


async def test_looks_of_another_customer_are_in_no_search(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await asyncio.gather(
        looks.by_app(deps, eve, "delivery", "delivery", "contact.email", request="eves"),
        looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="anas"),
    )
    await settled(deps)
    for wanted in FILTERS:
        found = await search(deps, ana, wanted)
        assert "eves" not in {line.request for line in found.lines}


async def test_the_period_is_from_its_first_moment_and_without_its_end(deps, ana, clock):
    at = unix_ms(clock.now())
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="here")
    await settled(deps)
    clock.turn(hours=1)
    for wanted, is_in in (
        (Wanted(app="delivery", start=at), True),
        (Wanted(app="delivery", start=at + 1), False),
        (Wanted(app="delivery", end=at), False),
        (Wanted(app="delivery", end=at + 1), True),
    ):
        found = await search(deps, ana, wanted)
        assert bool(found.lines) is is_in, wanted
