"""Cards that apps give, and points that are counted once, whoever is faster."""

import asyncio
from typing import Any

import pytest

from tests import rewards
from tests.api.data.test_others import kind
from tests.api.data.till import APP, CARD, Till, till
from tests.portal import looks
from vault.core import card as rules
from vault.services import consent
from vault.store import interaction as interaction_store

__all__ = ["till"]

NO_CARD = {"loyalty__card": None}


async def balance(shop, who):
    answer = await looks.by_app(shop.deps, who, APP, rewards.PURPOSE, "loyalty.points")
    return next((one.value for one in answer.opened), None)


async def events(shop, who):
    async with shop.deps.database.connect() as conn:
        return await interaction_store.load_page(
            conn, who, kinds=["purchase"], before=None, limit=100
        )


# --- the card -------------------------------------------------------------------------------------


async def test_a_card_is_given_and_opens_the_profile(till: Till) -> None:
    who = await till.customer(**NO_CARD)
    given = await till.card(who)
    assert given.status_code == 201, given.text
    body = given.json()
    assert (body["field"], body["replaced"]) == ("loyalty.card", False)
    assert body["number"].startswith("9")
    assert len(body["number"]) == rules.DIGITS
    found = await till.look(rules.grouped(body["number"]))
    assert found.json()["customer"] == await till.id(who)
    assert found.json()["fields"]["loyalty.card"]["source"] == "observed"


async def test_who_has_a_card_keeps_it_unless_it_is_replaced(till: Till) -> None:
    who = await till.customer()
    answer = await till.card(who)
    assert (answer.status_code, kind(answer)) == (409, "conflict")
    assert (await till.look(CARD)).status_code == 200
    other = await till.card(who, replace=True)
    assert (other.status_code, other.json()["replaced"]) == (201, True)
    assert (await till.look(CARD)).status_code == 404  # a card that was found opens nothing
    assert (await till.look(other.json()["number"])).status_code == 200


async def test_a_number_that_somebody_has_is_made_anew(till: Till, monkeypatch) -> None:
    one = await till.customer(**NO_CARD)
    two = await till.customer(contact__email="b@example.org", contact__phone=None, **NO_CARD)
    same, other = "0" * 14, "1" * 14
    drawn = iter([same, same, other])
    monkeypatch.setattr("vault.services.card.digits", lambda _: next(drawn))
    first, second = await till.card(one), await till.card(two)
    assert first.json()["number"] == rules.number("9", same)
    assert second.json()["number"] == rules.number("9", other)


async def test_ten_calls_at_once_give_one_card(till: Till) -> None:
    who = await till.customer(**NO_CARD)
    await till.look()  # learns the nonce
    answers = await asyncio.gather(*(till.card(who) for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 9


async def test_a_card_needs_a_basis_and_the_right_to_write_it(till: Till) -> None:
    who = await till.customer(**NO_CARD)
    path = f"/api/v1/customers/{await till.shop.id('delivery', who)}/card"
    answer = await till.shop.call("delivery", "POST", path, {"purpose": "delivery"})
    assert (answer.status_code, kind(answer)) == (403, "outside-token")
    await consent.withdraw(till.shop.deps, who, rewards.PURPOSE)
    refused = await till.card(who)
    unknown = await till.shop.call(
        APP, "POST", "/api/v1/customers/" + "a" * 26 + "/card", {"purpose": rewards.PURPOSE}
    )
    assert (refused.status_code, refused.content) == (404, unknown.content)
    answer = await till.card(who, replace="yes")
    assert (answer.status_code, kind(answer)) == (400, "bad-request")


# --- points ---------------------------------------------------------------------------------------


async def test_points_and_their_event_stand_together(till: Till) -> None:
    who = await till.customer()
    made = await till.count(who, 12, "till-3/1001", content={"total_cents": 1240})
    assert made.status_code == 201, made.text
    assert (made.json()["points"], made.json()["counted"]) == (12, True)
    assert (await till.count(who, -5, "till-3/1002")).json()["points"] == 7
    assert await balance(till.shop, who) == 7
    path = f"/api/v1/customers/{await till.id(who)}/interactions?purpose={rewards.PURPOSE}"
    told = (await till.shop.call(APP, "GET", path)).json()["interactions"]
    assert {one["content"]["points"] for one in told} == {12, -5}
    assert made.json()["id"] in {one["id"] for one in told}


async def test_a_reference_counts_once(till: Till) -> None:
    who = await till.customer()
    await till.count(who, 12, "1001")
    again = await till.count(who, 12, "1001")
    assert (again.status_code, again.json()["counted"], again.json()["points"]) == (200, False, 12)
    assert (await till.count(who, 99, "1001", at="2026-11-29T09:00:00Z")).status_code == 200
    assert (await balance(till.shop, who), len(await events(till.shop, who))) == (12, 1)


async def test_what_comes_after_stands_under_the_event_that_counted(till: Till) -> None:
    who = await till.customer()
    event = (await till.count(who, 5, "till 1/17")).json()["id"]
    path = f"/api/v1/customers/{await till.id(who)}/interactions"
    told = {"purpose": rewards.PURPOSE, "kind": "purchase", "at": "2026-11-30T09:00:00Z"}
    more = {"channel": "shop", "content": {"back": "a cup"}, "parent": event}
    under = await till.shop.call(APP, "POST", path, told | more)
    assert under.status_code == 201, under.text
    query = f"purpose={rewards.PURPOSE}&thread={event}"
    thread = await till.shop.call(APP, "GET", f"{path}?{query}")
    assert {one["id"] for one in thread.json()["interactions"]} >= {event}


async def test_tills_at_once_lose_nothing_and_count_nothing_twice(till: Till) -> None:
    who = await till.customer()
    await till.look()  # learns the nonce
    references = [f"r{n % 4}" for n in range(8)]

    async def count(reference: str) -> None:
        for _ in range(10):
            answer = await till.count(who, 5, reference)
            if answer.status_code != 503:
                assert answer.status_code in {200, 201}, answer.text
                return
        raise AssertionError("busy all the time")

    await asyncio.gather(*(count(one) for one in references))
    assert (await balance(till.shop, who), len(await events(till.shop, who))) == (20, 4)


@pytest.mark.parametrize("points", [0, True, "5", 1.5, None, 1_000_001, -1])
async def test_what_are_no_points_changes_nothing(till: Till, points) -> None:
    who = await till.customer()
    answer = await till.count(who, points, "1001")
    assert answer.status_code in {400, 422}, answer.text
    assert (await balance(till.shop, who), await events(till.shop, who)) == (None, [])


async def test_an_event_that_cannot_be_counts_nothing(till: Till) -> None:
    who = await till.customer()
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"at": "soon"}, 422),
        ({"channel": "\n"}, 422),
        ({"content": {"points": 9}}, 400),
        ({"kind": "call"}, 403),
        ({"kind": "nothing"}, 400),
        ({"reference": "x" * 65}, 422),
        ({"purpose": "support"}, 403),
    ]
    for more, status in wrong:
        reference = more.pop("reference", "1001")
        answer = await till.count(who, 5, reference, **more)
        assert answer.status_code == status, (more, answer.text)
    assert (await balance(till.shop, who), await events(till.shop, who)) == (None, [])


async def test_without_a_yes_nothing_is_counted(till: Till) -> None:
    who = await till.customer()
    await till.count(who, 5, "1001")
    await consent.withdraw(till.shop.deps, who, rewards.PURPOSE, fields=["loyalty.points"])
    answer = await till.count(who, 5, "1002")
    assert (answer.status_code, kind(answer)) == (404, "not-available")
    assert len(await events(till.shop, who)) == 1
