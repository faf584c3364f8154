"""Find, read and check the entries of whoever's key it is: kind, epoch, payload and facts.

Decides whether an entry is a key's, and what it says. It knows no log: whether the entry is in one
is for `vault/verifier/entry.py` and its neighbours. An entry that a tag finds and a seal key does
not open is bad, for nobody else can make one.
Source: docs/formats.md, 2, 5, 14 and 15; c2sp.org/chunked-encryption, v1.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.verifier import strict_json
from vault.verifier.errors import BadError

HEADER_BYTES: Final = 112
KEY_BYTES: Final = 32

_TAG: Final = slice(52, 68)
_VEIL: Final = slice(68, 77)
_FACTS: Final = slice(78, 110)
_STEP: Final = 256  # a payload is padded to a multiple of it
_CHUNK: Final = 16_384
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = 56  # salt[24] and commitment[32]
_LABEL: Final = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_SHUT: Final = "An entry does not open with the key whose tag it has."


def kind_and_epoch(tag_key: bytes, entry: bytes) -> tuple[int, int] | None:
    """Return what an entry is and the epoch it tells; None when it is not this key's.

    Args:
        tag_key: 32 bytes.
        entry: at least its header of 112 bytes.
    """
    # u16 log_id, writer, u64 seq and u16 part stand in the header as the tag takes them.
    place = entry[4:6] + entry[16:32] + entry[32:40] + entry[40:42]
    mask = hmac.digest(tag_key, b"ownship/tag/v1\0" + place, "sha256")
    if not hmac.compare_digest(mask[:16], entry[_TAG]):
        return None
    plain = bytes(a ^ b for a, b in zip(entry[_VEIL], mask[16:25], strict=True))
    return plain[0], int.from_bytes(plain[1:])


def open_(seal_key: bytes, entry: bytes, origin: str) -> dict[str, object]:
    """Return the members of an entry's payload.

    Raises:
        BadError: another key, log or entry; a changed byte; no canonical JSON object in it.
    """
    header, sealed = entry[:HEADER_BYTES], entry[HEADER_BYTES:]
    text = _unpadded(_opened(seal_key, b"ownship/entry/v1\0" + header + origin.encode(), sealed))
    said = strict_json.read(text)
    if not isinstance(said, dict) or strict_json.canonical(said) != text:
        raise BadError("An entry's payload is not the canonical JSON of an object.")
    return said


def check(said: Mapping[str, object], entry: bytes, kind: int, epoch: int) -> None:
    """Check that a payload says what its header says: kind, epoch and the hash of its facts.

    Raises:
        BadError: naming which of them differs.
    """
    if (said.get("kind"), said.get("epoch")) != (kind, epoch):
        raise BadError("An entry's payload has another kind or epoch than its veil.")
    if facts(said) != entry[_FACTS]:
        raise BadError("An entry's payload does not give the hash of its facts.")


def facts(said: Mapping[str, object]) -> bytes:
    """Return the hash of what compliance counts of an entry, from its payload.

    Raises:
        BadError: a member that is counted is missing or of another type.
    """
    try:
        parts = (
            b"ownship/facts/v1\0",
            _hex(said["salt"], 16),
            _whole(said["kind"]).to_bytes(1),
            _name(said["app"]),
            _name(said["purpose"]),
            _hex(said["code"], 32) if said["code"] else bytes(32),
            _count(said["allowed"]),
            _count(said["withheld"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadError("An entry's payload lacks what its facts are made of.") from None
    return hashlib.sha256(b"".join(parts)).digest()


def _opened(key: bytes, context: bytes, sealed: bytes) -> bytes:
    body = len(sealed) - _HEAD_BYTES
    chunk = _CHUNK + _TAG_BYTES
    if len(key) != KEY_BYTES or body < _TAG_BYTES or body % chunk < _TAG_BYTES:
        raise BadError(_SHUT)
    material = _expand(key, _LABEL + sealed[:24] + context, 76)
    if not hmac.compare_digest(material[44:], sealed[24:_HEAD_BYTES]):
        raise BadError(_SHUT)
    cipher, base = AESGCM(material[:32]), int.from_bytes(material[32:44])
    try:
        return b"".join(
            cipher.decrypt((base ^ number).to_bytes(12), sealed[start : start + chunk], None)
            for number, start in enumerate(range(_HEAD_BYTES, len(sealed), chunk))
        )
    except InvalidTag:
        raise BadError(_SHUT) from None


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """Return HKDF-Expand with SHA-512 (RFC 5869, 2.3)."""
    made, block = b"", b""
    for number in range(1, -(-length // 64) + 1):
        block = hmac.digest(key, block + info + bytes([number]), "sha512")
        made += block
    return made[:length]


def _unpadded(padded: bytes) -> bytes:
    end = 4 + int.from_bytes(padded[:4])
    if len(padded) != -(-end // _STEP) * _STEP or padded[end:].strip(b"\0"):
        raise BadError("An entry's payload is padded otherwise than to the next 256 bytes.")
    return padded[4:end]


def _name(value: object) -> bytes:
    if value is None:
        return bytes(16)
    if not isinstance(value, str):
        raise TypeError
    return hashlib.sha256(value.encode()).digest()[:16]


def _hex(value: object, size: int) -> bytes:
    if not isinstance(value, str):
        raise TypeError
    data = bytes.fromhex(value)
    if len(data) != size or data.hex() != value:
        raise ValueError
    return data


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _count(value: object) -> bytes:
    if not isinstance(value, list):
        raise TypeError
    return len(value).to_bytes(2)
