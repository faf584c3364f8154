"""An independent client, requests_oauth2client, gets a token and calls the API over real HTTP."""

import asyncio
import contextlib
import json
import socket

import pytest
import requests
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from jwskate import Jwk
from requests_oauth2client import OAuth2Client, PrivateKeyJwt
from requests_oauth2client.exceptions import InvalidClient, InvalidScope

from tests.api.oauth.conftest import front
from tests.api.oauth.party import DETAILS, Party
from tests.vaults import RunningClock, vault
from vault.services import app as apps


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.asynccontextmanager
async def serving(deps, port: int):
    server = Server(
        front(deps),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    task = asyncio.create_task(server.serve())
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            await asyncio.sleep(0.05)
        yield
    finally:
        server.stop()
        await task


def talk(issuer: str, key: Jwk) -> dict:
    """What a developer writes; it runs in a thread, as `requests` blocks."""
    metadata = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()
    client = OAuth2Client.from_discovery_document(
        metadata,
        issuer=issuer,
        dpop_bound_access_tokens=True,
        dpop_alg="ES256",
        auth=PrivateKeyJwt("delivery", key, alg="ES256", aud=issuer),
        testing=True,
    )
    token = client.client_credentials(
        scope="profile.read", authorization_details=json.dumps(DETAILS)
    )
    url = f"{issuer}/api/v1/customers/abc/profile?purpose=delivery"
    answers = [requests.get(url, auth=token, timeout=10) for _ in range(2)]
    with pytest.raises(InvalidScope):
        client.client_credentials(scope="events.read")
    stranger = OAuth2Client.from_discovery_document(
        metadata,
        issuer=issuer,
        dpop_bound_access_tokens=True,
        auth=PrivateKeyJwt("nobody", key, alg="ES256", aud=issuer),
        testing=True,
    )
    with pytest.raises(InvalidClient):
        stranger.client_credentials(scope="profile.read")
    return {
        "type": token.token_type,
        "details": token.authorization_details,
        "statuses": [answer.status_code for answer in answers],
        "said": answers[1].json(),
    }


async def test_a_client_that_knows_only_the_standards_reaches_the_api(database, tmp_path):
    port = free_port()
    issuer = f"http://localhost:{port}"
    clock = RunningClock()
    key = Jwk.generate(alg="ES256", kid="first")
    public = {name: str(key[name]) for name in ("kty", "crv", "x", "y", "kid", "alg")}
    async with vault(database, tmp_path, clock=clock, issuer=issuer) as deps:
        document = Party(clock).metadata(jwks={"keys": [public]})
        await apps.add(deps, document)
        async with serving(deps, port):
            result = await asyncio.to_thread(talk, issuer, key)
    assert result["type"] == "DPoP"
    assert result["details"] == DETAILS
    assert result["statuses"] == [200, 200]
    assert result["said"]["app"] == "delivery"
    assert result["said"]["scopes"] == ["profile.read"]
