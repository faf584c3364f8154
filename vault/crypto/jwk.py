"""Read and write public keys as JSON: P-256 for ES256, Ed25519, and RSA for PS256.

The key decides its one algorithm, never a header that came with a signature, so that no token can
choose how it is checked. Private members are refused: a key that was sent is a key that is lost.
Small-order Ed25519 points are not looked for: a key is its owner's, who could only weaken himself.
Source: RFC 7517, 7518, 7638, 8037, 9864; docs/formats.md, 12.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vault.core import canonical
from vault.core.errors import FormatError, SignatureError
from vault.crypto import base64url

ES256 = "ES256"
ED25519 = "Ed25519"  # "EdDSA" names no curve and is deprecated: RFC 9864
PS256 = "PS256"

_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 4096  # a longer one buys an attacker our time
_RSA_EXPONENT = "AQAB"  # 65537; a huge one would buy time as well
_MAX_KID = 128  # characters
_ECDSA = ec.ECDSA(SHA256())
_PSS = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)

_BAD_KEY = "The key is not a public P-256, Ed25519 or RSA key that the vault takes."

Check = Callable[[bytes, bytes], None]  # (signature, message); raises InvalidSignature


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """A public key, ready to verify with."""

    alg: str  # the one algorithm that this key is used with
    jkt: str  # RFC 7638 thumbprint, base64url
    members: tuple[tuple[str, str], ...]  # the required members, sorted; what the thumbprint covers
    kid: str | None = field(default=None, compare=False)
    _check: Check = field(kw_only=True, repr=False, compare=False)

    @classmethod
    def parse(cls, document: object) -> Self:
        """Read a JWK.

        Raises:
            SignatureError: for private or missing members, other types and curves, a point that is
                not on its curve, a weak or huge RSA key, an `alg` or `use` that does not fit.
        """
        if not isinstance(document, Mapping) or not _PRIVATE.isdisjoint(document):
            raise SignatureError(_BAD_KEY)
        try:
            return cls._read(document)
        except (ValueError, FormatError, KeyError):
            raise SignatureError(_BAD_KEY) from None

    @classmethod
    def _read(cls, document: Mapping[str, object]) -> Self:
        reader = _READERS[_text(document, "kty")]
        alg, names, check = reader(document)
        kid = _text(document, "kid") if "kid" in document else None
        if document.get("alg", alg) != alg or document.get("use", "sig") != "sig":
            raise FormatError
        if kid is not None and not 0 < len(kid) <= _MAX_KID:
            raise FormatError
        members = tuple((name, _text(document, name)) for name in sorted(names))
        return cls(alg, thumbprint(members), members, kid, _check=check)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return when the signature is this key's for the message.

        Raises:
            SignatureError: when it is not.
        """
        try:
            self._check(signature, message)
        except InvalidSignature:
            raise SignatureError from None

    def export(self, *, kid: str | None = None) -> dict[str, str]:
        """Return the key for a published set, with `alg`, `use` and `kid` (else the thumbprint)."""
        return {
            **dict(self.members),
            "alg": self.alg,
            "kid": kid or self.kid or self.jkt,
            "use": "sig",
        }


def thumbprint(members: tuple[tuple[str, str], ...]) -> str:
    """Return the RFC 7638 thumbprint of a key's required members."""
    return base64url.encode(hashlib.sha256(canonical.dumps(dict(members))).digest())


def _read_ec(document: Mapping[str, object]) -> tuple[str, tuple[str, ...], Check]:
    if document.get("crv") != "P-256":
        raise FormatError
    x, y = _bytes(document, "x", 32), _bytes(document, "y", 32)
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    key = numbers.public_key()  # raises ValueError for a point that is not on the curve

    def check(signature: bytes, message: bytes) -> None:
        if len(signature) != 64:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key.verify(encode_dss_signature(r, s), message, _ECDSA)

    return ES256, ("crv", "kty", "x", "y"), check


def _read_okp(document: Mapping[str, object]) -> tuple[str, tuple[str, ...], Check]:
    if document.get("crv") != ED25519:
        raise FormatError
    key = Ed25519PublicKey.from_public_bytes(_bytes(document, "x", 32))
    return ED25519, ("crv", "kty", "x"), key.verify


def _read_rsa(document: Mapping[str, object]) -> tuple[str, tuple[str, ...], Check]:
    # Read from text: a modulus of 4,096 bits is 683 characters, and one text has one spelling.
    modulus = _text(document, "n")
    if document.get("e") != _RSA_EXPONENT or len(modulus) > _MAX_RSA_BITS // 6 + 1:
        raise FormatError
    raw = base64url.decode(modulus)
    number = int.from_bytes(raw)
    if raw.startswith(b"\0") or number.bit_length() < _MIN_RSA_BITS:
        raise FormatError
    key = rsa.RSAPublicNumbers(65537, number).public_key()

    def check(signature: bytes, message: bytes) -> None:
        key.verify(signature, message, _PSS, SHA256())

    return PS256, ("e", "kty", "n"), check


_READERS = {"EC": _read_ec, "OKP": _read_okp, "RSA": _read_rsa}


def _text(document: Mapping[str, object], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise FormatError
    return value


def _bytes(document: Mapping[str, object], name: str, size: int) -> bytes:
    data = base64url.decode(_text(document, name))
    if len(data) != size:
        raise FormatError
    return data
