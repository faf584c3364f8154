"""Lay out the routes of OAuth: the token endpoint, and what everybody may read.

Keys and metadata are public, cacheable and open to other origins; the token endpoint is neither.
"""

from collections.abc import Mapping
from typing import Final

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from vault.api.oauth import authlib_server, metadata, token
from vault.api.oauth.errors import OAuthError, refusal
from vault.api.problems import HEADERS
from vault.services import token as tokens
from vault.services.deps import Deps

MAX_AGE: Final = 300  # seconds: a new key is published longer than this before it signs


def router(deps: Deps) -> APIRouter:
    """Return the routes; problems of `vault/api/problems.py` must be installed on the application.

    Raises:
        NotReadyError: the process runs with a check of Authlib switched off.
    """
    server = authlib_server.make()
    routes = APIRouter(tags=["oauth"])

    @routes.post(token.PATH, response_class=Response, summary="Get an access token")
    async def get_token(request: Request) -> Response:
        """Prove the app by `private_key_jwt` and its key by DPoP, and get a bound token."""
        try:
            return await token.respond(deps, server, request)
        except OAuthError as error:
            return refusal(error)

    @routes.get("/oauth/jwks", response_class=Response, summary="Keys that sign access tokens")
    async def jwks() -> Response:
        """Public keys only."""
        keys = tokens.published(deps)
        return _public({"keys": [key.export(kid=kid) for kid, key in keys.items()]})

    @routes.get(metadata.SERVER_PATH, response_class=Response, summary="Server metadata")
    async def server_metadata() -> Response:
        """RFC 8414."""
        return _public(metadata.server(deps.issuer))

    @routes.get(metadata.RESOURCE_PATH, response_class=Response, summary="API metadata")
    async def resource_metadata() -> Response:
        """RFC 9728."""
        return _public(metadata.resource(deps.issuer))

    return routes


def _public(document: Mapping[str, object]) -> Response:
    headers = {
        **HEADERS,
        "cache-control": f"public, max-age={MAX_AGE}",
        "access-control-allow-origin": "*",
    }
    return Response(orjson.dumps(document), headers=headers, media_type="application/json")
