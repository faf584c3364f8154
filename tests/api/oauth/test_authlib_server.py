"""What Authlib is not left to do, and what it must not be told."""

import logging

import pytest

from tests.api.oauth.party import DETAILS
from tests.vaults import ISSUER
from vault.api.oauth import authlib_server
from vault.api.oauth.authlib_server import AppRequest
from vault.api.oauth.errors import OAuthError
from vault.core import details
from vault.core.errors import NotReadyError
from vault.services import app as apps
from vault.services import registered
from vault.store import commit
from vault.store.engine import run_sync

FORM = {"grant_type": "client_credentials", "scope": "profile.read"}


def test_a_process_without_authlibs_check_of_transport_does_not_start(monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with pytest.raises(NotReadyError, match="AUTHLIB_INSECURE_TRANSPORT"):
        authlib_server.make()


def test_authlib_does_not_log_tokens():
    assert not logging.getLogger("authlib.oauth2").isEnabledFor(logging.DEBUG)


async def test_a_registration_that_changed_under_the_request_gets_no_token(world):
    async with world.deps.database.connect() as conn:
        app = await registered.load(world.deps, conn, "delivery")
    assert app is not None
    server = authlib_server.make()

    async def grant(conn):
        def run(db):
            request = AppRequest(
                FORM,
                uri=f"{ISSUER}/oauth/token",
                db=db,
                app=app,
                details=details.read(DETAILS),
                issue=lambda scopes, _: {"scopes": sorted(scopes)},
            )
            return authlib_server.respond(server, request)

        return await run_sync(conn, run)

    answer = await commit.request(world.deps.database, grant)
    assert answer == {"scopes": ["profile.read"]}
    await apps.add(world.deps, world.party.metadata(client_name="Routes"), replace=True)
    refused = await commit.request(world.deps.database, grant)
    assert isinstance(refused, OAuthError)
    assert refused.code == "invalid_client"
