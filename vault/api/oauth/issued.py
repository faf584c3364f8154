"""Answer for tokens that were issued: an app ends one, or asks whether it still stands.

Both want an assertion and give nothing away: a token that is unknown, ended or another app's is
revoked without an effect, and is not active. Only an app that was registered for it may introspect
the tokens of others.
Source: RFC 7009, RFC 7662; docs/oauth.md, revocation and introspection.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request

from vault.api.oauth import client, form
from vault.api.oauth.errors import INVALID_REQUEST, OAuthError
from vault.core import scope
from vault.core.errors import AuthenticationError, TokenError
from vault.services import access, token
from vault.services.deps import Deps
from vault.services.registered import App
from vault.services.token import Claims
from vault.store import app as app_store
from vault.store import commit

REVOKE_PATH: Final = "/oauth/revoke"
INTROSPECT_PATH: Final = "/oauth/introspect"


async def revoke(deps: Deps, request: Request) -> Mapping[str, object]:
    """End a token of the app's own; there is nothing to say about it.

    Raises:
        OAuthError: `invalid_request` without a token; `invalid_client`.
    """
    app, claims = await _asked(deps, request)
    if claims is not None and claims.app == app.id:
        until = datetime.fromtimestamp(claims.expires_at, UTC)
        jti = claims.jti
        await commit.request(deps.database, lambda conn: app_store.revoke(conn, jti, until=until))
    return {}


async def introspect(deps: Deps, request: Request) -> Mapping[str, object]:
    """Say what a token covers while it stands; else that it is not active, and nothing more.

    Raises:
        OAuthError: `invalid_request` without a token; `invalid_client`.
    """
    app, claims = await _asked(deps, request)
    may = claims is not None and (claims.app == app.id or app.registered.registration.introspect)
    if claims is None or not may or not await _stands(deps, claims):
        return {"active": False}
    return {
        "active": True,
        "iss": claims.issuer,
        "aud": token.resource(deps),
        "sub": claims.subject,
        "client_id": claims.app,
        "scope": scope.render(claims.scopes),
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "jti": claims.jti,
        "token_type": "DPoP",
        "cnf": {"jkt": claims.jkt},
        "authorization_details": [detail.document() for detail in claims.details],
    }


async def _asked(deps: Deps, request: Request) -> tuple[App, Claims | None]:
    """Return the app that asks, and the token when it is one of ours and its time is not over."""
    now = int(deps.clock.now().timestamp())
    sent = await form.read(request)
    if "token" not in sent:
        raise OAuthError(INVALID_REQUEST, "token is missing.")
    app, used = await client.identify(deps, request, sent, now=now)
    await client.spend(deps, request, used)
    async with deps.database.connect() as conn:
        app = await client.live(deps, conn, app)
    try:
        # `token_type_hint` is ignored: there is one type of token.
        return app, token.read(deps, sent["token"].encode("utf-8", "surrogatepass"), now=now)
    except TokenError:
        return app, None


async def _stands(deps: Deps, claims: Claims) -> bool:
    async with deps.database.connect() as conn:
        holder = await access.holder(deps, conn, claims)
    try:
        if holder is None:
            return False
        holder.check(deps.clock.now())
    except AuthenticationError:
        return False
    return True
