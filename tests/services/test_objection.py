"""An objection bites at the next look, and only what may be objected to can be."""

import pytest

from policies.model import Source
from tests.portal import looks
from tests.services.decisions import ana, clock, deps, execute
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import NOBODY
from vault.services import customer, objection
from vault.services.choices import look

__all__ = ["ana", "clock", "deps"]


async def seen(deps, who):
    answer = await looks.by_app(deps, who, "delivery", "support", "contact.full_name")
    return {one.name for one in answer.opened}, {one.reason.value for one in answer.withheld}


async def epoch(deps, who):
    found = (await look(deps, who)).found
    return found.standing.epoch if found and found.standing else None


async def test_an_objection_bites_at_the_next_look_and_can_be_taken_back(deps, ana):
    assert await seen(deps, ana) == ({"contact.full_name"}, set())
    assert await objection.object_(deps, ana, "support") is True
    assert await seen(deps, ana) == (set(), {"objected"})
    assert await objection.lift(deps, ana, "support") is True
    assert await seen(deps, ana) == ({"contact.full_name"}, set())


async def test_objecting_twice_is_once(deps, ana):
    await objection.object_(deps, ana, "support")
    assert await objection.object_(deps, ana, "support") is False
    assert await epoch(deps, ana) == 1
    await objection.lift(deps, ana, "support")
    assert await objection.lift(deps, ana, "support") is False
    assert await epoch(deps, ana) == 2


@pytest.mark.parametrize("purpose", ["delivery", "marketing", "nothing", ""])
async def test_only_an_interest_of_the_business_can_be_objected_to(deps, ana, purpose):
    for change in (objection.object_, objection.lift):
        with pytest.raises(NotAvailableError):
            await change(deps, ana, purpose)
    assert await epoch(deps, ana) == 0


async def test_nobody_objects_for_a_customer_who_is_not_there(deps):
    with pytest.raises(NotAvailableError):
        await objection.object_(deps, NOBODY, "support")


async def test_an_objection_is_the_customers_own(deps, ana):
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    await objection.object_(deps, ana, "support")
    assert await seen(deps, other) == ({"contact.full_name"}, set())


async def test_a_broken_row_lets_nothing_change(deps, ana):
    await execute(deps, "UPDATE standing SET objections = '[\"support\"]'")
    with pytest.raises(OpenError):
        await objection.lift(deps, ana, "support")
