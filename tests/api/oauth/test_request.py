"""Token requests: the form, the grant, the scope, and what may be asked for."""

import json
from typing import Any

import pytest

from tests.api.oauth.party import DETAILS, Party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LOYALTY = {"purpose": "loyalty.rewards", "actions": ["read"], "datatypes": ["loyalty.card"]}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def ready(world):
    """The world, where the app knows a nonce already."""
    await world.party.token(world.client)
    return world


async def refused(world, error: str, **change: Any) -> str:
    answer = await world.party.ask(world.client, **change)
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error_description"].isascii()
    return answer.json()["error_description"]


def details(*changes: dict[str, Any]) -> str:
    return json.dumps([DETAILS[0] | change for change in changes])


async def post(world, body: bytes | str, kind: str = FORM) -> Any:
    headers = {"dpop": world.party.proof(), "content-type": kind}
    return await world.client.post("/oauth/token", content=body, headers=headers)


def encoded(world, **change: Any) -> str:
    from urllib.parse import urlencode

    return urlencode(world.party.form(**change))


async def test_unknown_parameters_are_ignored_and_empty_ones_are_absent(ready):
    answer = await ready.party.ask(ready.client, audience="https://x", resource="", state="1")
    assert answer.status_code == 200
    assert await refused(ready, "invalid_request", grant_type="")


@pytest.mark.parametrize("name", ["scope", "grant_type", "client_assertion", "unknown"])
async def test_any_repeated_parameter_is_refused(ready, name):
    answer = await post(ready, encoded(ready, unknown="1") + f"&{name}=x")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "repeated" in answer.json()["error_description"]


async def test_the_query_is_never_read(ready):
    form = ready.party.form()
    assertion = form.pop("client_assertion")
    answer = await ready.client.post(
        "/oauth/token",
        params={"client_assertion": assertion},
        data=form,
        headers={"dpop": ready.party.proof()},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = await ready.client.post(
        "/oauth/token?scope=profile.write",
        data={**form, "client_assertion": assertion},
        headers={"dpop": ready.party.proof()},
    )
    assert answer.json()["scope"] == "profile.read"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        FORM + "; charset=latin-1",
    ],
)
async def test_another_content_type_is_a_problem(ready, kind):
    answer = await post(ready, encoded(ready), kind)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_charset_of_utf_8_may_be_named(ready):
    assert (await post(ready, encoded(ready), FORM + ";charset=UTF-8")).status_code == 200


async def test_a_body_up_to_64_kib_is_read(ready):
    body = encoded(ready) + "&x="
    fits = body + "a" * (65_536 - len(body))
    assert (await post(ready, fits)).status_code == 200
    answer = await post(ready, fits + "a")
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("/problems/too-large")


async def test_a_hundred_parameters_are_read(ready):
    body = encoded(ready)
    more = "".join(f"&x{n}=1" for n in range(100 - body.count("=")))
    assert (await post(ready, encoded(ready) + more)).status_code == 200
    answer = await post(ready, encoded(ready) + more + "&y=1&z=1")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", [b"", b"a", b"=", b"%ff=1", b"a=%ff", b"\xff=1", b"&&", b"a=1&b"])
async def test_a_broken_form_is_refused(ready, body):
    answer = await post(ready, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "grant",
    [
        "authorization_code",
        "refresh_token",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "CLIENT_CREDENTIALS",
        'a"b\\c',
        "é" * 100,
        "\x00",
    ],
)
async def test_a_grant_that_is_not_offered_is_unsupported(ready, grant):
    said = await refused(ready, "unsupported_grant_type", grant_type=grant)
    assert grant not in said


async def test_an_app_may_register_the_code_grant_and_not_use_it_yet(ready):
    party = await ready.register(
        Party(ready.clock, "loyalty"),
        own={"approved": [LOYALTY]},
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=["https://loyalty.shop.example/callback"],
        require_pushed_authorization_requests=True,
    )
    party.nonces = ready.party.nonces
    asked = {
        "grant_type": "authorization_code",
        "code": "abc",
        "redirect_uri": "https://loyalty.shop.example/callback",
        "code_verifier": "v" * 43,
        "authorization_details": ...,
        "scope": ...,
    }
    answer = await party.ask(ready.client, **asked)
    assert answer.json()["error"] == "unsupported_grant_type"
    answer = await party.ask(ready.client, authorization_details=...)
    assert answer.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "scope",
    [
        ...,
        "openid",
        "profile.read openid",
        "profile.read profile.read",
        "customers.resolve",  # known, offered, not registered
        "events.read",  # registered, not offered yet
        "profile.read\u00a0profile.write",
        'profile.read"',
        "é",
    ],
)
async def test_a_scope_beyond_the_registration_is_refused(ready, scope):
    await refused(ready, "invalid_scope", scope=scope)


async def test_a_scope_on_customers_data_wants_details(ready):
    for scope in ("profile.read", "consents.read"):
        said = await refused(ready, "invalid_request", scope=scope, authorization_details=...)
        assert said.startswith("authorization_details required")


async def test_the_answer_names_scope_and_details_as_granted(ready):
    item = {"actions": ["write", "read"], "datatypes": ["contact.postal_address"]}
    answer = await ready.party.ask(
        ready.client, scope="profile.write profile.read", authorization_details=details(item)
    )
    assert answer.json()["scope"] == "profile.read profile.write"
    assert answer.json()["authorization_details"] == [
        DETAILS[0] | {"actions": ["read", "write"], "datatypes": ["contact.postal_address"]}
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"purpose": "marketing"}, "code of ethics"),  # the code gives it to another app
        ({"purpose": "profiling"}, "code of ethics"),
        ({"datatypes": ["contact.birth_date"]}, "code of ethics"),
        ({"actions": ["append"]}, "code of ethics"),
        ({"datatypes": ["preferences.delivery_note"]}, "registration"),
        ({"purpose": "support", "datatypes": ["contact.full_name"]}, "registration"),
        ({"retention": "P31D"}, "registration"),
        ({"retention": "P1M"}, "registration"),
        ({"code_version": "2025-01"}, "not published"),
        ({"datatypes": ["contact.*"]}, "datatype"),
        ({"type": "account_information"}, "type"),
    ],
    ids=str,
)
async def test_details_beyond_code_or_registration_are_refused_by_their_index(ready, change, why):
    said = await refused(
        ready, "invalid_authorization_details", authorization_details=details({}, change)
    )
    assert said.startswith("Item 1 ")
    assert why in said


async def test_details_may_shorten_the_retention_and_name_a_published_code(ready):
    for change in ({"retention": "P30D"}, {"retention": "P2W"}, {"code_version": "2026-11"}):
        answer = await ready.party.ask(ready.client, authorization_details=details(change))
        assert answer.status_code == 200, answer.text
        assert answer.json()["authorization_details"] == [DETAILS[0] | change]


@pytest.mark.parametrize(
    "text",
    [
        "profile_access",
        "{}",
        "[]",
        "[[]]",
        details(*[{}] * 11),
        details({})[:-2] + ',"purpose":"delivery"}]',
        "[" * 100 + "]" * 100,
        details({}) + " " * 16_384,
    ],
    ids=range(8),
)
async def test_what_is_no_list_of_details_is_refused(ready, text):
    await refused(ready, "invalid_authorization_details", authorization_details=text)


async def test_a_token_that_no_header_would_hold_is_refused(ready):
    item = {
        "purpose": "loyalty.rewards",
        "actions": ["read"],
        "datatypes": [
            "contact.birth_date",
            "contact.email",
            "contact.full_name",
            "interaction.purchase",
            "loyalty.card",
            "loyalty.points",
            "preferences.coffee",
            "preferences.store",
        ],
    }
    party = await ready.register(Party(ready.clock, "loyalty"), own={"approved": [item]})
    party.nonces = ready.party.nonces
    item["code_version"] = "2026-11"
    fits = details(*({**item, "retention": f"P{n}D"} for n in range(1, 9)))
    assert len(await party.token(ready.client, authorization_details=fits)) > 3_500
    many = details(*({**item, "retention": f"P{n}D"} for n in range(1, 11)))
    answer = await party.ask(ready.client, authorization_details=many)
    assert answer.json()["error"] == "invalid_authorization_details"
    assert "4,096 bytes" in answer.json()["error_description"]


@pytest.mark.parametrize("resource", ["https://other.example", "http://localhost:8000", "é"])
async def test_another_resource_is_refused(ready, resource):
    await refused(ready, "invalid_target", resource=resource)


async def test_the_api_may_be_named_as_the_resource(ready):
    answer = await ready.party.ask(ready.client, resource="http://localhost:8000/api/v1")
    assert answer.status_code == 200


async def test_an_app_gets_ten_tokens_at_once_and_ten_a_second(ready):
    ready.clock.turn(seconds=10)
    statuses = [(await ready.party.ask(ready.client)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    ready.clock.turn(seconds=0.1)
    answer = await ready.party.ask(ready.client)
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_not_served(ready, method):
    answer = await ready.client.request(method, "/oauth/token")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/par", "/oauth/grants/1", "/oauth"])
async def test_what_is_not_offered_is_not_there(ready, path):
    answer = await ready.client.post(path, data={"a": "1"})
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/problems/not-found")
