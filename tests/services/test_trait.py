"""The vault works traits out as the code says: under a clause, in sight, and never against a no."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import traits
from tests.services import opened, shopping
from tests.services.decisions import allow, execute
from tests.services.test_replay import whole
from tests.vaults import vault
from vault.services import (
    consent,
    contest,
    field,
    jobs,
    objection,
    restriction,
    standing_change,
    trait,
    trait_job,
)
from vault.services.trait import Came
from vault.services.trait_plan import Do
from vault.store.trait import trait as table
from vault.store.value import value as values


@pytest.fixture
async def deps(database, tmp_path, clock):
    """The vault with a code of ethics that has a trait of each kind in force."""
    async with vault(database, tmp_path, clock=clock) as made:
        await traits.publish(made)
        yield made


@pytest.fixture
async def ana(deps):
    """A customer who agreed, bought four times and called once."""
    who = await shopping.add(deps)
    for total in ("10.50", 4, "0.75", "nothing"):
        await shopping.happens(deps, who, total=total)
        deps.clock.turn(hours=1)
    await shopping.happens(deps, who, "call")
    return who


async def stored(deps, who):
    """The traits that are stored, with their sources."""
    async with deps.database.connect() as conn:
        wanted = select(values.c.field, values.c.source).where(
            values.c.customer_id == who, values.c.field.like("traits.%")
        )
        return {name.removeprefix("traits."): source for name, source in await conn.execute(wanted)}


async def looks(deps, who):
    """What the vault itself read and wrote: (kind, purpose, names)."""
    return [
        (one["kind"], one["purpose"], [name for name, _ in one["allowed"]])
        for one in await opened.payloads(deps, who)
        if one["actor"] == "vault"
    ]


async def test_each_trait_is_worked_out_and_read_as_inferred(deps, ana):
    tally = await trait.work_out(deps, [ana])
    assert tally == Counter({Came.WRITTEN: 5})
    found = {name: await shopping.read(deps, ana, name) for name in traits.TRAITS}
    assert found == {
        "often": ("often", "inferred"),
        "spent": (15, "inferred"),
        "group": ("purist", "inferred"),
        "way": ("shop", "inferred"),
    }


async def test_the_customer_sees_from_what_each_was_worked_out_and_for_what(deps, ana):
    await trait.work_out(deps, [ana])
    seen = await looks(deps, ana)
    bought, called = "interaction.purchase", "interaction.call"
    assert sorted(seen) == sorted(
        [
            (1, "rewards", [bought]),
            (1, "rewards", [bought]),
            (1, "fraud", [bought]),
            (1, "rewards", ["preferences.coffee"]),
            (1, "rewards", [bought, called]),
            *[(2, "rewards", [f"traits.{name}"]) for name in traits.TRAITS],
            (2, "fraud", ["traits.days"]),
        ]
    )
    written = next(
        one
        for one in await opened.payloads(deps, ana)
        if one.get("sources") and one["actor"] == "vault"
    )
    assert [source for _, source in written["sources"]] == ["inferred"]
    # What was written names the look that it was worked out of.
    kinds = {
        one["kind"]
        for one in await opened.payloads(deps, ana)
        if one["request"] == written["request"]
    }
    assert kinds == {1, 2}


async def test_where_nothing_changed_nobody_looks_again(deps, ana):
    await trait.work_out(deps, [ana])
    before = len(await opened.payloads(deps, ana))
    assert await trait.due(deps, [ana]) == Counter()
    assert not await trait.work_out(deps, [ana])
    assert len(await opened.payloads(deps, ana)) == before
    await shopping.happens(deps, ana, total=5)
    # The fifth purchase changes no band of how often, no way, and no day: only the sum.
    assert await trait.work_out(deps, [ana]) == Counter({Came.WRITTEN: 1, Came.SAME: 3})
    assert await shopping.read(deps, ana, "spent") == (20, "inferred")


async def test_time_alone_moves_what_a_period_holds(deps, ana):
    await trait.work_out(deps, [ana])
    deps.clock.turn(hours=23)
    assert await trait.due(deps, [ana]) == Counter({Do.WORK: 1})  # a day more since the last
    assert await trait.work_out(deps, [ana]) == Counter({Came.WRITTEN: 1})


async def test_what_was_told_is_never_replaced(deps, ana):
    await field.correct(deps, ana, "traits.group", "explorer", version=0, request="r")
    await trait.work_out(deps, [ana])
    assert await shopping.read(deps, ana, "group") == ("explorer", "told")
    assert not [one for one in await looks(deps, ana) if one[2] == ["preferences.coffee"]]


async def test_what_the_customer_deletes_is_not_made_again_until_an_input_changes(deps, ana):
    await trait.work_out(deps, [ana])
    await field.delete(deps, ana, "traits.group", version=1, request="r")
    assert not await trait.work_out(deps, [ana])
    await field.correct(deps, ana, "preferences.coffee", "filter", version=1, request="r")
    await trait.work_out(deps, [ana])
    assert await shopping.read(deps, ana, "group") == ("explorer", "inferred")


async def test_without_a_consent_nothing_is_looked_at(deps):
    who = await shopping.add(deps, agrees=False)
    assert await trait.due(deps, [who]) == Counter()
    assert not await trait.work_out(deps, [who])
    assert await looks(deps, who) == []


async def test_a_withdrawal_ends_what_was_worked_out_under_it(deps, ana):
    await trait.work_out(deps, [ana])
    await consent.withdraw(deps, ana, "rewards", request="r")
    assert await trait.work_out(deps, [ana]) == Counter({Came.DELETED: 4})
    assert await stored(deps, ana) == {"days": "inferred"}
    assert (2, None, ["traits.spent"]) in await looks(deps, ana)


async def test_an_objection_ends_what_rests_on_an_interest(deps, ana):
    await trait.work_out(deps, [ana])
    await objection.object_(deps, ana, "fraud")
    assert await trait.work_out(deps, [ana]) == Counter({Came.DELETED: 1})
    assert "days" not in await stored(deps, ana)
    deps.clock.turn(days=2)
    assert not await trait.work_out(deps, [ana])


async def test_who_wants_no_profiling_has_no_traits(deps, ana):
    await trait.work_out(deps, [ana])
    await standing_change.set_terms(deps, ana, lambda terms: replace(terms, no_profiling=True))
    assert await trait.work_out(deps, [ana]) == Counter({Came.DELETED: 5})
    assert await stored(deps, ana) == {}


async def test_what_the_customer_calls_wrong_is_gone_and_stays_gone(deps, ana):
    await trait.work_out(deps, [ana])
    assert await contest.make(deps, ana, "traits.spent", version=1, request="r")
    assert await shopping.read(deps, ana, "spent") is None
    assert "spent" not in await stored(deps, ana)
    await shopping.happens(deps, ana, total=100)
    await trait.work_out(deps, [ana])
    assert "spent" not in await stored(deps, ana)
    found = await contest.of(deps, ana, "traits.spent")
    assert found
    assert found.contested
    assert not await contest.make(deps, ana, "traits.spent", version=0, request="r")
    assert await contest.take_back(deps, ana, "traits.spent", request="r")
    await trait.work_out(deps, [ana])
    assert await shopping.read(deps, ana, "spent") == (115, "inferred")


async def test_what_a_hold_or_a_restriction_keeps_is_marked_and_goes_later(deps, ana):
    await trait.work_out(deps, [ana])
    await restriction.restrict_field(deps, ana, "traits.spent", request=None)
    await contest.make(deps, ana, "traits.spent", version=1, request="r")
    assert not await trait.work_out(deps, [ana])
    assert "spent" in await stored(deps, ana)
    await restriction.lift_field(deps, ana, "traits.spent", request=None)
    assert await trait.work_out(deps, [ana]) == Counter({Came.DELETED: 1})


async def test_where_nothing_can_be_said_any_more_it_goes(deps, ana):
    await trait.work_out(deps, [ana])
    deps.clock.turn(days=366)
    await allow(deps, ana, "rewards")
    await trait.work_out(deps, [ana])
    assert set(await stored(deps, ana)) == {"days", "group"}


async def test_a_change_between_look_and_write_leaves_it_for_the_next_run(deps, ana, monkeypatch):
    judged = trait._judged

    async def withdrawn_meanwhile(*given, **named):
        found = await judged(*given, **named)
        await consent.withdraw(deps, ana, "rewards", request="r")
        return found

    monkeypatch.setattr(trait, "_judged", withdrawn_meanwhile)
    tally = await trait.work_out(deps, [ana])
    assert tally == Counter({Came.LEFT: 4, Came.WRITTEN: 1})
    assert set(await stored(deps, ana)) == {"days"}


async def test_a_broken_record_is_left_alone(deps, ana):
    await execute(deps, "UPDATE standing SET flags = 2 WHERE customer_id = :who", who=ana)
    assert not await trait.work_out(deps, [ana])


async def test_the_replay_decides_the_same(deps, ana):
    await trait.work_out(deps, [ana])
    await contest.make(deps, ana, "traits.spent", version=1, request="r")
    await objection.object_(deps, ana, "fraud")
    await trait.work_out(deps, [ana])
    await opened.integrate(deps)
    row = await whole(deps)
    assert json.loads(row.found) == []
    assert (row.disagreeing, row.undecidable) == (0, 0)


async def test_the_daily_job_works_in_parts_that_go_on(deps, monkeypatch):
    monkeypatch.setattr(trait_job, "PART", 2)
    many = []
    for number in range(5):
        who = await shopping.add(
            deps, {"contact.email": f"c{number}@example.org", "preferences.coffee": "filter"}
        )
        many.append(who)
    assert await trait_job.daily(deps)
    assert not await trait_job.daily(deps)
    while await jobs.round_once(deps, frozenset({trait_job.KIND})):
        pass
    assert [await stored(deps, who) for who in many] == [{"group": "inferred"}] * 5
    assert await trait_job.survey(deps) == (5, Counter())


async def test_a_code_that_works_nothing_out_queues_nothing(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as plain:
        assert not await trait_job.daily(plain)


async def test_what_a_code_no_longer_works_out_goes(deps, ana):
    await trait.work_out(deps, [ana])
    text = traits.TEXT
    start, end = text.index("  spent:\n    label: spent"), text.index("  days:\n    label: days")
    text = (text[:start] + text[end:]).replace("version: 2026-11-8", "version: 2026-11-9")
    text = text.replace("effective: 2026-11-02", "effective: 2026-11-03")
    text = text.replace("    sources: [inferred]", "    sources: [told, inferred]")
    name = "  traits.spent:\n    label: How much you spend\n"
    head, tail = text.split(name)
    text = head + name + tail.replace("sources: [told, inferred]", "sources: [told]", 1)
    await traits.publish(deps, rulebook=traits.compiled(text), text=text)
    tally = await trait.work_out(deps, [ana])
    assert "spent" not in await stored(deps, ana), tally
    async with deps.database.connect() as conn:
        rows = await conn.execute(select(table.c.field).where(table.c.customer_id == ana))
        assert "traits.spent" not in set(rows.scalars())
