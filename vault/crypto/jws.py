"""Read, verify and write compact JWS, strictly.

1. the size is capped before anything is parsed;
2. three segments of base64url, each in its one spelling;
3. the header is a JSON object without `crit`, `b64`, `zip` or any member that brings a key;
4. the algorithm is on the caller's list *and* is the given key's only one;
5. the signature is the key's.

Claims, times and who may use which key are the caller's. Every refusal is `SignatureError`, before
any claim is looked at, except that a proof's claims may be compared first (`split`).
Source: RFC 7515, 8725, 9449; RFC 7515, appendix F for the detached payload; docs/formats.md, 12.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError, SignatureError
from vault.crypto import base64url
from vault.crypto.jwk import PublicJwk
from vault.crypto.signing import Signer

MAX_TOKEN = 4096  # bytes of an access token or of a client's assertion
MAX_PROOF = 2048  # bytes of a DPoP proof
MAX_PROOF_HEADER = 512  # bytes of its header segment; the public key is in it

# `crit` and `b64` change what is signed, `zip` what is read, the others which key is used.
_REFUSED = frozenset(("crit", "b64", "zip", "jku", "x5u", "x5c", "jwk"))
_REFUSED_IN_PROOF = _REFUSED - {"jwk"}


# A named tuple and not a dataclass: each read makes one, and it costs a third.
class Segments(NamedTuple):
    """A compact JWS taken apart; nothing of it is verified."""

    header: bytes  # the segment as sent: the key of a cache of proof keys
    payload: bytes  # decoded
    signed: bytes  # what the signature covers
    signature: bytes  # decoded


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS with its header read; verified only when `verify` or `check` returned."""

    header: Mapping[str, object]
    payload: bytes
    signed: bytes
    signature: bytes


def split(token: str | bytes, *, max_bytes: int) -> Segments:
    """Take a compact JWS apart.

    Raises:
        SignatureError: when it is too long or no compact JWS.
    """
    raw = _raw(token, max_bytes)
    try:
        header, payload, signature = raw.split(b".")
        if not payload:
            raise SignatureError
        signed = raw[: len(raw) - len(signature) - 1]
        return Segments(header, base64url.decode(payload), signed, base64url.decode(signature))
    except (ValueError, FormatError):
        raise SignatureError from None


def parse(token: str | bytes, *, max_bytes: int) -> Jws:
    """Read the header, so that the caller can choose among its own keys by `kid`.

    Raises:
        SignatureError: when it is too long, no compact JWS, or its header is refused.
    """
    parts = split(token, max_bytes=max_bytes)
    return Jws(_header(parts.header, _REFUSED), parts.payload, parts.signed, parts.signature)


def check(jws: Jws, key: PublicJwk, *, algorithms: Collection[str], typ: str | None = None) -> None:
    """Return when the signature is the key's.

    Args:
        jws: from `parse`.
        key: one of the caller's own, never one from the token.
        algorithms: what this kind of token may be signed with.
        typ: when given, the header's `typ`, exactly.

    Raises:
        SignatureError: when it is not, or algorithm or type do not fit.
    """
    if key.alg not in algorithms or jws.header.get("alg") != key.alg:
        raise SignatureError
    if typ is not None and jws.header.get("typ") != typ:
        raise SignatureError
    key.verify(jws.signature, jws.signed)


def verify(
    token: str | bytes,
    key: PublicJwk,
    *,
    algorithms: Collection[str],
    max_bytes: int,
    typ: str | None = None,
) -> Jws:
    """Parse and check in one step, where the key is known beforehand.

    Raises:
        SignatureError: as `parse` and `check` do.
    """
    jws = parse(token, max_bytes=max_bytes)
    check(jws, key, algorithms=algorithms, typ=typ)
    return jws


def proof_key(header: bytes, *, algorithms: Collection[str], typ: str = "dpop+jwt") -> PublicJwk:
    """Return the public key that a proof's header segment brings.

    The answer depends on the segment alone and may be cached by it; then a proof costs `split`, the
    caller's comparisons, and `PublicJwk.verify(segments.signature, segments.signed)`.

    Raises:
        SignatureError: when the segment is too long, or its header or key is refused.
    """
    if len(header) > MAX_PROOF_HEADER:
        raise SignatureError
    members = _header(header, _REFUSED_IN_PROOF)
    key = PublicJwk.parse(members.get("jwk"))
    if key.alg not in algorithms or members.get("alg") != key.alg or members.get("typ") != typ:
        raise SignatureError
    return key


def sign(key: Signer, payload: bytes, *, header: Mapping[str, object]) -> str:
    """Return a compact JWS.

    Args:
        key: signs, and gives the header its `alg`.
        payload: any bytes but none.
        header: the other members: `typ`, `kid`, …

    Raises:
        ValueError: when there is no payload, or the header names an algorithm itself.
    """
    if not payload:
        msg = "a compact JWS has a payload"
        raise ValueError(msg)
    head, signature = _sign(key, payload, header)
    return f"{head}.{base64url.encode(payload)}.{signature}"


def sign_detached(key: Signer, payload: bytes, *, header: Mapping[str, object]) -> str:
    """Return `header..signature` for a payload that stands elsewhere.

    Raises:
        ValueError: when the header names an algorithm itself.
    """
    head, signature = _sign(key, payload, header)
    return f"{head}..{signature}"


def verify_detached(
    token: str | bytes,
    payload: bytes,
    key: PublicJwk,
    *,
    algorithms: Collection[str],
    max_bytes: int,
    typ: str | None = None,
) -> Jws:
    """Check `header..signature` against a payload that stands elsewhere.

    Raises:
        SignatureError: as `verify` does, and when the token has a payload of its own.
    """
    raw = _raw(token, max_bytes)
    try:
        head, middle, signature = raw.split(b".")
        if middle:
            raise SignatureError
        signed = head + b"." + base64url.encode(payload).encode()
        jws = Jws(_header(head, _REFUSED), payload, signed, base64url.decode(signature))
    except (ValueError, FormatError):
        raise SignatureError from None
    check(jws, key, algorithms=algorithms, typ=typ)
    return jws


def _raw(token: str | bytes, max_bytes: int) -> bytes:
    if len(token) > max_bytes:
        raise SignatureError
    try:
        return token.encode("ascii") if isinstance(token, str) else token
    except UnicodeEncodeError:
        raise SignatureError from None


def _header(segment: bytes, refused: frozenset[str]) -> Mapping[str, object]:
    try:
        text = base64url.decode(segment)
        # JSON is UTF-8 here: a raw zero byte would be another encoding, which readers may guess.
        header = canonical.loads(text) if b"\0" not in text else None
    except (FormatError, CanonicalError):
        raise SignatureError from None
    if not isinstance(header, dict) or not refused.isdisjoint(header):
        raise SignatureError
    return header


def _sign(key: Signer, payload: bytes, header: Mapping[str, object]) -> tuple[str, str]:
    if "alg" in header:
        msg = "the key decides the algorithm"
        raise ValueError(msg)
    head = base64url.encode(canonical.dumps({**header, "alg": key.jwk.alg}))
    signed = f"{head}.{base64url.encode(payload)}".encode()
    return head, base64url.encode(key.sign(signed))
