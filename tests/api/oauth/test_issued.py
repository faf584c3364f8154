"""Revocation and introspection: they end a token or tell of it, and give nothing else away."""

import json
from typing import Any

import pytest

from tests.api.oauth.party import DETAILS, Party, claims_of
from tests.vaults import ISSUER
from vault.services import app as apps

OTHER = {"approved": [{"purpose": "support", "actions": ["read"], "datatypes": ["contact.email"]}]}


async def post(world, path: str, token: str, party: Party | None = None, **change: Any) -> Any:
    sender = party or world.party
    form = {
        "token": token,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": sender.assertion(),
        **change,
    }
    form = {name: value for name, value in form.items() if value is not ...}
    return await world.client.post(path, data=form)


async def told(world, token: str, party: Party | None = None) -> dict[str, Any]:
    answer = await post(world, "/oauth/introspect", token, party)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_an_app_ends_its_token_everywhere(world):
    token = await world.party.token(world.client)
    other = await world.party.token(world.client)
    answer = await post(world, "/oauth/revoke", token, token_type_hint="refresh_token")
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await world.party.get(world.client, token)).status_code == 401
    assert (await world.party.get(world.client, other)).status_code == 200
    assert (await post(world, "/oauth/revoke", token)).status_code == 200  # twice is once


async def test_another_apps_token_is_not_ended_and_the_answer_is_the_same(world):
    token = await world.party.token(world.client)
    stranger = await world.register(Party(world.clock, "loyalty"), own=OTHER)
    answers = [
        await post(world, "/oauth/revoke", one, stranger)
        for one in (token, "a.b.c", "é", "A" * 5000, token + "A")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "{}")}
    assert (await world.party.get(world.client, token)).status_code == 200


async def test_introspection_tells_the_tokens_own_app_what_it_covers(world):
    token = await world.party.token(world.client)
    claims = claims_of(token)
    assert await told(world, token) == {
        "active": True,
        "iss": ISSUER,
        "aud": f"{ISSUER}/api/v1",
        "sub": "delivery",
        "client_id": "delivery",
        "scope": "profile.read",
        "iat": claims["iat"],
        "exp": claims["exp"],
        "jti": claims["jti"],
        "token_type": "DPoP",
        "cnf": {"jkt": world.party.proof_key.jkt},
        "authorization_details": DETAILS,
    }


async def test_introspection_tells_others_only_when_they_are_registered_for_it(world):
    token = await world.party.token(world.client)
    stranger = await world.register(Party(world.clock, "loyalty"), own=OTHER)
    gateway = await world.register(
        Party(world.clock, "newsletter"),
        own={
            "approved": [
                {"purpose": "marketing", "actions": ["read"], "datatypes": ["contact.email"]}
            ],
            "introspect": True,
        },
    )
    assert await told(world, token, stranger) == {"active": False}
    assert (await told(world, token, gateway))["client_id"] == "delivery"


async def test_a_token_that_no_longer_stands_is_not_active(world):
    token = await world.party.token(world.client)
    assert (await told(world, token))["active"]
    await post(world, "/oauth/revoke", token)
    assert await told(world, token) == {"active": False}
    old = await world.party.token(world.client)
    world.clock.turn(seconds=300)
    assert await told(world, old) == {"active": False}
    assert await told(world, "a.b.c") == {"active": False}


async def test_a_frozen_apps_token_is_not_active_to_others(world):
    token = await world.party.token(world.client)
    gateway = await world.register(Party(world.clock, "loyalty"), own={**OTHER, "introspect": True})
    await apps.freeze(world.deps, "delivery")
    assert await told(world, token, gateway) == {"active": False}
    answer = await post(world, "/oauth/introspect", token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_both_want_an_assertion_once_and_a_token(world, path):
    token = await world.party.token(world.client)
    answer = await post(world, path, token, client_assertion=...)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = await post(world, path, token, client_assertion=Party(world.clock).assertion())
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = await post(world, path, ...)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    sent = world.party.assertion()
    assert (await post(world, path, token, client_assertion=sent)).status_code == 200
    answer = await post(world, path, token, client_assertion=sent)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = await world.client.post(path, content=json.dumps({"token": token}))
    assert answer.status_code == 415
    assert (await world.client.get(path)).status_code == 405
