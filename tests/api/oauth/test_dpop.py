"""DPoP at the token endpoint and at the API: one proof, one key, one request, one minute."""

import json

import pytest

from tests.api.oauth.party import TOKEN_URL, Key, b64, jwt
from tests.vaults import ISSUER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

API_URL = f"{ISSUER}/api/v1/whoami"
MALFORMED = [
    "",
    "a",
    "a.b.c",
    "..",
    "A" * 2049,
    f"{b64(b'{}')}.{b64(b'{}')}.AAAA",
    f"{b64(b'[]')}.{b64(b'[]')}.AAAA",
    "\u00e9.\u00e9.\u00e9",
]
HEADERS = [
    {"typ": "JWT"},
    {"typ": "DPOP+JWT"},
    {"typ": None},
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "RS256"},
    {"alg": "PS256"},
    {"alg": "EdDSA"},
    {"alg": "Ed25519"},
    {"alg": ["ES256"]},
    {"jwk": None},
    {"jwk": "key"},
    {"jwk": {}},
    {"jwk": {"kty": "oct", "k": "AAAA"}},
    {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    {"crit": ["exp"]},
    {"b64": False},
    {"zip": "DEF"},
    {"jku": "http://127.0.0.1:1/keys"},
    {"x5u": "http://127.0.0.1:1/keys"},
    {"x5c": ["AAAA"]},
    {"padding": "a" * 400},
]
CLAIMS = [
    {"htm": "GET"},
    {"htm": "post"},
    {"htm": ...},
    {"htu": ...},
    {"htu": "http://localhost:8000/oauth/introspect"},
    {"htu": "http://localhost:8001/oauth/token"},
    {"htu": "https://localhost:8000/oauth/token"},
    {"htu": "http://localhost:8000@evil.example/oauth/token"},
    {"htu": "/oauth/token"},
    {"htu": 1},
    {"iat": ...},
    {"iat": "now"},
    {"iat": True},
    {"iat": 1.5},
    {"jti": ...},
    {"jti": ""},
    {"jti": "a" * 129},
    {"jti": ["a"]},
]


@pytest.fixture
async def ready(world):
    """The world, where the app knows both nonces and has a token."""
    world.token = await world.party.token(world.client)
    assert (await world.party.get(world.client, world.token)).status_code == 200
    return world


async def refused_as(world, proof: str, error: str = "invalid_dpop_proof") -> None:
    world.clock.turn(seconds=0.2)
    headers = {"dpop": proof.encode("utf-8")}
    form = world.party.form()
    answer = await world.client.post("/oauth/token", data=form, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.headers["dpop-nonce"]
    # What was refused before its claim did not use up the assertion.
    headers = {"dpop": world.party.proof()}
    again = await world.client.post("/oauth/token", data=form, headers=headers)
    assert again.status_code == 200


async def refused_rs(
    world, proof: str, code: str = "invalid-dpop-proof", *, path: str = "/api/v1/whoami"
) -> None:
    headers = {"authorization": f"DPoP {world.token}", "dpop": proof.encode("utf-8")}
    answer = await world.client.get(path, headers=headers)
    assert answer.status_code == 401, answer.text
    assert answer.json()["type"] == f"{ISSUER}/problems/{code}"
    error = code.replace("-", "_")
    where = f"{ISSUER}/.well-known/oauth-protected-resource/api/v1"
    assert answer.headers["www-authenticate"] == (
        f'DPoP error="{error}", algs="ES256 Ed25519", resource_metadata="{where}"'
    )
    assert answer.headers["dpop-nonce"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("proof", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_is_no_proof_is_refused(ready, proof):
    await refused_as(ready, proof)
    await refused_rs(ready, proof)


@pytest.mark.parametrize("header", HEADERS, ids=str)
async def test_no_header_chooses_how_a_proof_is_checked(ready, header):
    header = {**header}
    party = ready.party
    await refused_as(ready, party.proof(header=header))
    await refused_rs(ready, party.proof("GET", API_URL, token=ready.token, header=header))


@pytest.mark.parametrize("member", ["d", "p", "q", "k"])
async def test_a_private_key_in_a_proof_is_refused(ready, member):
    jwk = {**ready.party.proof_key.jwk, member: "AAAA"}
    await refused_as(ready, ready.party.proof(header={"jwk": jwk}))
    proof = ready.party.proof("GET", API_URL, token=ready.token, header={"jwk": jwk})
    await refused_rs(ready, proof)


async def test_a_proof_signed_by_another_key_than_it_brings_is_refused(ready):
    header = {"jwk": ready.party.proof_key.jwk}
    await refused_as(ready, ready.party.proof(key=Key(), header=header))
    proof = ready.party.proof("GET", API_URL, token=ready.token, key=Key(), header=header)
    await refused_rs(ready, proof)


async def test_a_point_that_is_not_on_the_curve_is_refused(ready):
    jwk = {**ready.party.proof_key.jwk, "y": b64(bytes(32))}
    await refused_as(ready, ready.party.proof(header={"jwk": jwk}))


async def test_a_proof_without_signature_is_refused(ready):
    head, body, signature = ready.party.proof().split(".")
    for ending in ("", signature[:-4], b64(bytes(64)), b64(b"\xff" * 64), b64(bytes(72))):
        await refused_as(ready, f"{head}.{body}.{ending}")


@pytest.mark.parametrize("change", CLAIMS, ids=str)
async def test_a_claim_of_another_request_is_refused(ready, change):
    await refused_as(ready, ready.party.proof(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"htm": "POST"},
        {"htu": TOKEN_URL},
        {"htu": f"{ISSUER}/api/v1/customers/abc/profile"},
        {"ath": ...},
        {"ath": b64(bytes(32))},
        {"ath": 1},
    ],
    ids=str,
)
async def test_a_proof_of_another_call_or_token_is_refused(ready, change):
    proof = ready.party.proof("GET", API_URL, token=ready.token, **change)
    await refused_rs(ready, proof)


@pytest.mark.parametrize(
    ("seconds", "passes"), [(-61, False), (-60, True), (30, True), (31, False)]
)
async def test_a_proof_passes_for_a_minute(ready, seconds, passes):
    at = ready.clock.seconds + seconds
    proof = ready.party.proof("GET", API_URL, token=ready.token, iat=at)
    if passes:
        answer = await ready.party.call(ready.client, ready.token, proof=proof)
        assert answer.status_code == 200
        return
    await refused_rs(ready, proof)
    await refused_as(ready, ready.party.proof(iat=at))


@pytest.mark.parametrize("nonce", [..., "", "a", "A" * 27, 1], ids=str)
async def test_a_missing_or_strange_nonce_is_answered_with_a_good_one(ready, nonce):
    ending = "use_dpop_nonce" if nonce is ... or nonce in {"a", "A" * 27} else "invalid_dpop_proof"
    await refused_as(ready, ready.party.proof(nonce=nonce), ending)
    proof = ready.party.proof("GET", API_URL, token=ready.token, nonce=nonce)
    await refused_rs(ready, proof, ending.replace("_", "-"))


async def test_a_nonce_of_the_token_endpoint_is_none_of_the_api(ready):
    crossed = ready.party.proof("GET", API_URL, token=ready.token, nonce=ready.party.nonces["as"])
    await refused_rs(ready, crossed, "use-dpop-nonce")
    await refused_as(ready, ready.party.proof(nonce=ready.party.nonces["rs"]), "use_dpop_nonce")


async def test_a_nonce_passes_in_the_next_slot_and_is_renewed_there(ready):
    party, old = ready.party, dict(ready.party.nonces)
    ready.clock.turn(seconds=60)
    answer = await party.ask(ready.client)
    assert answer.status_code == 200
    assert answer.headers["dpop-nonce"] != old["as"]
    answer = await party.call(ready.client, ready.token)
    assert answer.status_code == 200
    assert answer.headers["dpop-nonce"] != old["rs"]
    party.keep("rs", answer)
    answer = await party.call(ready.client, ready.token)
    assert answer.status_code == 200
    assert "dpop-nonce" not in answer.headers
    ready.clock.turn(seconds=60)
    party.nonces = old
    await refused_rs(ready, party.proof("GET", API_URL, token=ready.token), "use-dpop-nonce")
    answer = await party.ask(ready.client)
    assert answer.json()["error"] == "use_dpop_nonce"


async def test_a_token_is_worth_nothing_with_another_key(ready):
    thief = Key()
    proof = ready.party.proof("GET", API_URL, token=ready.token, key=thief)
    await refused_rs(ready, proof)


async def test_an_ed25519_proof_key_binds_a_token_too(ready):
    ready.party.proof_key = Key("Ed25519")
    token = await ready.party.token(ready.client)
    assert (await ready.party.get(ready.client, token)).status_code == 200


async def test_a_proof_passes_once(ready):
    proof = ready.party.proof("GET", API_URL, token=ready.token)
    answer = await ready.party.call(ready.client, ready.token, proof=proof)
    assert answer.status_code == 200
    await refused_rs(ready, proof)
    proof = ready.party.proof()
    assert (await ready.party.ask(ready.client, proof=proof)).status_code == 200
    answer = await ready.party.ask(ready.client, proof=proof)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


async def test_two_keys_may_use_the_same_jti(ready):
    first = ready.party.proof(jti="same")
    ready.party.proof_key = Key()
    for proof in (first, ready.party.proof(jti="same")):
        assert (await ready.party.ask(ready.client, proof=proof)).status_code == 200


async def test_the_query_is_no_part_of_the_uri_and_escapes_have_one_meaning(ready):
    plain = f"{ISSUER}/api/v1/customers/abc/profile"
    for path in ("/api/v1/customers/abc/profile?purpose=x", "/api/v1/customers/%61bc/profile"):
        proof = ready.party.proof("GET", plain, token=ready.token)
        answer = await ready.party.call(ready.client, ready.token, path=path, proof=proof)
        assert answer.status_code == 200
    proof = ready.party.proof("GET", plain, token=ready.token)
    path = "/api/v1/customers/abd/profile"
    await refused_rs(ready, proof, path=path)


async def test_a_missing_or_doubled_proof_is_refused(ready):
    form = ready.party.form()
    answer = await ready.client.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    headers = [("dpop", ready.party.proof()), ("dpop", ready.party.proof())]
    answer = await ready.client.post("/oauth/token", data=form, headers=headers)
    assert answer.status_code == 400
    answer = await ready.client.get(
        "/api/v1/whoami", headers={"authorization": f"DPoP {ready.token}"}
    )
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("/invalid-dpop-proof")


async def test_a_doubled_claim_in_a_proof_is_refused(ready):
    said = {"htm": "POST", "htu": TOKEN_URL, "iat": ready.clock.seconds, "jti": "one"}
    said["nonce"] = ready.party.nonces["as"]
    body = b64((json.dumps(said)[:-1] + ',"htu":"http://evil.example/"}').encode())
    key = ready.party.proof_key
    head = jwt(None, {}, {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk}).split(".")[0]
    signed = f"{head}.{body}"
    await refused_as(ready, f"{signed}.{b64(key.sign(signed.encode()))}")
