"""Read a publisher's key set, and base64url in its one spelling.

A key is known by its thumbprint alone, never by a name that the set gives it.
Source: RFC 7517; RFC 7638; RFC 8037.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.verifier import strict_json
from vault.verifier.errors import BadError, CannotTellError

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and when it signed: times of one width in UTC, which sort as text."""

    key: Ed25519PublicKey
    valid_from: str | None
    valid_until: str | None

    def check(self, signature: bytes, signed: bytes, *, at: str, what: str) -> None:
        """Return when the signature is this key's and was made in its time.

        Raises:
            BadError: naming `what`.
        """
        try:
            self.key.verify(signature, signed)
        except InvalidSignature:
            raise BadError(f"The signature is not that of this {what}.") from None
        if self.valid_from is not None and at < self.valid_from:
            raise BadError(f"The {what} is older than the key that signed it.")
        if self.valid_until is not None and at > self.valid_until:
            raise BadError(f"The {what} was signed after its key was retired.")


def read(data: bytes) -> dict[str, Key]:
    """Return the keys of a set by thumbprint; other kinds of keys are left out.

    Raises:
        CannotTellError: this is no key set.
    """
    try:
        found = {}
        for one in _keys(strict_json.read(data)):
            if (one.get("kty"), one.get("crv")) != ("OKP", "Ed25519"):
                continue
            x = one.get("x")
            if not isinstance(x, str):
                raise BadError("A key has no bytes.")
            key = Ed25519PublicKey.from_public_bytes(decode(x))
            members = strict_json.canonical({"crv": "Ed25519", "kty": "OKP", "x": x})
            thumbprint = encode(hashlib.sha256(members).digest())
            found[thumbprint] = Key(key, _moment(one, "valid_from"), _moment(one, "valid_until"))
    except (BadError, ValueError):
        raise CannotTellError("The key set cannot be read.") from None
    return found


def decode(text: str) -> bytes:
    """Return the bytes of base64url.

    Raises:
        BadError: it is none, or has another spelling.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise BadError("A part of the signature is not base64url.") from None
    # Spare bits would give two texts for one signature.
    if encode(data) != text:
        raise BadError("A part of the signature is not base64url in its one spelling.")
    return data


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _keys(value: object) -> list[Mapping[str, object]]:
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(one, dict) for one in keys):
        raise BadError("keys is missing or empty.")
    return keys


def _moment(members: Mapping[str, object], name: str) -> str | None:
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise BadError(f"{name} is no time.")
    return value
