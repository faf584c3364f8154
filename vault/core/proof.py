"""Say whether the claims of a DPoP proof are about this very request.

Decides method, URI, time and token hash, in the order in which they are cheapest to refuse. It
knows neither the signature nor the nonce nor whether the proof was used before: those need keys and
a store (`vault/services/proof.py`). The URI is compared with the vault's own origin and the path as
it was received, never with a Host header.
Source: RFC 9449, 4.2 and 4.3; RFC 3986, 6.2.2 and 6.2.3.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from vault.core import canonical
from vault.core.errors import CanonicalError, ProofError

MAX_AGE: Final = 60  # seconds that `iat` may lie back
MAX_AHEAD: Final = 30  # seconds that `iat` may lie ahead: clocks differ
MAX_JTI: Final = 128  # characters

_URI: Final = re.compile(r"(https?)://([^/?#@]+)(/[^?#]*)?(?:\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})")
_DEFAULT_PORT: Final = {"http": ":80", "https": ":443"}
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


# A named tuple and not a dataclass: each read makes one, and it costs a third.
class ProofClaims(NamedTuple):
    """What a proof says."""

    method: str
    uri: str
    at: int  # unix seconds
    jti: str
    ath: str | None  # base64url of the SHA-256 of the access token
    nonce: str | None


def read(payload: bytes) -> ProofClaims:
    """Read the claims of a proof; members that are not known are ignored, as RFC 9449 has it.

    Raises:
        ProofError: for a missing claim or one of another type.
    """
    claims = _claims(payload)
    if not isinstance(claims, dict):
        raise ProofError("The DPoP proof's claims are not an object.")
    at, jti = claims.get("iat"), _text(claims, "jti")
    if not isinstance(at, int) or isinstance(at, bool):
        raise ProofError("The DPoP proof's iat is not a whole number.")
    if len(jti) > MAX_JTI:
        raise ProofError("The DPoP proof's jti is longer than 128 characters.")
    ath = _text(claims, "ath") if "ath" in claims else None
    nonce = _text(claims, "nonce") if "nonce" in claims else None
    return ProofClaims(_text(claims, "htm"), _text(claims, "htu"), at, jti, ath, nonce)


def _claims(payload: bytes) -> Any:  # noqa: ANN401  JSON has no narrower type
    try:
        claims = orjson.loads(payload)
        # What is written back the same has no doubled member, no space and no second spelling; with
        # texts and whole numbers alone it is what the strict reader would read, for a fifth.
        if type(claims) is dict and _is_flat(claims) and orjson.dumps(claims) == payload:
            return claims
        return canonical.loads(payload)
    except (CanonicalError, orjson.JSONDecodeError):
        raise ProofError("The DPoP proof's claims are not JSON without doubled members.") from None


def _is_flat(claims: Mapping[str, object]) -> bool:
    return all(
        type(value) is str or (type(value) is int and abs(value) <= canonical.MAX_INTEGER)
        for value in claims.values()
    ) and all(map(str.isascii, claims))


def _text(claims: Mapping[str, object], name: str) -> str:
    text = claims.get(name)
    if not isinstance(text, str) or not text:
        raise ProofError(f"The DPoP proof's {name} is missing or not a text.")
    return text


def check(claims: ProofClaims, *, method: str, uri: str, now: int, ath: str | None) -> None:
    """Refuse a proof that is about another request, another token or another time.

    Args:
        claims: of a proof whose signature may not have been verified yet.
        method: as received, upper case.
        uri: the issuer followed by the raw path.
        now: unix seconds.
        ath: what the access token hashes to; None where none is presented.

    Raises:
        ProofError: naming the claim.
    """
    if claims.method != method:
        raise ProofError("The DPoP proof's htm is not this request's method.")
    if claims.uri != uri and (normal(claims.uri) != normal(uri) or not normal(uri)):
        raise ProofError("The DPoP proof's htu is not this request's URI.")
    if not now - MAX_AGE <= claims.at <= now + MAX_AHEAD:
        raise ProofError("The DPoP proof's iat is not within the last minute.")
    if ath is not None and claims.ath != ath:
        raise ProofError("The DPoP proof's ath is not the hash of this access token.")


@lru_cache(maxsize=1024)
def normal(uri: str) -> str | None:
    """Return a URI without query and fragment, normalised; None for what is no http URI.

    Case of scheme and host, the default port and escapes do not matter; dot segments are left as
    they are, so they match nothing but themselves.

    >>> normal("HTTPS://Vault.example:443/api/%7ea%2fb?x=1")
    'https://vault.example/api/~a%2Fb'
    """
    match = _URI.fullmatch(uri)
    if not match:
        return None
    scheme, authority = match[1].lower(), match[2].lower()
    host = authority.removesuffix(_DEFAULT_PORT[scheme]).removesuffix(":")
    return f"{scheme}://{host}{_ESCAPE.sub(_unescape, match[3] or '/')}"


def _unescape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
