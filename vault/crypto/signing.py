"""Sign with the deployment's own keys: Ed25519 for the log and receipts, ES256 for access tokens.

Both are derived from the 32 bytes of a service key, so that every secret is kept, wrapped and
rotated in one way. A signed note carries a key's name and id, so that a signature of one kind
never passes for another.
Source: RFC 8032; FIPS 186-5, A.2.1; c2sp.org/signed-note; docs/formats.md, 11.
"""

import base64
import hashlib
import re
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vault.crypto import base64url
from vault.crypto.hkdf import expand
from vault.crypto.jwk import PublicJwk

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ECDSA = ec.ECDSA(SHA256())
_NOTE_ED25519 = b"\x01"  # the type of an Ed25519 key in notes
_NOTE_NAME = re.compile(r"[^\s+]+")  # no space of any script, no plus
_BAD_NAME = "a key's name is not empty and has no space and no plus"
_BAD_TEXT = "a note ends with a newline and has no empty line at its end"


class Signer(Protocol):
    """A private key that signs tokens."""

    @property
    def jwk(self) -> PublicJwk:
        """The public half; its `alg` is what `sign` does."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature as JWS has it."""


class SigningKey:
    """An Ed25519 key; the secret is its seed."""

    __slots__ = ("_key", "jwk", "public")

    def __init__(self, seed: bytes) -> None:
        """Make the key from 32 bytes.

        Raises:
            ValueError: for any other number.
        """
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        document = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(self.public)}
        self.jwk = PublicJwk.parse(document)

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes."""
        return self._key.sign(message)


class TokenKey:
    """An ES256 key; the secret is where its scalar comes from.

    32 random bytes are not a P-256 scalar: about one in 2^32 is out of range, and reducing the rest
    would favour small ones. 48 derived bytes, reduced, are off by less than 2^-128.
    """

    __slots__ = ("_key", "jwk")

    def __init__(self, secret: bytes) -> None:
        """Make the key from 32 bytes.

        Raises:
            ValueError: for any other number.
        """
        if len(secret) != 32:
            msg = "a secret has 32 bytes"
            raise ValueError(msg)
        wide = int.from_bytes(expand(secret, b"ownship/es256-key/v1\0", length=48))
        self._key = ec.derive_private_key(wide % (_P256_ORDER - 1) + 1, ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        x, y = (base64url.encode(number.to_bytes(32)) for number in (point.x, point.y))
        self.jwk = PublicJwk.parse({"kty": "EC", "crv": "P-256", "x": x, "y": y})

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 bytes each."""
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        return r.to_bytes(32) + s.to_bytes(32)


def note_key_id(name: str, public: bytes) -> bytes:
    """Return the 4 bytes by which a note's signature names its Ed25519 key.

    Raises:
        ValueError: for a name that cannot stand in a note.
    """
    if not _NOTE_NAME.fullmatch(name):
        raise ValueError(_BAD_NAME)
    return hashlib.sha256(name.encode() + b"\n" + _NOTE_ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Return what a verifier pins: `name+id+key`, id in hex, type and key in base64."""
    encoded = base64.b64encode(_NOTE_ED25519 + public).decode()
    return f"{name}+{note_key_id(name, public).hex()}+{encoded}"


def sign_note(key: SigningKey, name: str, text: bytes) -> str:
    """Return a signed note: the text, an empty line, and one signature line.

    Args:
        key: signs the text, its last newline included.
        name: who signs; the log's origin, or a name below it.
        text: UTF-8 lines, each ended by a newline.

    Raises:
        ValueError: when the text or the name cannot stand in a note.
    """
    if not text.endswith(b"\n") or text.endswith(b"\n\n") or text == b"\n":
        raise ValueError(_BAD_TEXT)
    signature = base64.b64encode(note_key_id(name, key.public) + key.sign(text)).decode()
    return f"{text.decode()}\n— {name} {signature}\n"
