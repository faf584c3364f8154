"""The token endpoint: what an honest app gets, and that a token stays what it is."""

from tests.api.oauth.party import DETAILS, claims_of
from tests.vaults import ISSUER


async def test_an_app_gets_a_token_bound_to_its_proof_key(world):
    answer = await world.party.ask(world.client)
    assert (answer.status_code, answer.json()["error"]) == (400, "use_dpop_nonce")
    world.party.keep("as", answer)
    answer = await world.party.ask(world.client)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["token_type"] == "DPoP"
    assert body["expires_in"] == 300
    assert body["scope"] == "profile.read"
    assert body["authorization_details"] == DETAILS
    claims = claims_of(body["access_token"])
    assert claims["iss"] == ISSUER
    assert claims["aud"] == f"{ISSUER}/api/v1"
    assert claims["client_id"] == claims["sub"] == "delivery"
    assert claims["cnf"] == {"jkt": world.party.proof_key.jkt}
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == world.clock.seconds


async def test_a_token_opens_the_api_and_says_what_it_covers(world):
    token = await world.party.token(world.client)
    answer = await world.party.get(world.client, token)
    assert answer.status_code == 200
    said = answer.json()
    assert said["app"] == said["sector"] == "delivery"
    assert said["ceiling"] == [
        ["delivery", "read", "contact.full_name"],
        ["delivery", "read", "contact.postal_address"],
    ]
    assert len(said["registration"]) == 5
    assert said["request"] == answer.headers["x-request-id"]
