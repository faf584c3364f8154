"""Open signed notes: text that a known Ed25519 key has signed, and nothing but that.

Keys never come from the note. Signatures of unknown keys are ignored, and one that fails by a known
key refuses the whole note. The independent checker has a reader of its own; tests compare them.
Source: c2sp.org/signed-note; docs/formats.md, 11.
"""

import base64
import re
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.core.errors import SignatureError
from vault.crypto.signing import note_key_id

MAX_BYTES: Final = 1_000_000
MAX_SIGNATURES: Final = 100
KEY_ID_BYTES: Final = 4

_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")

# Who may sign: (name, key id) -> 32 bytes of the public key.
Keys = Mapping[tuple[str, bytes], bytes]


def known(name: str, *publics: bytes) -> Keys:
    """Return the keys that may sign under one name."""
    return {(name, note_key_id(name, public)): public for public in publics}


def open_(text: bytes, keys: Keys) -> bytes:
    """Return the text that a known key has signed, its last newline included.

    Raises:
        SignatureError: the note is malformed, a known key's signature fails, or no known one signed.
    """
    body, lines = _split(text)
    signatures = [_signature(line) for line in lines]
    found = [(keys[name, id_], blob) for name, id_, blob in signatures if (name, id_) in keys]
    if not found:
        raise SignatureError
    for public, signature in found:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
        except InvalidSignature:
            raise SignatureError from None
    return body


def _split(note: bytes) -> tuple[bytes, list[str]]:
    if len(note) > MAX_BYTES:
        raise SignatureError
    try:
        text = note.decode()
    except UnicodeDecodeError:
        raise SignatureError from None
    body, separator, rest = text.rpartition("\n\n")
    # Not `splitlines`: it would also cut at U+0085 and U+2028.
    *lines, end = rest.split("\n")
    if not separator or end or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise SignatureError
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise SignatureError
    return f"{body}\n".encode(), lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise SignatureError
    try:
        blob = base64.b64decode(found[2], validate=True)
    except ValueError:
        raise SignatureError from None
    # `validate` ignores spare bits: two texts for the same bytes, so compare.
    if base64.b64encode(blob).decode() != found[2] or len(blob) <= KEY_ID_BYTES:
        raise SignatureError
    return found[1], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:]
