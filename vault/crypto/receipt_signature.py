"""Check whose signature a consent receipt bears.

The header is exactly `alg`, `kid` and `typ`, so that there is one way to say it; the key is one of
the caller's, found by its thumbprint, and says itself how it signs.
Source: RFC 7515, appendix F; RFC 7638; RFC 9864; docs/formats.md, 12.
"""

from collections.abc import Mapping

from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError, SignatureError
from vault.core.receipt import TYP
from vault.core.receipt_check import Flaw, ReceiptError
from vault.crypto import base64url, jws
from vault.crypto.jwk import ED25519, PublicJwk

_MEMBERS = frozenset(("alg", "kid", "typ"))


def check(signature: str, payload: bytes, *, keys: Mapping[str, PublicJwk]) -> str:
    """Return the thumbprint of the key that signed.

    Args:
        signature: compact JWS without a payload of its own.
        payload: the receipt without its signature, canonical.
        keys: thumbprint -> key.

    Raises:
        ReceiptError: it is no such signature, or none of these keys'.
    """
    header = _header(signature)
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None or header["typ"] != TYP:
        raise ReceiptError(Flaw.SIGNER)
    try:
        jws.verify_detached(
            signature, payload, key, algorithms=(ED25519,), max_bytes=jws.MAX_TOKEN, typ=TYP
        )
    except SignatureError:
        raise ReceiptError(Flaw.SIGNATURE) from None
    return key.jkt


def _header(signature: str) -> Mapping[str, object]:
    head, dot, rest = signature.partition(".")
    if not dot or not rest.startswith(".") or "." in rest[1:] or len(signature) > jws.MAX_TOKEN:
        raise ReceiptError(Flaw.SIGNATURE_FORM)
    try:
        header = canonical.loads(base64url.decode(head))
        base64url.decode(rest[1:])
    except (FormatError, CanonicalError):
        raise ReceiptError(Flaw.SIGNATURE_FORM) from None
    if not isinstance(header, dict) or header.keys() != _MEMBERS or header["alg"] != ED25519:
        raise ReceiptError(Flaw.SIGNATURE_FORM)
    return header
