"""What the code of ethics lets nobody keep any longer goes, and nothing else does."""

import asyncio
import random
from calendar import monthrange
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from policies.model import Source
from tests.services import erasing
from tests.services.erasing import RICH_BOOK
from tests.services.publishing import one_clock
from tests.vaults import vault
from vault.core.entry import Kind
from vault.core.look import Line
from vault.core.retention import Stays, Why
from vault.services import (
    customer,
    holds,
    jobs,
    marks,
    restriction,
    retention,
    retention_delete,
    retention_job,
    who_looked,
)
from vault.services.marks import Mark
from vault.store import commit
from vault.store.interaction import interaction
from vault.store.lookup import lookup
from vault.store.value import value

__all__ = ["one_clock"]

NOW = datetime(2026, 12, 1, 12, 0, 0, 250_000, tzinfo=UTC)
COFFEE = "preferences.coffee"  # two years
NOTE = "preferences.delivery_note"  # one year
CALL = "interaction.call"  # one year


@pytest.fixture
async def deps(deps):
    """The vault with the code of ethics of many fields and laws in force."""
    await erasing.publish_rich(deps)
    return deps


async def add(deps, email, at=NOW, **values):
    return await customer.add(
        deps, {"contact.email": email} | values, source=Source.TOLD, gathered_at=at
    )


async def fields(deps, who):
    async with deps.database.connect() as conn:
        statement = select(value.c.field).where(value.c.customer_id == who)
        return set((await conn.execute(statement)).scalars())


async def events(deps, who):
    async with deps.database.connect() as conn:
        statement = select(interaction.c.kind, interaction.c.parent).where(
            interaction.c.customer_id == who
        )
        return [tuple(row) for row in await conn.execute(statement)]


async def lines(deps, who):
    """Return what the vault deleted, as the customer sees it."""
    found: list[Line] = []
    async with asyncio.timeout(10):
        while not found:
            latest = await who_looked.latest(deps, who, limit=50)
            found = [one for one in latest if one.actor == "vault" and one.kind is Kind.WRITTEN]
    return found


async def test_a_value_goes_on_its_day_and_not_before(deps, clock):
    who = await add(deps, "ana@example.org", **{NOTE: "The blue door", COFFEE: "espresso"})
    clock.turn(days=364, hours=23)
    assert not (await retention.sweep(deps)).gone
    clock.turn(hours=1)
    tally = await retention.sweep(deps)
    assert tally.gone == Counter({(NOTE, Why.OVER): 1})
    assert await fields(deps, who) == {"contact.email", COFFEE}


async def test_nothing_is_left_a_day_after_its_time(deps, clock):
    for number in range(5):
        await add(deps, f"c{number}@example.org", **{NOTE: f"Door {number}"})
    clock.turn(days=366)
    assert await retention.left(deps) == ((NOTE, 5),)
    await retention.sweep(deps)
    assert await retention.left(deps) == ()
    assert (await retention.survey(deps)).gone == Counter()


async def test_within_the_day_nothing_is_late(deps, clock):
    await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    clock.turn(days=365, hours=23)
    assert await retention.left(deps) == ()


async def test_who_confirms_a_value_keeps_it_longer(deps, clock):
    who = await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    clock.turn(days=300)
    await marks.put(deps, who, NOTE, Mark.CONFIRMED, version=1, request=None)
    clock.turn(days=100)
    assert not (await retention.sweep(deps)).gone
    clock.turn(days=266)  # a year after the word; 2028 has a day more
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 1})


async def test_the_customer_is_told_what_went_and_by_which_clause(deps, clock):
    who = await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    clock.turn(days=365)
    await retention.sweep(deps)
    (line,) = await lines(deps, who)
    assert line.allowed == ((NOTE, f"field/{NOTE}"),)
    assert line.sources == ()
    assert line.code == RICH_BOOK.digest


async def test_identifiers_are_free_again_and_may_be_gathered_anew(deps, clock):
    who = await add(deps, "ana@example.org")
    clock.turn(days=3 * 365 + 1)
    await retention.sweep(deps)
    assert await fields(deps, who) == set()
    async with deps.database.connect() as conn:
        assert not (await conn.execute(select(func.count()).select_from(lookup))).scalar_one()
    again = await add(deps, "ana@example.org", at=clock.now())
    assert await fields(deps, again) == {"contact.email"}


async def test_contact_events_go_by_their_own_time(deps, clock):
    who = await erasing.add(deps)
    await erasing.buy(deps, who)
    clock.turn(days=3 * 365)
    before = await events(deps, who)
    await retention.sweep(deps)
    assert await events(deps, who) == before
    clock.turn(days=1)  # 2028 has one more
    assert (await retention.sweep(deps)).gone[("interaction.purchase", Why.OVER)] == 1
    assert await events(deps, who) == []


async def test_an_event_under_one_that_goes_stays_and_is_under_nothing(deps, clock):
    who = await erasing.add(deps)
    first = await erasing.buy(deps, who)
    clock.turn(days=10)
    second = await erasing.buy(deps, who, "A cup")

    async def under(conn):
        statement = interaction.update().where(
            interaction.c.customer_id == who, interaction.c.interaction_id == second
        )
        await conn.execute(statement.values(parent=first))

    await commit.request(deps.database, under)
    clock.turn(days=3 * 365 - 5)
    await retention.sweep(deps)
    assert await events(deps, who) == [("purchase", None)]


async def test_many_events_of_one_customer_go_in_several_entries(deps, clock, monkeypatch):
    monkeypatch.setattr(retention_delete, "TOGETHER", 2)
    who = await erasing.add(deps)
    for number in range(5):
        await erasing.buy(deps, who, f"Cup {number}")
        clock.turn(hours=1)
    clock.turn(days=3 * 365 + 2)
    tally = await retention.sweep(deps)
    assert tally.gone[("interaction.purchase", Why.OVER)] == 5
    assert await events(deps, who) == []


async def test_a_restriction_keeps_what_is_over_until_it_is_lifted(deps, clock):
    one = await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    two = await add(deps, "ben@example.org", **{NOTE: "The red door"})
    await restriction.restrict_field(deps, one, NOTE, request=None)
    await restriction.restrict(deps, two, request=None)
    clock.turn(days=400)
    tally = await retention.survey(deps)
    assert tally.stays == Counter({(NOTE, Stays.RESTRICTED): 2})
    assert (await retention.sweep(deps)).stays == tally.stays
    assert await retention.left(deps) == ()
    await restriction.lift(deps, two, request=None)
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 1})
    assert NOTE in await fields(deps, one)
    assert NOTE not in await fields(deps, two)


async def test_a_broken_record_is_left_alone_and_reported(deps, clock):
    from tests.services import decisions

    who = await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    await decisions.execute(deps, "UPDATE standing SET flags = 1 WHERE customer_id = :who", who=who)
    clock.turn(days=400)
    assert (await retention.sweep(deps)).stays == Counter({(NOTE, Stays.BROKEN): 1})
    assert NOTE in await fields(deps, who)
    assert await retention.left(deps) == ((NOTE, 1),)


async def test_a_sweep_that_was_cut_is_finished_by_the_next_one(deps, clock, monkeypatch):
    for number in range(6):
        await add(deps, f"c{number}@example.org", **{NOTE: f"Door {number}"})
    clock.turn(days=400)
    delete = retention_delete.delete_over
    done: list[object] = []

    async def cut(*given):
        if len(done) == 3:
            raise RuntimeError
        done.append(await delete(*given))
        return done[-1]

    monkeypatch.setattr("vault.services.retention.delete_over", cut)
    with pytest.raises(RuntimeError):
        await retention.sweep(deps)
    monkeypatch.setattr("vault.services.retention.delete_over", delete)
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 3})
    assert await retention.left(deps) == ()


async def test_two_sweeps_at_once_delete_each_row_once(database, tmp_path, deps, clock):
    for number in range(8):
        await add(deps, f"c{number}@example.org", **{NOTE: f"Door {number}"})
    clock.turn(days=400)
    async with vault(database, tmp_path, clock=clock) as other:
        both = await asyncio.gather(retention.sweep(deps), retention.sweep(other))
    assert sum((one.gone for one in both), Counter()) == Counter({(NOTE, Why.OVER): 8})


async def test_the_daily_job_sweeps_in_parts_that_go_on(deps, clock, monkeypatch):
    monkeypatch.setattr(retention, "PAGE", 2)
    monkeypatch.setattr(retention_job, "PART", 2)
    kept = await add(deps, "k@example.org", **{NOTE: "Kept"})
    await restriction.restrict(deps, kept, request=None)
    for number in range(5):
        await add(deps, f"c{number}@example.org", **{NOTE: f"Door {number}"})
    clock.turn(days=400)
    assert await retention_job.daily(deps)
    assert not await retention_job.daily(deps)
    rounds = 0
    while await jobs.round_once(deps, frozenset({retention_job.KIND})):
        rounds += 1
    assert await retention.left(deps) == ()
    assert NOTE in await fields(deps, kept)


def test_a_place_is_read_as_it_was_written():
    from vault.core.errors import FormatError
    from vault.core.ids import NOBODY
    from vault.services.retention import Place

    name = f"{'a' * 32}.{'b' * 32}"
    for place in (Place(), Place(name), Place(name, (NOW, NOBODY))):
        text = retention_job.dump(place)
        assert len(text) <= 100
        assert retention_job.load(text) == place
    with pytest.raises(FormatError):
        retention_job.load("a.b/AAAA")


async def test_what_is_kept_how_long_is_told_with_what_there_is(deps):
    await add(deps, "ana@example.org", **{NOTE: "The blue door"})
    found = {one.name: one for one in await retention.clauses(deps)}
    assert (found[NOTE].lasts, found[NOTE].rows, found[NOTE].oldest) == ("P1Y", 1, NOW)
    assert (found[CALL].lasts, found[CALL].rows, found[CALL].oldest) == ("P1Y", 0, None)


# --- everything at once -------------------------------------------------------------------------

YEARS = {NOTE: 1, COFFEE: 2, "preferences.store": 2, "contact.full_name": 3}
GIVEN = {NOTE: "Door", COFFEE: "espresso", "preferences.store": "cork", "contact.full_name": "Ana"}


def over(start, years, now):
    """Work out by hand what another reckoning says: the same day so many years later."""
    day = min(start.day, monthrange(start.year + years, start.month)[1])
    return start.replace(year=start.year + years, day=day) <= now


@pytest.mark.parametrize("seed", range(3))
async def test_a_sweep_leaves_nothing_older_and_takes_nothing_younger(deps, clock, seed):
    chance = random.Random(seed)
    wanted, stored = {}, {}
    ends: dict[tuple[object, str], datetime] = {}
    for number in range(15):
        at = NOW - timedelta(days=chance.randrange(1_200), seconds=chance.randrange(86_400))
        values = {
            name: given
            for name, given in GIVEN.items()
            if chance.random() < 0.7 and "store" not in name
        }
        who = await customer.add(
            deps,
            values | {"contact.full_name": f"Ana {number}"},
            source=Source.TOLD,
            gathered_at=at,
        )
        starts = dict.fromkeys({*values, "contact.full_name"}, at)
        for name in values:
            if chance.random() < 0.2:
                await marks.put(deps, who, name, Mark.CONFIRMED, version=1, request=None)
                starts[name] = clock.now()
        kept = set()
        if chance.random() < 0.3:
            name = chance.choice(sorted(GIVEN))
            await restriction.restrict_field(deps, who, name, request=None)
            kept = {name}
        if chance.random() < 0.3:
            name, days = chance.choice(sorted(GIVEN)), chance.randrange(1, 700)
            until = clock.now() + timedelta(days=days)
            await holds.make(deps, who, ground="law", until=until, reason="x", names=[name])
            ends[who, name] = until
        stored[who], wanted[who] = starts, kept
        clock.turn(hours=chance.randrange(20))
    clock.turn(days=chance.randrange(800), hours=chance.randrange(24))
    expected = {
        who: {
            name
            for name, start in starts.items()
            if name in wanted[who]
            or ends.get((who, name), NOW) > clock.now()
            or not over(start, YEARS[name], clock.now())
        }
        for who, starts in stored.items()
    }
    planned = await retention.survey(deps)
    done = await retention.sweep(deps)
    assert (planned.gone, planned.stays, planned.customers) == (
        done.gone,
        done.stays,
        done.customers,
    )
    assert {who: await fields(deps, who) for who in stored} == expected
    assert await retention.left(deps) == ()
