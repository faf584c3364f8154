"""Make and read access tokens: short-lived, bound to a proof key, naming what they may cover.

A token is a ceiling and never the proof of consent. `issue` signs, `read` says what a token of ours
covers; whether it still holds (app active, token not revoked) is asked of the primary on every call
by `vault/services/access.py`. What is kept here by a token's hash is its verified claims alone.
Source: RFC 9068, 9396, 9449; docs/oauth.md, access tokens.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from policies.model import Permission
from vault.core import canonical, details, scope
from vault.core.details import Detail
from vault.core.errors import CanonicalError, DetailsError, SignatureError, TokenError
from vault.core.ids import AppId
from vault.core.scope import Scope
from vault.crypto import base64url, jws, random
from vault.crypto.jwk import ES256, PublicJwk
from vault.crypto.jws import MAX_TOKEN
from vault.crypto.service_key import ServiceKey
from vault.crypto.signing import TokenKey
from vault.services.deps import Deps
from vault.services.recent import Recent

LIFETIME: Final = 300  # seconds of a token without a customer present
TYPE: Final = "at+jwt"
CACHED: Final = 10_000  # tokens


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says."""

    issuer: str
    app: AppId
    subject: str
    issued_at: int  # unix seconds
    expires_at: int  # unix seconds, exclusive
    jti: str
    scopes: frozenset[Scope]
    details: tuple[Detail, ...]
    permissions: frozenset[Permission]  # what the details stand for
    jkt: str  # thumbprint of the proof key
    jti_hash: str  # the SHA-256, in hex, by which the access log names the token
    ath: str  # base64url of the SHA-256 of the token's bytes: what its proofs must name


_recent: Recent[bytes, tuple[str, Claims]] = Recent(CACHED)


def resource(deps: Deps) -> str:
    """Return the only audience of our tokens."""
    return f"{deps.issuer}/api/v1"


def published(deps: Deps) -> Mapping[str, PublicJwk]:
    """Return the keys that tokens may be signed with, by kid."""
    return _published(tuple(deps.keys.generations("tokens")))


@lru_cache(maxsize=64)
def _published(keys: tuple[ServiceKey, ...]) -> Mapping[str, PublicJwk]:
    jwks = (_signer(key).jwk for key in keys)
    return MappingProxyType({jwk.jkt: jwk for jwk in jwks})


def issue(
    deps: Deps,
    app: AppId,
    *,
    scopes: frozenset[Scope],
    granted: tuple[Detail, ...],
    jkt: str,
    issued_at: int,
) -> str:
    """Sign a token for an app that acts without a customer present.

    Raises:
        DetailsError: so much was asked for that no header would hold the token.
    """
    key = _signer(deps.keys.service("tokens"))
    claims: dict[str, object] = {
        "iss": deps.issuer,
        "aud": resource(deps),
        "client_id": app,
        "sub": app,
        "iat": issued_at,
        "exp": issued_at + LIFETIME,
        "jti": random.token(),
        "scope": scope.render(scopes),
        "cnf": {"jkt": jkt},
    }
    if granted:
        claims["authorization_details"] = [detail.document() for detail in granted]
    signed = jws.sign(key, canonical.dumps(claims), header={"typ": TYPE, "kid": key.jwk.jkt})
    if len(signed) > MAX_TOKEN:
        raise DetailsError("The token would be longer than 4,096 bytes. Ask for fewer items.")
    return signed


def read(deps: Deps, token: bytes, *, now: int) -> Claims:
    """Return what a token of ours covers.

    Args:
        deps: what the use case may touch.
        token: as received.
        now: unix seconds.

    Raises:
        TokenError: it is no token of ours, or its time is over.
    """
    if len(token) > MAX_TOKEN:
        raise TokenError("The access token is longer than 4,096 bytes.")
    keys = published(deps)
    place = hashlib.sha256(token).digest()
    known = _recent.get(place)
    # A key that is no longer published ends its tokens, and another deployment's are not ours.
    if known is None or known[0] not in keys or known[1].issuer != deps.issuer:
        known = _verified(deps, token, keys, ath=base64url.encode(place))
        _recent.put(place, known)
    claims = known[1]
    if now >= claims.expires_at:
        raise TokenError("The access token has expired. Ask the token endpoint for another.")
    return claims


def _verified(
    deps: Deps, token: bytes, keys: Mapping[str, PublicJwk], *, ath: str
) -> tuple[str, Claims]:
    try:
        parsed = jws.parse(token, max_bytes=MAX_TOKEN)
        kid = parsed.header.get("kid")
        key = keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenError
        jws.check(parsed, key, algorithms=(ES256,), typ=TYPE)
        return key.jkt, _claims(deps, canonical.loads(parsed.payload), ath=ath)
    except (SignatureError, CanonicalError, DetailsError, KeyError, TypeError):
        raise TokenError from None


def _claims(deps: Deps, claims: dict[str, Any], *, ath: str) -> Claims:
    """Read claims that our own key signed; a surprise is refused all the same."""
    scopes = scope.parse(claims["scope"])
    texts = (claims["client_id"], claims["sub"], claims["jti"], claims["cnf"]["jkt"])
    times = (claims["iat"], claims["exp"])
    if claims["iss"] != deps.issuer or claims["aud"] != resource(deps) or scopes is None:
        raise TokenError
    if not all(isinstance(text, str) for text in texts) or not all(type(at) is int for at in times):
        raise TokenError
    granted = claims.get("authorization_details")
    covered = () if granted is None else details.read(granted)
    app, subject, jti, jkt = texts
    return Claims(
        issuer=deps.issuer,
        app=AppId(app),
        subject=subject,
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        jti=jti,
        scopes=scopes,
        details=covered,
        permissions=details.permissions(covered),
        jkt=jkt,
        jti_hash=hashlib.sha256(jti.encode()).hexdigest(),
        ath=ath,
    )


@lru_cache(maxsize=64)
def _signer(key: ServiceKey) -> TokenKey:
    return TokenKey(key.secret)
