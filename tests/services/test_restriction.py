"""What is restricted is stored, and no app reads it; the customer does."""

import random

import pytest

from policies.model import Source
from policies.reasons import Reason
from tests.services.test_disclosure import ANA, asking
from tests.vaults import FakeClock, vault
from vault.core.errors import NotAvailableError
from vault.core.ids import NOBODY
from vault.services import customer, marks, own, restriction
from vault.services.disclosure import disclose
from vault.services.marks import Mark
from vault.services.restriction import Restriction

NAME = "contact.phone"


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, ANA, source=Source.TOLD)


async def seen_by_app(deps, who):
    (answer,) = await disclose(deps, [asking(who)])
    assert {one.reason for one in answer.withheld} <= {Reason.RESTRICTED}
    return {one.name for one in answer.opened}


async def test_a_restricted_field_is_read_by_nobody_but_the_customer(deps, ana):
    assert await restriction.restrict_field(deps, ana, NAME, request="r")
    assert not await restriction.restrict_field(deps, ana, NAME, request="r")
    assert await seen_by_app(deps, ana) == set(ANA) - {NAME}
    assert await restriction.of(deps, ana) == Restriction(whole=False, fields=frozenset({NAME}))
    held = {one.field.name: one.value for one in await own.held(deps, ana, request="r")}
    assert held[NAME] == ANA[NAME]
    assert await restriction.lift_field(deps, ana, NAME, request="r")
    assert not await restriction.lift_field(deps, ana, NAME, request="r")
    assert await seen_by_app(deps, ana) == set(ANA)


async def test_everything_is_restricted_and_lifted_as_it_was(deps, ana):
    await restriction.restrict_field(deps, ana, NAME, request="r")
    assert await restriction.restrict(deps, ana, request="r")
    assert not await restriction.restrict(deps, ana, request="r")
    assert await seen_by_app(deps, ana) == set()
    assert (await restriction.of(deps, ana)).whole
    assert await restriction.lift(deps, ana, request="r")
    assert not await restriction.lift(deps, ana, request="r")
    assert await seen_by_app(deps, ana) == set(ANA) - {NAME}


async def test_what_the_code_does_not_name_cannot_be_restricted(deps, ana):
    for name in ("no.such", "interaction.call", "<b>"):
        with pytest.raises(NotAvailableError):
            await restriction.restrict_field(deps, ana, name, request="r")
        assert not await restriction.lift_field(deps, ana, name, request="r")


async def test_nobody_restricts_for_somebody_who_is_not_there(deps):
    with pytest.raises(NotAvailableError):
        await restriction.restrict(deps, NOBODY, request="r")
    with pytest.raises(NotAvailableError):
        await restriction.of(deps, NOBODY)


@pytest.mark.parametrize("seed", range(3))
async def test_no_mark_and_no_restriction_ever_shows_an_app_more(deps, ana, seed):
    """Whatever the order: only lifting, and never a mark, lets an app see what it did not."""
    chance = random.Random(seed)
    before = await seen_by_app(deps, ana)
    for _ in range(12):
        name = chance.choice(sorted(ANA))
        act = chance.choice(["whole", "field", "lift", "lift whole", *Mark])
        if act == "whole":
            await restriction.restrict(deps, ana, request="r")
        elif act == "field":
            await restriction.restrict_field(deps, ana, name, request="r")
        elif act == "lift":
            await restriction.lift_field(deps, ana, name, request="r")
        elif act == "lift whole":
            await restriction.lift(deps, ana, request="r")
        elif act != Mark.TOLD:
            await marks.put(deps, ana, name, Mark(act), version=1, request="r")
        after = await seen_by_app(deps, ana)
        if not act.startswith("lift"):
            assert after <= before, act
        if act in set(Mark):
            assert after == before, act
        before = after
