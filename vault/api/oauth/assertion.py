"""Authenticate an app by `private_key_jwt`: an assertion that it signed for this vault alone.

The key, and with it the algorithm, is the registered one; nothing of the assertion's header chooses
it. All failures are one answer, and an unknown app costs a signature check too, so that nobody can
list the apps. That an assertion is used once is not checked here: the claim is handed back.
Source: RFC 7523, 3, and its update (one audience, the issuer); RFC 8725; docs/oauth.md, apps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from policies.names import APP
from vault.api.oauth.errors import INVALID_CLIENT, INVALID_REQUEST, OAuthError
from vault.core import canonical
from vault.core.errors import CanonicalError, SignatureError
from vault.crypto import jws
from vault.crypto.jwk import PublicJwk
from vault.crypto.jws import MAX_TOKEN, Jws
from vault.services import spent
from vault.services.registered import App
from vault.store.once import Claim

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LIFE: Final = 300  # seconds that `exp` may lie ahead
MAX_AHEAD: Final = 30  # seconds that `iat` and `nbf` may lie ahead: clocks differ
MAX_JTI: Final = 128  # characters

_TYPES: Final = (None, "jwt", "client-authentication+jwt")
_OTHER_WAYS: Final = frozenset({"client_secret"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion that was read; nothing of it is verified."""

    jws: Jws
    claims: Mapping[str, Any]
    app: str  # who it says it is


def read(form: Mapping[str, str], *, has_authorization: bool) -> Assertion:
    """Take the assertion out of a form.

    Args:
        form: the parameters.
        has_authorization: whether a header Authorization came too.

    Raises:
        OAuthError: `invalid_request` for a second way of authentication, else `invalid_client`.
    """
    if has_authorization or not _OTHER_WAYS.isdisjoint(form):
        raise OAuthError(INVALID_REQUEST, "The one way to authenticate here is private_key_jwt.")
    if form.get("client_assertion_type") != TYPE or "client_assertion" not in form:
        raise OAuthError(INVALID_CLIENT)
    try:
        parsed = jws.parse(form["client_assertion"], max_bytes=MAX_TOKEN)
        claims = canonical.loads(parsed.payload)
    except (SignatureError, CanonicalError):
        raise OAuthError(INVALID_CLIENT) from None
    app = claims.get("sub") if isinstance(claims, dict) else None
    # A name that no app may have is not looked up: a database refuses some characters by failing.
    if not isinstance(app, str) or not APP.fullmatch(app):
        raise OAuthError(INVALID_CLIENT)
    if claims.get("iss") != app or form.get("client_id", app) != app:
        raise OAuthError(INVALID_CLIENT)
    return Assertion(parsed, claims, app)


def verify(
    assertion: Assertion, app: App | None, *, issuer: str, now: int, dummy: PublicJwk
) -> Claim:
    """Return what makes the assertion single-use, when it is the app's and for this vault.

    Args:
        assertion: from `read`.
        app: as registered; None for an unknown one.
        issuer: the only audience.
        now: unix seconds.
        dummy: a key to check against where there is none, for equal time.

    Raises:
        OAuthError: `invalid_client`.
    """
    claims = assertion.claims
    until, jti = claims.get("exp"), claims.get("jti")
    signed = _is_signed(assertion.jws, app, dummy)
    if not signed or app is None or claims.get("aud") != issuer:
        raise OAuthError(INVALID_CLIENT)
    if not _is_time(until) or not now < until <= now + MAX_LIFE:
        raise OAuthError(INVALID_CLIENT)
    for name in ("iat", "nbf"):
        if name in claims and not (_is_time(claims[name]) and claims[name] <= now + MAX_AHEAD):
            raise OAuthError(INVALID_CLIENT)
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise OAuthError(INVALID_CLIENT)
    return spent.of_assertion(app.id, jti, until=until)


def _is_signed(parsed: Jws, app: App | None, dummy: PublicJwk) -> bool:
    typ, kid = parsed.header.get("typ"), parsed.header.get("kid")
    keys = [] if app is None else app.registered.keys
    named = [key for name, key in keys if kid is None or name == kid]
    good = False
    for key in named or [dummy]:
        try:
            jws.check(parsed, key, algorithms=(key.alg,))
            good = True
        except SignatureError:
            continue
    typ = typ.lower() if isinstance(typ, str) else typ
    return good and bool(named) and typ in _TYPES


def _is_time(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
