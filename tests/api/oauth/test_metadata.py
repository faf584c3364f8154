"""What everybody may read: keys and metadata, naming only what answers."""

import pytest

from tests.vaults import ISSUER
from vault.api.oauth import metadata

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource/api/v1"


async def read(world, path: str) -> dict:
    answer = await world.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


async def test_the_key_set_holds_public_members_only(world):
    (key,) = (await read(world, "/oauth/jwks"))["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "alg", "kid", "use"}
    assert (key["alg"], key["use"]) == ("ES256", "sig")


async def test_the_key_set_verifies_a_token(world):
    import jwskate

    token = await world.party.token(world.client)
    keys = jwskate.JwkSet(await read(world, "/oauth/jwks"))
    parsed = jwskate.SignedJwt(token)
    assert parsed.verify_signature(keys.get_jwk_by_kid(parsed.kid), alg="ES256")
    assert parsed.headers["typ"] == "at+jwt"


async def test_the_servers_metadata_names_live_endpoints_only(world):
    said = await read(world, SERVER)
    assert said["issuer"] == ISSUER
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert said["response_types_supported"] == []
    assert said["authorization_details_types_supported"] == ["profile_access"]
    named = [value for name, value in said.items() if name.endswith(("_endpoint", "jwks_uri"))]
    assert len(named) == 4
    for url in named:
        assert (await world.client.post(url, data={"a": "1"})).status_code != 404
    assert not any("EdDSA" in str(value) or "RS256" in str(value) for value in said.values())


async def test_the_apis_metadata_says_that_tokens_are_bound(world):
    said = await read(world, RESOURCE)
    assert said == metadata.resource(ISSUER)
    assert said["resource"] == f"{ISSUER}/api/v1"
    assert said["authorization_servers"] == [ISSUER]
    assert said["dpop_bound_access_tokens_required"] is True
    assert said["dpop_signing_alg_values_supported"] == ["ES256", "Ed25519"]


async def test_openid_is_not_offered(world):
    answer = await world.client.get("/.well-known/openid-configuration")
    assert answer.status_code == 404
