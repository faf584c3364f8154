"""Access tokens at the API: only ours, only in time, and only while the app may act."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.api.oauth.conftest import connect
from tests.api.oauth.party import Key, Party, b64, claims_of, jwt
from tests.vaults import ISSUER, FakeClock, vault
from vault.crypto import jws
from vault.crypto.signing import TokenKey
from vault.services import app as apps
from vault.store import app as app_store
from vault.store import commit
from vault.store.engine import open_database
from vault.store.metadata import columns_of

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def refused(world, token: str, code: str = "invalid-token") -> None:
    answer = await world.party.get(world.client, token)
    assert answer.status_code == 401, answer.text
    assert answer.json()["type"] == f"{ISSUER}/problems/{code}"
    assert 'DPoP error="invalid_token"' in answer.headers["www-authenticate"]


async def execute(world, statement) -> None:
    """Change the database behind the vault's back."""
    await commit.request(world.deps.database, lambda conn: conn.execute(statement))


def signed(world, claims: dict, **header) -> str:
    """A token under the vault's own key."""
    key = TokenKey(world.deps.keys.service("tokens").secret)
    head = {"typ": "at+jwt", "kid": key.jwk.jkt} | header
    head = {name: value for name, value in head.items() if value is not ...}
    return jws.sign(key, json.dumps(claims).encode(), header=head)


@ONE_DATABASE
async def test_no_header_makes_a_foreign_token_ours(world):
    token = await world.party.token(world.client)
    said, other = claims_of(token), Key()
    kid = TokenKey(world.deps.keys.service("tokens").secret).jwk.jkt
    head = {"typ": "at+jwt", "kid": kid}
    body = f"{b64(json.dumps(head | {'alg': 'none'}).encode())}.{token.split('.')[1]}."
    forged = [
        body,
        jwt(None, said, head | {"alg": "none"}),
        jwt(other, said, head | {"alg": "ES256"}),
        jwt(other, said, head | {"alg": "ES256", "kid": other.jkt}),
        jwt(other, said, {"typ": "at+jwt", "alg": "ES256"}),
        jwt(other, said, head | {"alg": "ES256", "jwk": other.jwk}),
        jwt(other, said, head | {"alg": "ES256", "jku": "http://127.0.0.1:1/keys"}),
        jwt(Key("Ed25519"), said, head | {"alg": "Ed25519"}),
        jwt(Key("RS"), said, head | {"alg": "RS256"}),
        jwt(world.party.key, said, head | {"alg": "ES256"}),
        signed(world, said, typ="JWT"),
        signed(world, said, typ=...),
        signed(world, said, typ="AT+JWT"),
        signed(world, said, kid=...),
        signed(world, said, kid="other"),
        signed(world, said, crit=["exp"]),
        signed(world, said, zip="DEF"),
        token[:-4],
        token + "AAAA",
        token.replace(".", "..", 1),
        "a.b.c",
        "A" * 5000,
    ]
    for one in forged:
        await refused(world, one)
    assert (await world.party.get(world.client, token)).status_code == 200
    assert (await world.party.get(world.client, signed(world, said))).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "http://localhost:8001"},
        {"iss": ...},
        {"aud": ISSUER},
        {"aud": [f"{ISSUER}/api/v1"]},
        {"aud": ...},
        {"exp": "later"},
        {"exp": True},
        {"exp": ...},
        {"iat": ...},
        {"iat": "now"},
        {"jti": ...},
        {"jti": 1},
        {"scope": "openid"},
        {"scope": ...},
        {"cnf": ...},
        {"cnf": {}},
        {"cnf": {"jkt": 1}},
        {"cnf": "key"},
        {"authorization_details": []},
        {"authorization_details": [{}]},
        {"authorization_details": "[]"},
        {"client_id": ...},
        {"client_id": 1},
        {"client_id": "nobody"},
    ],
    ids=str,
)
async def test_a_token_of_our_key_with_other_claims_is_refused(world, change):
    token = await world.party.token(world.client)
    said = {name: v for name, v in (claims_of(token) | change).items() if v is not ...}
    await refused(world, signed(world, said))


@ONE_DATABASE
async def test_a_token_lives_for_five_minutes(world):
    token = await world.party.token(world.client)
    world.clock.turn(seconds=299)
    assert (await world.party.get(world.client, token)).status_code == 200
    world.clock.turn(seconds=1)
    await refused(world, token)


@ONE_DATABASE
@pytest.mark.parametrize("header", [None, "Bearer {}", "DPoP", "DPoP ", "Basic YTpi", "{}"])
async def test_without_the_scheme_dpop_there_is_no_token(world, header):
    token = await world.party.token(world.client)
    headers = {"dpop": world.party.proof("GET", f"{ISSUER}/api/v1/whoami", token=token)}
    if header is not None:
        headers["authorization"] = header.format(token)
    answer = await world.client.get("/api/v1/whoami", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("/invalid-token")


@ONE_DATABASE
async def test_the_scheme_is_read_in_any_case(world):
    token = await world.party.token(world.client)
    await world.party.get(world.client, token)
    proof = world.party.proof("GET", f"{ISSUER}/api/v1/whoami", token=token)
    answer = await world.client.get(
        "/api/v1/whoami", headers={"authorization": f"dpop {token}", "dpop": proof}
    )
    assert answer.status_code == 200


@ONE_DATABASE
async def test_two_credentials_are_refused(world):
    token = await world.party.token(world.client)
    proof = world.party.proof("GET", f"{ISSUER}/api/v1/whoami", token=token)
    headers = [("authorization", f"DPoP {token}")] * 2 + [("dpop", proof)]
    answer = await world.client.get("/api/v1/whoami", headers=headers)
    assert answer.status_code == 400  # the guard's: a proxy might believe the other one


async def test_a_frozen_app_is_stopped_at_its_next_call_and_gets_no_token(world):
    token = await world.party.token(world.client)
    assert (await world.party.get(world.client, token)).status_code == 200
    await apps.freeze(world.deps, "delivery")
    await refused(world, token, "frozen")
    answer = await world.party.ask(world.client)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"] == "The app could not be authenticated."


async def test_a_thawed_app_gets_new_tokens_and_its_old_ones_stay_void(world):
    old = await world.party.token(world.client)
    await apps.freeze(world.deps, "delivery")
    await apps.thaw(world.deps, "delivery")
    await refused(world, old)
    new = await world.party.token(world.client)  # in the same second
    assert (await world.party.get(world.client, new)).status_code == 200


@ONE_DATABASE
async def test_past_its_review_an_app_has_no_token_and_no_access(world):
    world.clock.moment = world.clock.moment.replace(
        year=2027, month=11, day=1, hour=23, minute=59, second=0
    )
    token = await world.party.token(world.client)
    assert (await world.party.get(world.client, token)).status_code == 200
    world.clock.turn(seconds=60)
    await refused(world, token, "review-overdue")
    answer = await world.party.ask(world.client)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"].startswith("review-overdue: ")


async def test_a_revoked_token_is_refused(world):
    token = await world.party.token(world.client)
    assert (await world.party.get(world.client, token)).status_code == 200
    jti, until = claims_of(token)["jti"], world.clock.now() + timedelta(minutes=5)
    await commit.claim(world.deps.database, lambda conn: app_store.revoke(conn, jti, until=until))
    await refused(world, token)
    other = await world.party.token(world.client)
    assert (await world.party.get(world.client, other)).status_code == 200


async def test_a_changed_registration_ends_tokens_and_narrows_what_new_ones_may_be_used_for(world):
    token = await world.party.token(world.client)
    assert len((await world.party.get(world.client, token)).json()["registration"]) == 5
    narrow = [{"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.full_name"]}]
    await apps.add(world.deps, world.party.metadata(own={"approved": narrow}), replace=True)
    await refused(world, token)
    answer = await world.party.ask(world.client)
    assert answer.json()["error"] == "invalid_authorization_details"
    token = await world.party.token(
        world.client, authorization_details=json.dumps([{"type": "profile_access", **narrow[0]}])
    )
    answer = await world.party.get(world.client, token)
    assert answer.json()["registration"] == [["delivery", "read", "contact.full_name"]]


async def test_a_registration_edited_in_the_database_registers_nobody(world):
    token = await world.party.token(world.client)
    wide = world.party.metadata(
        own={
            "approved": [
                {
                    "purpose": "delivery",
                    "actions": ["read", "write"],
                    "datatypes": ["contact.full_name", "contact.postal_address"],
                }
            ]
        }
    )

    await apps.add(world.deps, world.party.metadata(client_name="Routes"), replace=True)
    await execute(world, update(app_store.app).values(document=wide.decode()))
    await refused(world, token)
    assert (await world.party.ask(world.client)).status_code == 401


async def test_an_app_that_was_thawed_by_hand_stays_out(world):
    token = await world.party.token(world.client)
    await apps.freeze(world.deps, "delivery")
    version = app_store.app_state.c.version + 1
    await execute(world, update(app_store.app_state).values(frozen=False, version=version))
    await refused(world, token)
    assert (await world.party.ask(world.client)).status_code == 401


async def test_an_app_whose_older_registration_was_put_back_stays_out(world):
    async with world.deps.database.connect() as conn:
        old = await app_store.load(conn, "delivery")
    assert old is not None
    narrow = [{"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.full_name"]}]
    await apps.add(world.deps, world.party.metadata(own={"approved": narrow}), replace=True)
    await execute(world, update(app_store.app).values(columns_of(app_store.app, old)))
    assert (await world.party.ask(world.client)).status_code == 401


async def test_a_name_that_a_database_would_choke_on_is_an_unknown_app(world):
    await world.party.token(world.client)
    for name in ("\x00", "delivery\x00", "\ud800", "a" * 2000, "é", " ", ""):
        sent = world.party.assertion(iss=name, sub=name)
        answer = await world.party.ask(world.client, client_assertion=sent)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    sent = world.party.assertion(jti="\x00")
    assert (await world.party.ask(world.client, client_assertion=sent)).status_code == 200
    answer = await world.party.ask(world.client, proof=world.party.proof(jti="\x00"))
    assert answer.status_code == 200
    # A lone surrogate is no character, so what holds one is no JSON here.
    sent = world.party.assertion(jti="\ud800")
    assert (await world.party.ask(world.client, client_assertion=sent)).status_code == 401
    answer = await world.party.ask(world.client, proof=world.party.proof(jti="\ud800"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.fixture
async def replicas(world, database_url, tmp_path):
    """Two processes' worth of the same vault, with a client each."""
    other = open_database(database_url)
    async with vault(other, tmp_path, clock=world.clock) as deps, connect(deps) as client:
        yield [world.client, client]
    await other.dispose()


@pytest.mark.proves("T09")
async def test_of_twenty_equal_proofs_on_two_replicas_at_most_one_passes(world, replicas):
    token = await world.party.token(world.client)
    await world.party.get(world.client, token)
    for _ in range(3):
        proof = world.party.proof("GET", f"{ISSUER}/api/v1/whoami", token=token)
        answers = await asyncio.gather(
            *(world.party.call(replicas[n % 2], token, proof=proof) for n in range(20))
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [401] * 19
        world.clock.turn(seconds=1)


async def test_of_twenty_equal_assertions_on_two_replicas_at_most_one_passes(world, replicas):
    await world.party.token(world.client)
    world.clock.turn(seconds=5)
    sent = world.party.assertion()
    answers = await asyncio.gather(
        *(world.party.ask(replicas[n % 2], client_assertion=sent) for n in range(20))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 429}


@pytest.mark.proves("T24")
@ONE_DATABASE
async def test_another_deployments_token_is_none_of_ours(world, sqlite_template, tmp_path):
    import shutil

    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    async with vault(other, tmp_path / "other", clock=FakeClock()) as deps, connect(deps) as client:
        stranger = Party(world.clock)
        await apps.add(deps, stranger.metadata())
        token = await stranger.token(client)
        assert (await stranger.get(client, token)).status_code == 200
        answer = await stranger.get(world.client, token)
        assert (answer.status_code, answer.json()["type"]) == (
            401,
            f"{ISSUER}/problems/invalid-token",
        )
    await other.dispose()


@ONE_DATABASE
async def test_without_nonces_no_proof_needs_one(database, tmp_path, clock):
    opened = vault(database, tmp_path, clock=clock, dpop_nonce=False)
    async with opened as deps, connect(deps) as client:
        party = Party(clock)
        await apps.add(deps, party.metadata())
        answer = await party.ask(client)
        assert answer.status_code == 200
        assert "dpop-nonce" not in answer.headers
        token = answer.json()["access_token"]
        assert (await party.call(client, token)).status_code == 200
        answer = await party.call(client, token, htm="POST")
        assert answer.status_code == 401
        assert "dpop-nonce" not in answer.headers
