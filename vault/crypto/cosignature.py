"""Check what a witness signs: that it saw a checkpoint, when, and that the log never went back.

A witness's key is of type 0x04 and signs the time with the text, so that no signature of another
kind passes for a cosignature. Keys come from the operator, never from an answer.
Source: c2sp.org/tlog-cosignature; access-log note, 7.
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.core.errors import FormatError, SignatureError

_TYPE: Final = b"\x04"
_BLOB: Final = struct.Struct(">4sQ64s")  # key id, unix seconds, signature
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who cosigns."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key, `name+id+key`, of type 0x04.

        Raises:
            FormatError: it is malformed, of another type, or its id is not its own.
        """
        found = _KEY.fullmatch(text)
        data = _base64(found[3]) if found else b""
        if not found or len(data) != 33 or data[:1] != _TYPE:
            raise FormatError
        key_id = hashlib.sha256(found[1].encode() + b"\n" + data).digest()[:4]
        if key_id.hex() != found[2]:
            raise FormatError
        return cls(found[1], key_id, data[1:])

    def check(self, line: str, body: bytes) -> bool:
        """Check a signature line of a note's text; False when it is by somebody else.

        Raises:
            SignatureError: the line is malformed, or in this witness's name and wrong.
        """
        found = _LINE.fullmatch(line)
        if found is None:
            raise SignatureError
        blob = _base64(found[2])
        if found[1] != self.name or blob[:4] != self.key_id:
            return False
        if len(blob) != _BLOB.size:
            raise SignatureError
        _, at, signature = _BLOB.unpack(blob)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message(body, at))
        except InvalidSignature:
            raise SignatureError from None
        return True


def message(body: bytes, at: int) -> bytes:
    """Return the bytes that a witness signs.

    Args:
        body: the text of the checkpoint, its last newline included.
        at: unix seconds.
    """
    return f"cosignature/v1\ntime {at}\n".encode() + body


def _base64(text: str) -> bytes:
    """Return the bytes; none where the text is not the one way to write them."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""
