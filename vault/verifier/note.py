"""Open signed notes: text that someone known has signed, and nothing but that.

A note is opened with the keys that the reader brings; keys never come from the note. Signatures
of unknown keys are ignored, and one bad signature by a known key refuses the whole note.
Source: c2sp.org/signed-note; docs/formats.md.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.verifier import strict_base64
from vault.verifier.errors import KeyFormatError, NoteError

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100
ED25519 = 0x01  # the type of a key
COSIGNATURE, COSIGNATURE_ML_DSA = 0x04, 0x06  # of a witness: Ed25519, ML-DSA-44
PUBLIC_BYTES = {ED25519: 32, COSIGNATURE: 32, COSIGNATURE_ML_DSA: 1_312}
KEY_ID_BYTES = 4

_SIGNATURE = re.compile("— ([^ ]+) ([A-Za-z0-9+/]+=*)")
_VERIFIER_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may sign."""

    name: str
    key_id: bytes
    public: bytes
    kind: int

    @classmethod
    def parse(cls, text: str, *, kinds: Sequence[int] = (ED25519,)) -> "VerifierKey":
        """Read `name+id+key` of one of some types.

        Raises:
            KeyFormatError: malformed, of another type, or with an id that is not the key's.
        """
        match = _VERIFIER_KEY.fullmatch(text)
        if not match or not _is_name(match[1]):
            raise KeyFormatError("A verifier key is written NAME+ID+KEY.")
        name, key_id, data = match[1], bytes.fromhex(match[2]), strict_base64.read(match[3])
        kind = next((one for one in kinds if data and data[0] == one), None)
        if data is None or kind is None or len(data) != 1 + PUBLIC_BYTES[kind]:
            several = " or ".join(f"{PUBLIC_BYTES[one]} bytes of type {one}" for one in kinds)
            raise KeyFormatError(f"A verifier key holds {several}, here.")
        if hashlib.sha256(name.encode() + b"\n" + data).digest()[:KEY_ID_BYTES] != key_id:
            raise KeyFormatError("The id of the verifier key does not belong to it.")
        return cls(name, key_id, data[1:], kind)


def open_note(text: bytes, verifier_keys: Sequence[str]) -> bytes:
    """Return the text that a known key has signed, its last newline included.

    1. read the keys;
    2. split text and signatures at the last empty line;
    3. read every signature line, and refuse the note for a malformed one;
    4. verify those of known keys: all of them must hold, and there must be one.

    Raises:
        KeyFormatError: no keys, or a malformed one.
        NoteError: the note is malformed, a known key's signature fails, or no known key signed.
    """
    keys = {(key.name, key.key_id): key for key in map(VerifierKey.parse, verifier_keys)}
    if not keys:
        raise KeyFormatError("There is no verifier key.")
    signed, lines = signatures(text)
    known = 0
    for name, key_id, signature in lines:
        key = keys.get((name, key_id))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
        except InvalidSignature:
            raise NoteError(f"The signature of {name} is wrong.") from None
        known += 1
    if not known:
        raise NoteError("None of the given keys has signed this.")
    return signed


def signatures(note: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    """Return the text of a note and its signatures, unverified: name, key id, signature.

    Raises:
        NoteError: the note is malformed.
    """
    text, lines = _split(note)
    return text, [_signature(line) for line in lines]


def _split(note: bytes) -> tuple[bytes, list[str]]:
    if len(note) > MAX_BYTES:
        raise NoteError("A signed note has at most 1 MB.")
    try:
        text = note.decode()
    except UnicodeDecodeError:
        raise NoteError("A signed note is UTF-8.") from None
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise NoteError("A signed note has no control characters but newlines.")
    if not text.endswith("\n"):
        raise NoteError("A signed note ends with a newline.")
    body, separator, rest = text.rpartition("\n\n")
    if not separator:
        raise NoteError("A signed note has an empty line before its signatures.")
    # Not `splitlines`: it would also cut at U+0085 and U+2028.
    lines = rest[:-1].split("\n")
    if not rest or len(lines) > MAX_SIGNATURES:
        raise NoteError("A signed note has 1 to 100 signatures.")
    return f"{body}\n".encode(), lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.fullmatch(line)
    if not match or not _is_name(match[1]):
        raise NoteError("A signature line is malformed.")
    data = strict_base64.read(match[2])
    if data is None or len(data) <= KEY_ID_BYTES:
        raise NoteError("A signature is not base64 of a key id and a signature.")
    return match[1], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name))
