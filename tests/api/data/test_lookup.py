"""One call at the till: whose card it is, and what its customer lets the till see."""

import asyncio
from typing import Any

import pytest

from tests import rewards
from tests.api.data.conftest import Shop
from tests.api.data.test_others import kind
from tests.api.data.till import APP, CARD, LOOKUP, Till, till
from tests.services.logbook import until
from tests.vaults import ISSUER
from vault.services import app as apps
from vault.services import consent, erase, restriction, who_looked
from vault.services.codes import Codes
from vault.store import lookup as lookup_store

__all__ = ["till"]

GROUP = ["preferences.*", "contact.full_name"]


def values(answer: Any) -> dict[str, object]:
    """What an answer opened."""
    assert answer.status_code == 200, answer.text
    return {name: one["value"] for name, one in answer.json()["fields"].items()}


async def test_a_card_gives_what_the_profile_gives(till: Till) -> None:
    who = await till.customer(preferences__coffee="flat_white", preferences__store="harbour")
    found = await till.look(fields=GROUP)
    assert values(found) == {
        "contact.full_name": "Ana d'Água-Łoś",
        "preferences.coffee": "flat_white",
        "preferences.store": "harbour",
    }
    body = found.json()
    assert body["customer"] == await till.id(who)
    path = f"/api/v1/customers/{body['customer']}/profile?purpose={rewards.PURPOSE}"
    read = await till.shop.call(APP, "GET", f"{path}&fields=preferences.*,contact.full_name")
    whole = await till.shop.call(APP, "GET", path)
    for known, other in ((found, read), (await till.look(), whole)):
        told, same = known.json(), other.json()
        assert told.pop("receipt").startswith("ownship-receipt@v1\n")
        assert same.pop("receipt")
        assert told == same
        assert list(told) == list(same)


@pytest.mark.parametrize("text", ["7992 7398 713", " 7992-7398-713 ", "7992.7398.713"])
async def test_a_card_is_the_same_however_it_is_written(till: Till, text: str) -> None:
    await till.customer()
    assert values(await till.look(text, fields=["contact.full_name"]))


async def test_whoever_is_not_there_looks_like_whoever_allows_nothing(till: Till) -> None:
    gone = await till.customer()
    await till.shop.add(
        contact__email="b@example.org", contact__phone=None, loyalty__card="5500005555555559"
    )
    await erase.erase(till.shop.deps, gone)
    answers = [
        await till.look(text)
        for text in (
            CARD,  # erased
            "5500005555555559",  # did not allow it
            "4111111111111111",  # nobody's
            "79927398714",  # a wrong check digit
            "\ud83d\ude00",
            "x" * 300,
            "\0",
        )
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    nobody = "/api/v1/customers/" + "a" * 26 + f"/profile?purpose={rewards.PURPOSE}"
    assert answers[0].content == (await till.shop.call(APP, "GET", nobody)).content


async def test_what_cannot_be_asked_is_refused_in_order(till: Till) -> None:
    await till.customer()
    name = {"field": "contact.full_name"}
    asked: list[tuple[dict[str, Any], int, str]] = [
        ({"value": CARD, "field": "contact.full_name"}, 400, "bad-request"),
        ({"value": CARD, "field": "no.such"}, 400, "unknown-field"),
        ({"value": CARD, "fields": ["no.such"]}, 400, "unknown-field"),
        ({"value": CARD, "fields": []}, 400, "bad-request"),
        ({"value": CARD, "fields": ["contact.email"]}, 403, "outside-token"),
        ({"value": CARD, "fields": ["account.*"]}, 403, "outside-token"),
        ({"value": CARD, "fields": ["interaction.*"]}, 403, "outside-token"),
        ({"value": CARD, "fields": ["nothing.*"]}, 403, "outside-token"),
        ({"value": "ana@example.org", "field": "contact.email"}, 403, "outside-token"),
        ({"value": 79927398713}, 422, "wrong-value"),
        ({"value": None}, 422, "wrong-value"),
        ({"value": [CARD], "fields": ["contact.email"]}, 403, "outside-token"),
    ]
    for body, status, code in asked:
        value = body.pop("value")
        answer = await till.look(value, **body)
        assert (answer.status_code, kind(answer)) == (status, code), body
    for wrong in ({}, {"identifier": name, "purpose": "x"}, {"purpose": rewards.PURPOSE}):
        answer = await till.shop.call(APP, "POST", LOOKUP, wrong)
        assert (answer.status_code, kind(answer)) == (400, "bad-request")
    answer = await till.shop.client.post(LOOKUP, content=b"{")
    assert answer.status_code == 401  # before the body


async def test_to_find_somebody_is_a_power_of_its_own(till: Till) -> None:
    await till.customer()
    party = till.shop.parties[APP]
    import json

    details = [{"type": "profile_access", **one} for one in rewards.APPROVED]
    till.shop.tokens[APP] = await party.token(
        till.shop.client, scope="profile.read", authorization_details=json.dumps(details)
    )
    answer = await till.look()
    assert (answer.status_code, kind(answer)) == (403, "outside-token")


async def test_who_does_not_let_the_card_be_used_is_not_found_by_it(till: Till) -> None:
    who = await till.customer(preferences__coffee="espresso")
    assert values(await till.look(fields=["preferences.coffee"]))
    await restriction.restrict_field(till.shop.deps, who, "loyalty.card", request="r")
    answer = await till.look(fields=["preferences.coffee"])
    assert (answer.status_code, kind(answer)) == (404, "not-available")
    await restriction.lift_field(till.shop.deps, who, "loyalty.card", request="r")
    await consent.withdraw(till.shop.deps, who, rewards.PURPOSE, fields=["loyalty.card"])
    assert (await till.look(fields=["preferences.coffee"])).status_code == 404


async def test_where_the_card_alone_may_be_read_the_answer_is_that_of_the_profile(
    till: Till,
) -> None:
    who = await till.customer()
    await restriction.restrict_field(till.shop.deps, who, "contact.full_name", request="r")
    path = f"/api/v1/customers/{await till.id(who)}/profile?purpose={rewards.PURPOSE}"
    read = await till.shop.call(APP, "GET", f"{path}&fields=contact.full_name")
    found = await till.look(fields=["contact.full_name"])
    assert (found.status_code, found.content) == (read.status_code, read.content)
    assert found.status_code == 404
    assert values(await till.look(fields=["loyalty.card"])) == {"loyalty.card": CARD}


async def test_a_proof_is_good_for_one_look(till: Till) -> None:
    await till.customer()
    await till.look()
    party, token = till.shop.parties[APP], await till.shop.token(APP)
    headers = {
        "authorization": f"DPoP {token}",
        "dpop": party.proof("POST", ISSUER + LOOKUP, token=token),
        "content-type": "application/json",
    }
    body = (
        b'{"purpose": "loyalty.rewards", "identifier": {"field": "loyalty.card", "value": "%s"}}'
        % CARD.encode()
    )
    asked = [till.shop.client.post(LOOKUP, content=body, headers=headers) for _ in range(6)]
    assert sorted(one.status_code for one in await asyncio.gather(*asked)) == [200] + [401] * 5


async def test_every_look_is_recorded_for_whom_it_was_about(till: Till) -> None:
    who = await till.customer()
    await till.look(fields=["contact.full_name"])
    await consent.withdraw(till.shop.deps, who, rewards.PURPOSE)
    await till.look(fields=["contact.full_name"])
    deps = till.shop.deps

    async def both() -> bool:
        from vault.services.integrator import Integrator

        integrator = Integrator(deps.database, log_id=deps.log_id)
        while await integrator.integrate():
            pass
        await integrator.close()
        lines = [one for one in await who_looked.latest(deps, who, limit=50) if one.app == APP]
        names = ("contact.full_name", "loyalty.card")
        return [{name for name in names if name in str(one)} for one in lines] == [
            set(names),
            set(names),
        ]

    await until(both)


async def test_tills_at_once_share_the_statements(till: Till, monkeypatch: Any) -> None:
    cards = ["4111111111111111", CARD]
    await till.customer()
    await till.look()
    calls: list[int] = []
    for name in ("find_many", "find_at_once"):
        plain = getattr(lookup_store, name)

        async def counted(conn: Any, keys: Any, plain: Any = plain) -> Any:
            if keys:
                calls.append(len(keys))
            return await plain(conn, keys)

        monkeypatch.setattr(lookup_store, name, counted)
    answers = await asyncio.gather(*(till.look(cards[n % 2]) for n in range(16)))
    assert sorted(one.status_code for one in answers) == [200] * 8 + [404] * 8
    assert sum(calls) == 16
    assert len(calls) < 16


async def test_a_code_that_came_meanwhile_is_not_guessed_by(till: Till, monkeypatch: Any) -> None:
    await till.customer()
    assert (await till.look()).status_code == 200
    from tests.vaults import RULEBOOK

    monkeypatch.setattr(Codes, "last", lambda _: RULEBOOK)  # an older one
    assert (await till.look()).status_code == 200
    monkeypatch.setattr(Codes, "last", lambda _: None)  # a process that just began
    assert (await till.look()).status_code == 200
    assert (await till.look("4111111111111111")).status_code == 404


async def test_a_lookup_that_was_edited_finds_nobody(till: Till) -> None:
    from sqlalchemy import update

    from vault.store import commit

    await till.customer()
    other = await till.customer(
        contact__email="b@example.org", contact__phone=None, loyalty__card="5500005555555559"
    )
    table = lookup_store.lookup
    await commit.request(
        till.shop.deps.database,
        lambda conn: conn.execute(update(table).values(customer_id=other)),
    )
    assert (await till.look()).status_code == 404


async def test_a_frozen_app_finds_nobody(till: Till) -> None:
    await till.customer()
    await apps.freeze(till.shop.deps, APP)
    assert (await till.look()).status_code == 401


async def test_a_group_is_what_the_token_covers(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    group = await shop.call("delivery", "GET", f"{path}&fields=contact.*,contact.phone")
    whole = await shop.call("delivery", "GET", path)
    assert group.json()["fields"] == whole.json()["fields"]
    answer = await shop.call("delivery", "GET", f"{path}&fields=loyalty.*")
    assert (answer.status_code, kind(answer)) == (403, "outside-token")
    body = {"purpose": "delivery", "customers": [who], "fields": ["contact.*"]}
    batch = await shop.call("delivery", "POST", "/api/v1/profiles:batch", body)
    assert batch.status_code == 400
