"""An entry says what a replay needs: what stood after a change, what was asked, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.model import ActorKind, StaffRole
from tests.services.decisions import ana, clock, deps, newsletter, readable
from tests.services.opened import payloads
from vault.core.entry import Kind
from vault.core.times import unix_ms
from vault.services import holds, objection, restriction
from vault.services.disclosure import disclose
from vault.services.standing_change import set_terms
from vault.store.engine import now

__all__ = ["ana", "clock", "deps"]
UNTIL = timedelta(days=30)


async def hold_and_lift(deps, who):
    made = await holds.make(
        deps, who, ground="legal-claims", until=deps.clock.now() + UNTIL, reason="a claim"
    )
    await holds.lift(deps, who, made)


async def pause(deps, who):
    await set_terms(deps, who, lambda stated: replace(stated, paused=True))


async def object_(deps, who):
    await objection.object_(deps, who, "support")


async def restrict(deps, who):
    await restriction.restrict(deps, who, request=None)
    await restriction.lift(deps, who, request=None)


CHANGES = {
    pause: [(Kind.TERMS, {"flags": 0, "objections": [], "terms": {"paused": True}})],
    restrict: [
        (Kind.RESTRICTED, {"flags": 1, "objections": [], "terms": {}}),
        (Kind.LIFTED, {"flags": 0, "objections": [], "terms": {}}),
    ],
    object_: [(Kind.OBJECTED, {"flags": 0, "objections": ["support"], "terms": {}})],
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
async def test_a_change_tells_the_standing_row_that_it_left(deps, ana, change):
    await change(deps, ana)
    told = [
        (one["kind"], one["standing"]) for one in await payloads(deps, ana) if "standing" in one
    ]
    assert told == CHANGES[change]


async def test_a_hold_tells_it_too(deps, ana):
    await hold_and_lift(deps, ana)
    kinds = {one["kind"]: one["standing"] for one in await payloads(deps, ana) if "standing" in one}
    assert [len(kinds[kind]["terms"].get("holds", ())) for kind in (24, 25)] == [1, 0]


async def test_a_look_tells_its_action_and_the_time_of_its_load(deps, ana):
    async with deps.database.connect() as conn:
        before = unix_ms(await now(conn))
    await readable(deps, ana)
    async with deps.database.connect() as conn:
        after = unix_ms(await now(conn))
    ask = replace(newsletter(ana), kind=ActorKind.STAFF, role=StaffRole.SUPPORT, actor="staff:s-1")
    await disclose(deps, [ask])
    asked = {one["actor"]: one["asked"] for one in await payloads(deps, ana)}
    app, member = asked["app:newsletter"], asked["staff:s-1"]
    assert app.keys() == {"action", "at"}
    assert app["action"] == "read"
    assert before <= app["at"] <= after
    assert member["role"] == "support"


async def test_what_writes_tells_the_action_and_no_change_of_consent_does(deps, ana):
    (written,) = [one for one in await payloads(deps, ana) if one["kind"] == Kind.WRITTEN]
    assert written["asked"]["action"] == "write"
    await object_(deps, ana)
    (change,) = [one for one in await payloads(deps, ana) if one["kind"] == Kind.OBJECTED]
    assert "asked" not in change
