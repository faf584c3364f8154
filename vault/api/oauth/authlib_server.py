"""Let Authlib choose the grant and keep the order of its steps; all that matters here is ours.

Authlib dispatches and gives errors their shape. It knows neither DPoP nor authorization details
and checks no scope once its token generator is replaced, so the mixin below does: scopes against
the registration, details where a scope concerns customers, then our own token. Its texts quote the
input and its 401 is a 400, so every error that leaves is one of `vault/api/oauth/errors.py`.
It runs on the transaction's connection; its hooks may use that connection and nothing that waits.
Source: docs/oauth.md, Authlib; RFC 6749; RFC 9700.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.authorization_server import AuthorizationServer
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request

from vault.api.oauth.errors import (
    DESCRIPTIONS,
    INVALID_CLIENT,
    INVALID_DETAILS,
    INVALID_REQUEST,
    OAuthError,
)
from vault.core import scope
from vault.core.details import Detail
from vault.core.errors import DetailsError, NotReadyError
from vault.core.scope import LIVE, ON_CUSTOMERS, Scope
from vault.services.registered import App
from vault.store import app as app_store
from vault.store.engine import SyncConn

# What signs a token: scopes and details that were checked, in; the answer's members, out.
Issue = Callable[[frozenset[Scope], tuple[Detail, ...]], Mapping[str, object]]

_NO_DETAILS: Final = OAuthError(
    INVALID_REQUEST, "authorization_details required: a scope on customers' data needs them."
)

logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it writes whole tokens


@dataclass(frozen=True, slots=True)
class AppClient:
    """What Authlib asks of a client."""

    app: App

    def check_grant_type(self, grant_type: str) -> bool:
        """Say whether the app was registered for a grant."""
        return grant_type in self.app.registered.registration.grant_types


class RefusedError(OAuth2Error):  # type: ignore[misc]
    """A refusal of ours on its way through Authlib."""

    def __init__(self, refusal: OAuthError) -> None:
        """Keep the refusal; Authlib would check and quote a text."""
        super().__init__(error=refusal.code)
        self.refusal = refusal


class AppRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A token request whose app and proof were verified."""

    def __init__(
        self,
        form: Mapping[str, str],
        *,
        uri: str,
        db: SyncConn,
        app: App,
        details: tuple[Detail, ...],
        issue: Issue,
    ) -> None:
        """Keep what the grant will need; `uri` is made from the issuer, never from a header."""
        super().__init__("POST", uri)
        self.payload = BasicOAuth2Payload(dict(form))
        self.db = db
        self.app = app
        self.details = details
        self.issue = issue
        self.granted: frozenset[Scope] = frozenset()


class BoundTokens:
    """What each grant needs to issue bound tokens; it runs on the grant and sees the request."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = ("private_key_jwt",)
    request: AppRequest

    def validate_requested_scope(self) -> None:
        """Refuse scopes that are unknown, not registered or not offered, and scopes without details."""
        request = self.request
        asked = scope.parse(request.payload.scope or "")
        if asked is None or not asked <= request.app.registered.registration.scopes & LIVE:
            raise RefusedError(OAuthError("invalid_scope"))
        if asked & ON_CUSTOMERS and not request.details:
            raise RefusedError(_NO_DETAILS)
        request.granted = asked

    def generate_token(self, **_: object) -> Mapping[str, object]:
        """Return the answer's members; what Authlib would pass along is in the request."""
        try:
            return self.request.issue(self.request.granted, self.request.details)
        except DetailsError as error:  # so many that no header would hold the token
            raise RefusedError(OAuthError(INVALID_DETAILS, error.detail)) from None


class ClientCredentials(BoundTokens, grants.ClientCredentialsGrant):  # type: ignore[misc]
    """The grant of an app that acts without a customer present."""


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """Authlib's dispatch, with our clients, errors and answers."""

    def create_oauth2_request(self, request: AppRequest) -> AppRequest:
        """Return the request, which is ours already."""
        return request

    def authenticate_client(
        self, request: AppRequest, methods: object, endpoint: str = "token"
    ) -> AppClient:
        """Return the app that signed, when it is registered as it was when its key was read."""
        del methods, endpoint  # one method, and its signature was checked before
        row = app_store.find(request.db, request.app.id)
        if row is None or row.digest != request.app.registered.digest:
            raise RefusedError(OAuthError(INVALID_CLIENT))
        return AppClient(request.app)

    def save_token(self, token: object, request: AppRequest) -> None:
        """Keep nothing: a token is checked by its signature, and ended by its `jti`."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def handle_response(
        self, status: int, body: Mapping[str, object], headers: object
    ) -> Mapping[str, object]:
        """Return the members of a good answer; errors go another way."""
        del status, headers
        return body

    def handle_error_response(self, request: AppRequest, error: OAuth2Error) -> OAuthError:
        """Return our error for Authlib's: not raised, so that the transaction commits."""
        del request
        if isinstance(error, RefusedError):
            return error.refusal
        return OAuthError(error.error if error.error in DESCRIPTIONS else INVALID_REQUEST)


def make() -> TokenServer:
    """Make the server with the grants that are offered.

    Raises:
        NotReadyError: Authlib's check of transport security is switched off.
    """
    if os.environ.get("AUTHLIB_INSECURE_TRANSPORT"):
        raise NotReadyError("AUTHLIB_INSECURE_TRANSPORT is set. Unset it: it disables a check.")
    server = TokenServer()
    server.register_grant(ClientCredentials)
    return server


def respond(server: TokenServer, request: AppRequest) -> Mapping[str, object] | OAuthError:
    """Run the grant; the refusal is returned, not raised."""
    answer: Any = server.create_token_response(request)
    return answer if isinstance(answer, OAuthError) else dict(answer)
