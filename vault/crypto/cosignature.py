"""Check what a witness signs: that it saw a checkpoint, when, and that the log never went back.

A witness's key is of type 0x04 (Ed25519) and signs the time with the text, or of type 0x06
(ML-DSA-44) and signs its name, the time and what the text says; so no signature of another kind
passes for a cosignature. Keys come from the operator, never from an answer.
Source: c2sp.org/tlog-cosignature; access-log note, 7.
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from vault.core.checkpoint import Checkpoint
from vault.core.errors import FormatError, SignatureError

ED25519: Final = 0x04
ML_DSA_44: Final = 0x06

_PUBLIC_BYTES: Final = {ED25519: 32, ML_DSA_44: 1_312}
_SIGNATURE_BYTES: Final = {ED25519: 64, ML_DSA_44: 2_420}
_BLOB: Final = struct.Struct(">4sQ")  # key id, unix seconds; then the signature
_LABEL: Final = b"subtree/v1\n\0"
_TREE: Final = struct.Struct(">QQ32s")  # first leaf, end, root
_SHORT: Final = range(1, 256)  # bytes of a name in what ML-DSA-44 signs
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who cosigns."""

    name: str
    key_id: bytes
    public: bytes
    kind: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key, `name+id+key`, of type 0x04 or 0x06.

        Raises:
            FormatError: it is malformed, of another type, or its id is not its own.
        """
        found = _KEY.fullmatch(text)
        data = _base64(found[3]) if found else b""
        if not found or not data or len(data) != 1 + _PUBLIC_BYTES.get(data[0], 0):
            raise FormatError
        if len(found[1].encode()) not in _SHORT:
            raise FormatError
        key_id = hashlib.sha256(found[1].encode() + b"\n" + data).digest()[:4]
        if key_id.hex() != found[2]:
            raise FormatError
        return cls(found[1], key_id, data[1:], data[0])

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
        if len(blob) != _BLOB.size + _SIGNATURE_BYTES[self.kind]:
            raise SignatureError
        _, at = _BLOB.unpack_from(blob)
        signature = blob[_BLOB.size :]
        try:
            if self.kind == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message(body, at))
            else:
                signed = tree_message(self.name, body, at)
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, UnsupportedAlgorithm):
            raise SignatureError from None
        # Without a time it says nothing of whether it signed a larger tree before.
        if not 0 < at < 1 << 63:
            raise SignatureError
        return True


def message(body: bytes, at: int) -> bytes:
    """Return the bytes that a witness with Ed25519 signs.

    Args:
        body: the text of the checkpoint, its last newline included.
        at: unix seconds.
    """
    return f"cosignature/v1\ntime {at}\n".encode() + body


def tree_message(name: str, body: bytes, at: int) -> bytes:
    """Return the bytes that a witness with ML-DSA-44 signs: its name, the time, the whole tree.

    Args:
        name: of the witness.
        body: the text of the checkpoint, its last newline included.
        at: unix seconds.

    Raises:
        SignatureError: the text is no checkpoint.
    """
    try:
        tree = Checkpoint.parse(body, body.decode().partition("\n")[0])
    except (FormatError, UnicodeDecodeError):
        raise SignatureError from None
    whole = _TREE.pack(0, tree.size, tree.root)
    return b"".join((_LABEL, _short(name), at.to_bytes(8), _short(tree.origin), whole))


def _short(text: str) -> bytes:
    data = text.encode()
    if len(data) not in _SHORT:
        raise SignatureError
    return bytes((len(data),)) + data


def _base64(text: str) -> bytes:
    """Return the bytes; none where the text is not the one way to write them."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""
