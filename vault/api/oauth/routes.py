"""Lay out the routes of OAuth: what apps post, and what everybody may read.

Keys and metadata are public, cacheable and open to other origins; the rest is neither.
"""

from collections.abc import Awaitable, Mapping
from typing import Final

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from vault.api.oauth import authlib_server, issued, metadata, openapi, token
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
    routes = APIRouter(tags=["oauth"], default_response_class=Response)

    @routes.post(token.PATH, summary="Get an access token", openapi_extra=openapi.TOKEN)
    async def get_token(request: Request) -> Response:
        """Prove the app by `private_key_jwt` and its key by DPoP, and get a bound token."""
        try:
            return await token.respond(deps, server, request)
        except OAuthError as error:
            return refusal(error)

    @routes.post(issued.REVOKE_PATH, summary="End a token", openapi_extra=openapi.REVOKE)
    async def revoke(request: Request) -> Response:
        """RFC 7009. The answer is the same for a token that is unknown or another app's."""
        return await _answer(issued.revoke(deps, request))

    @routes.post(
        issued.INTROSPECT_PATH, summary="Ask about a token", openapi_extra=openapi.INTROSPECT
    )
    async def introspect(request: Request) -> Response:
        """RFC 7662. Answers the token's own app, and apps that were registered for it."""
        return await _answer(issued.introspect(deps, request))

    @routes.get("/oauth/jwks", summary="Keys that sign access tokens")
    async def jwks() -> Response:
        """Public keys only."""
        keys = tokens.published(deps)
        return _public({"keys": [key.export(kid=kid) for kid, key in keys.items()]})

    @routes.get(metadata.SERVER_PATH, summary="Server metadata")
    async def server_metadata() -> Response:
        """RFC 8414."""
        return _public(metadata.server(deps.issuer))

    @routes.get(metadata.RESOURCE_PATH, summary="API metadata")
    async def resource_metadata() -> Response:
        """RFC 9728."""
        return _public(metadata.resource(deps.issuer))

    return routes


async def _answer(work: Awaitable[Mapping[str, object]]) -> Response:
    try:
        body = orjson.dumps(dict(await work))
    except OAuthError as error:
        return refusal(error)
    return Response(body, headers={**HEADERS, "pragma": "no-cache"}, media_type="application/json")


def _public(document: Mapping[str, object]) -> Response:
    headers = {
        **HEADERS,
        "cache-control": f"public, max-age={MAX_AGE}",
        "access-control-allow-origin": "*",
    }
    return Response(orjson.dumps(document), headers=headers, media_type="application/json")
