"""Client assertions: one answer for every failure, and nothing that a header can choose."""

import json
import uuid

import pytest

from tests.api.oauth.party import Key, Party, b64, jwt
from tests.vaults import ISSUER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def ready(world):
    """The world, where the app knows a nonce already."""
    await world.party.token(world.client)
    return world


async def refused(world, **change) -> None:
    answer = await world.party.ask(world.client, **change)
    assert answer.status_code == 401, answer.text
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "The app could not be authenticated.",
    }
    assert "www-authenticate" not in answer.headers
    world.clock.turn(seconds=4)  # below the rate of failures


def claims(party: Party, **change):
    now = party.clock.seconds
    return {
        "iss": party.client_id,
        "sub": party.client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    } | change


@pytest.mark.parametrize("alg", ["ES256", "PS256", "Ed25519"])
async def test_each_registered_algorithm_passes(ready, alg):
    party = await ready.register(Party(ready.clock, "loyalty", alg), own=LOYALTY)
    await party.token(ready.client, authorization_details=json.dumps(LOYALTY_DETAILS))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": ISSUER + "/"},
        {"aud": "https://other.example"},
        {"aud": ...},
        {"iss": "loyalty"},
        {"iss": ...},
        {"sub": "loyalty"},
        {"sub": ...},
        {"sub": ["delivery"]},
        {"jti": ...},
        {"jti": ""},
        {"jti": 1},
        {"jti": "a" * 129},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": True},
    ],
    ids=str,
)
async def test_a_wrong_claim_is_refused(ready, change):
    await refused(ready, client_assertion=ready.party.assertion(**change))


@pytest.mark.parametrize(
    ("claim", "seconds", "passes"),
    [
        ("exp", 0, False),
        ("exp", 1, True),
        ("exp", 300, True),
        ("exp", 301, False),
        ("exp", 10**18, False),
        ("iat", 30, True),
        ("iat", 31, False),
        ("iat", -10_000, True),
        ("nbf", 30, True),
        ("nbf", 31, False),
    ],
)
async def test_times_pass_up_to_their_limits(ready, claim, seconds, passes):
    sent = ready.party.assertion(**{claim: ready.clock.seconds + seconds})
    if not passes:
        await refused(ready, client_assertion=sent)
        return
    assert (await ready.party.ask(ready.client, client_assertion=sent)).status_code == 200


async def test_floating_times_are_refused(ready):
    for claim in ("iat", "nbf", "exp"):
        sent = ready.party.assertion(**{claim: ready.clock.seconds + 0.5})
        await refused(ready, client_assertion=sent)


async def test_no_header_chooses_how_an_assertion_is_checked(ready):
    party, other = ready.party, Key()
    said = claims(party)
    public = json.dumps(party.key.jwk).encode()
    forged = [
        jwt(None, said, {"alg": "none"}),
        jwt(None, said, {"alg": "None"}),
        jwt(None, said, {"alg": ""}),
        jwt(None, said, {}),
        _hmac(public, said),  # the public key as an HMAC secret
        jwt(other, said, {"alg": "ES256"}),
        jwt(other, said, {"alg": "ES256", "jwk": other.jwk}),
        jwt(other, said, {"alg": "ES256", "jku": "http://127.0.0.1:1/keys"}),
        jwt(other, said, {"alg": "ES256", "x5u": "http://127.0.0.1:1/keys"}),
        jwt(other, said, {"alg": "ES256", "x5c": ["AAAA"]}),
        jwt(other, said, {"alg": "ES256", "kid": "../../dev/null"}),
        jwt(Key("Ed25519"), said, {"alg": "Ed25519", "kid": "first"}),
        jwt(Key("RS"), said, {"alg": "RS256", "kid": "first"}),
        jwt(party.key, said, {"alg": "RS256", "kid": "first"}),
        jwt(party.key, said, {"alg": ["ES256"], "kid": "first"}),
    ]
    honest_key = [
        {"kid": "second"},
        {"kid": 1},
        {"jwk": party.key.jwk},
        {"jku": f"{ISSUER}/oauth/jwks"},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"typ": "at+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": 1},
        {"alg": "ES384"},
        {"alg": "EdDSA"},
    ]
    forged += [party.assertion(header=header) for header in honest_key]
    for sent in forged:
        await refused(ready, client_assertion=sent)


@pytest.mark.parametrize(
    "header", [{}, {"typ": "JWT"}, {"typ": "client-authentication+jwt"}, {"x": 1}], ids=str
)
async def test_ordinary_headers_pass(ready, header):
    sent = ready.party.assertion(header=header)
    assert (await ready.party.ask(ready.client, client_assertion=sent)).status_code == 200


async def test_without_kid_the_key_is_found_among_the_registered_two(ready):
    second = Key()
    keys = [
        {**ready.party.key.jwk, "kid": "first"},
        {**second.jwk, "kid": "second"},
    ]
    party = Party(ready.clock, "loyalty")
    await ready.register(party, own=LOYALTY, jwks={"keys": keys})
    party.nonces = ready.party.nonces
    sent = jwt(second, claims(party), {"alg": "ES256"})
    details = json.dumps(LOYALTY_DETAILS)
    answer = await party.ask(ready.client, client_assertion=sent, authorization_details=details)
    assert answer.status_code == 200
    sent = party.assertion(key=second, header={"kid": "first"})
    answer = await party.ask(ready.client, client_assertion=sent, authorization_details=details)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "e30.e30.",
        "e30.e30.AA",
        f"{b64(b'[]')}.{b64(b'{}')}.AAAA",
        f"{b64(b'{}')}.{b64(b'[]')}.AAAA",
        "=.=.=",
        "é.é.é",
        "A" * 4097,
    ],
    ids=range(12),
)
async def test_what_is_no_assertion_is_refused(ready, sent):
    await refused(ready, client_assertion=sent)


async def test_a_byte_of_the_signature_changed_is_refused(ready):
    head, body, signature = ready.party.assertion().split(".")
    swapped = ("A" if signature[0] != "A" else "B") + signature[1:]
    await refused(ready, client_assertion=f"{head}.{body}.{swapped}")
    await refused(ready, client_assertion=f"{head}.{body}.{signature[:-4]}")


async def test_a_doubled_claim_is_refused(ready):
    body = json.dumps(claims(ready.party))[:-1] + ',"aud":"https://other.example"}'
    head = b64(json.dumps({"alg": "ES256", "kid": "first"}).encode())
    signed = f"{head}.{b64(body.encode())}"
    await refused(ready, client_assertion=f"{signed}.{b64(ready.party.key.sign(signed.encode()))}")


async def test_an_unknown_app_gets_the_same_answer(ready):
    stranger = Party(ready.clock, "nobody")
    stranger.nonces = ready.party.nonces
    answer = await stranger.ask(ready.client)
    assert answer.status_code == 401
    assert answer.json()["error_description"] == "The app could not be authenticated."


async def test_a_client_id_beside_the_assertion_must_agree(ready):
    assert (await ready.party.ask(ready.client, client_id="delivery")).status_code == 200
    await refused(ready, client_id="loyalty")


@pytest.mark.parametrize(
    "change",
    [
        {"client_assertion": ...},
        {"client_assertion_type": ...},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ],
    ids=str,
)
async def test_no_assertion_is_no_authentication(ready, change):
    form = {**ready.party.form(), **change}
    form = {name: value for name, value in form.items() if value is not ...}
    answer = await ready.client.post(
        "/oauth/token", data=form, headers={"dpop": ready.party.proof()}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_second_way_of_authentication_is_refused(ready):
    answer = await ready.party.ask(ready.client, client_secret="s")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = await ready.client.post(
        "/oauth/token",
        data=ready.party.form(),
        headers={"dpop": ready.party.proof(), "authorization": "Basic ZGVsaXZlcnk6cw=="},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_assertion_passes_once(ready):
    sent = ready.party.assertion()
    assert (await ready.party.ask(ready.client, client_assertion=sent)).status_code == 200
    await refused(ready, client_assertion=sent)


async def test_an_assertion_answered_with_a_nonce_is_not_used_up(ready):
    sent = ready.party.assertion()
    answer = await ready.party.ask(
        ready.client, client_assertion=sent, proof=ready.party.proof(nonce=...)
    )
    assert answer.json()["error"] == "use_dpop_nonce"
    assert (await ready.party.ask(ready.client, client_assertion=sent)).status_code == 200


async def test_an_assertion_is_used_up_by_a_refused_request(ready):
    sent = ready.party.assertion()
    answer = await ready.party.ask(ready.client, client_assertion=sent, scope="events.read")
    assert answer.json()["error"] == "invalid_scope"
    await refused(ready, client_assertion=sent)


async def test_failures_from_one_address_are_limited_and_honest_requests_are_not(ready):
    bad = {"client_assertion": "a.b.c"}
    statuses = [(await ready.party.ask(ready.client, **bad)).status_code for _ in range(22)]
    assert statuses == [401] * 20 + [429] * 2
    answer = await ready.party.ask(ready.client, **bad)
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await ready.party.ask(ready.client)).status_code == 200


def _hmac(secret: bytes, said: dict) -> str:
    import hashlib
    import hmac

    head = b64(json.dumps({"alg": "HS256", "kid": "first"}).encode())
    signed = f"{head}.{b64(json.dumps(said).encode())}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


LOYALTY = {
    "approved": [{"purpose": "loyalty.rewards", "actions": ["read"], "datatypes": ["loyalty.card"]}]
}
LOYALTY_DETAILS = [{"type": "profile_access", **LOYALTY["approved"][0]}]
