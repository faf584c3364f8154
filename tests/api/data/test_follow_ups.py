"""Apps are told what still has to follow a contact: kind, day, owner, state, and no word of it."""

import json

import pytest

from tests import followed
from tests.api.data.conftest import Shop
from vault.core.follow_up import State
from vault.services import follow_up_owed, follow_up_own
from vault.services.follow_up_own import Said

UNKNOWN = "a" * 26


@pytest.fixture
async def told(shop: Shop, tmp_path):
    """A customer whose complaint an app noted: the customer, and the event's id."""
    await followed.put_in_force(shop.deps, tmp_path)
    who = await shop.add()
    name = await shop.id("delivery", who)
    body = {
        "purpose": "support",
        "kind": "complaint",
        "at": "2026-11-30T09:00:00Z",
        "channel": "shop",
        "content": {"text": "unfindable words"},
    }
    answer = await shop.call("delivery", "POST", f"/api/v1/customers/{name}/interactions", body)
    assert answer.status_code == 201, answer.text
    return who, answer.json()["id"]


async def asked(shop, who, *, app="delivery", query="purpose=support"):
    name = who if isinstance(who, str) else await shop.id(app, who)
    return await shop.call(app, "GET", f"/api/v1/customers/{name}/follow-ups?{query}")


async def test_an_app_sees_what_is_owed_and_by_when(shop: Shop, told) -> None:
    who, event = told
    answer = await asked(shop, who)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["follow_ups"] == [
        {
            "event": event,
            "kind": "complaint",
            "due": "2026-12-05T09:00:00Z",
            "owner": "support",
            "state": "open",
        }
    ]
    assert body["receipt"]
    assert "unfindable" not in answer.text
    [owed] = await follow_up_owed.owed(shop.deps)
    assert owed.case.number not in answer.text
    await follow_up_own.agree(
        shop.deps,
        who,
        owed.case.follow_up_id,
        version=0,
        said=Said(owed.case.follow_up_id),
        request="r",
    )
    assert (await asked(shop, who)).json()["follow_ups"] == []
    assert await follow_up_owed.owed(shop.deps, state=State.OFFERED) == ()


async def test_a_token_without_the_kind_sees_nothing_of_it(shop: Shop, told) -> None:
    who, _ = told
    answer = await asked(shop, who, app="loyalty")
    assert (answer.status_code, answer.json()["follow_ups"]) == (200, [])


async def test_who_is_unknown_and_who_objected_look_alike(shop: Shop, told) -> None:
    unknown = await asked(shop, UNKNOWN)
    malformed = await asked(shop, "x")
    assert unknown.status_code == malformed.status_code == 404
    assert unknown.content == malformed.content


async def test_what_the_call_does_not_know_is_refused(shop: Shop, told) -> None:
    who, _ = told
    for query, status in (
        ("", 400),
        ("purpose=support&kind=complaint", 400),
        ("purpose=support&purpose=support", 400),
        ("purpose=delivery", 200),
        ("purpose=marketing", 403),
        ("purpose=nothing", 400),
    ):
        answer = await asked(shop, who, query=query)
        assert answer.status_code == status, query
        assert "unfindable" not in json.dumps(answer.json())
