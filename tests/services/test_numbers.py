"""Numbers come from what stands, hide small groups, and open nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from policies.model import Source
from tests.services import erasing
from tests.services.decisions import SESSION, allow, newsletter
from tests.services.logbook import until
from vault.core import canonical
from vault.core.errors import BusyError
from vault.core.request import Kind
from vault.services import consent, customer, numbers, request, scorecard
from vault.services.disclosure import disclose
from vault.store import commit, sweeps_numbers
from vault.store import numbers as store
from vault.store.leaf import access_fact
from vault.store.request_queue import request_queue

MANY = 12


async def shop(deps, count):
    """Customers who all allow letters but one, who says no."""
    made = [
        await customer.add(
            deps,
            {"contact.email": f"n{one}@example.org", "contact.full_name": f"N {one}"},
            source=Source.TOLD,
        )
        for one in range(count)
    ]
    for who in made[1:]:
        await allow(deps, who)
    await consent.refuse(deps, made[0], "marketing", session=SESSION)
    return made


def of(said, purpose):
    return next(one for one in said["consents"] if one["purpose"] == purpose)


async def test_who_allows_what_is_counted_and_a_small_group_is_hidden(deps):
    await shop(deps, MANY)
    said = await numbers.count(deps)
    assert said["customers"] == MANY
    # One who said no cannot be told: neither the number nor the one that would give it away.
    assert of(said, "marketing") == {
        "purpose": "marketing",
        "allowed": None,
        "said_no": None,
        "ended": 0,
        "open": 0,
    }
    rewards = of(said, "loyalty.rewards")
    assert (rewards["allowed"], rewards["open"]) == (0, MANY)


async def test_of_fewer_customers_than_the_least_nothing_is_said(deps):
    await shop(deps, 3)
    said = await numbers.count(deps)
    assert said["customers"] is None
    assert all(one[name] is None for one in said["consents"] for name in one if name != "purpose")


async def test_a_consent_that_is_over_counts_as_ended(deps, clock):
    made = await shop(deps, MANY + 1)
    await allow(deps, made[0])
    assert of(await numbers.count(deps), "marketing")["allowed"] == MANY + 1
    clock.turn(days=366)
    assert of(await numbers.count(deps), "marketing") == {
        "purpose": "marketing",
        "allowed": 0,
        "said_no": 0,
        "ended": MANY + 1,
        "open": 0,
    }


@pytest.mark.parametrize(
    ("counts", "allowed", "shown"),
    [
        ([39], 40, [None]),  # one of those who allow it does not share what it needs
        ([40, 39], 40, [None, None]),  # and one of those who share the one
        ([40, 25], 40, [40, 25]),
        ([30, 0], 40, [30, 0]),
        ([9], 40, [None]),
        ([91], 91, [None]),  # all but a few customers
        ([20], None, [None]),  # then a lower bound of what is hidden would be known
    ],
)
def test_no_two_numbers_of_benefits_leave_a_small_group(counts, allowed, shown):
    assert numbers._parts(counts, allowed, 100, 10) == shown


async def test_counting_opens_nothing_and_leaves_no_entry(deps):
    await shop(deps, MANY)

    async def entries():
        async with deps.database.connect() as conn:
            statement = select(func.count()).select_from(access_fact)
            return (await conn.execute(statement)).scalar_one()

    async def all_in():
        return await entries() >= 2 * MANY

    await until(all_in)
    before = await entries()
    kept = await numbers.keep(deps)
    await scorecard.keep(deps)
    assert await entries() == before
    text = canonical.dumps(kept.said).decode()
    assert "@" not in text
    assert "N 1" not in text


async def test_one_process_counts_once_a_day(deps, clock):
    await shop(deps, MANY)
    assert await numbers.nightly(deps)
    assert not await numbers.nightly(deps)
    async with deps.database.connect() as conn:
        assert len(await store.latest(conn, numbers.KIND, limit=9)) == 1
        assert len(await store.latest(conn, scorecard.KIND, limit=9)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_night_that_could_not_be_counted_is_counted_again(deps, monkeypatch):
    await shop(deps, 1)

    async def busy(_):
        raise BusyError

    with monkeypatch.context() as patch:
        patch.setattr(numbers, "count", busy)
        with pytest.raises(BusyError):
            await numbers.nightly(deps)
    assert await numbers.nightly(deps)
    assert not await numbers.nightly(deps)


async def test_the_scorecard_is_counted_again_to_the_same_figures(deps, clock):
    made = await shop(deps, MANY)
    for who in made:
        await disclose(deps, [newsletter(who)])

    async def looked():
        async with deps.database.connect() as conn:
            found = await sweeps_numbers.looks(conn, deps.log_id, first_ms=0, size=2**62)
        return tuple(found) == (MANY - 1, 1)

    await until(looked)
    kept = await scorecard.keep(deps)
    assert kept.said["looks"] == {"allowed": None, "refused": None}  # the one can be told else
    clock.turn(minutes=5)
    for who in made[1:]:
        await disclose(deps, [newsletter(who)])
    found = await scorecard.check(deps)
    assert found is not None
    assert found[0].said == found[1]


async def test_an_edited_scorecard_is_found(deps):
    await shop(deps, MANY)
    kept = await scorecard.keep(deps)
    better = kept.said | {"replay": kept.said["replay"] | {"replayed": 10_000}}

    async def edit(conn):
        text = canonical.dumps(better).decode()
        await conn.execute(
            update(store.numbers).where(store.numbers.c.kind == scorecard.KIND).values(text=text)
        )

    await commit.request(deps.database, edit)
    found = await scorecard.check(deps)
    assert found is not None
    assert found[0].said != found[1]


@pytest.mark.parametrize(("after", "wanted"), [(10, (1, 0)), (40, (0, 1))])
async def test_requests_count_by_the_day_on_which_they_ended(deps, clock, after, wanted):
    await erasing.publish_rich(deps)
    who = await customer.add(deps, {"contact.email": "r@example.org"}, source=Source.TOLD)
    start = deps.clock.now()
    ids = {"request_id": uuid4(), "message_id": uuid4()}
    await request.make(deps, who, Kind.QUESTION, text="Why?", request="r", **ids)
    clock.turn(days=after)
    async with deps.database.connect() as conn:
        number = (await conn.execute(select(request_queue.c.number))).scalar_one()
        owed = await sweeps_numbers.answers(conn, first=start, now=deps.clock.now())
    assert tuple(owed) == (0, int(after > 31))

    async def end(conn):
        values = {"open": False, "ended_at": deps.clock.now()}
        mine = request_queue.c.number == number
        await conn.execute(update(request_queue).where(mine).values(values))

    await commit.request(deps.database, end)
    clock.turn(days=1)
    async with deps.database.connect() as conn:
        found = await sweeps_numbers.answers(conn, first=start, now=deps.clock.now())
        later = await sweeps_numbers.answers(
            conn, first=deps.clock.now(), now=deps.clock.now() + timedelta(days=1)
        )
    assert tuple(found) == wanted
    assert tuple(later) == (0, 0)
