"""Make the parts of a log entry that need a key: tag, veil, facts and the sealed payload.

Only the customer's tag key finds an entry or reads its kind and epoch, and only the seal key opens
it; both come from the audit key and die with it. Facts hash what compliance counts, under a salt,
so that counts stay provable after erasure. The layout of an entry is `vault/core/entry.py`.
Source: docs/formats.md, 14.
"""

import hashlib
import struct

from vault.core.errors import FormatError, OpenError
from vault.crypto import committed, context
from vault.crypto.digest import hex32, name16
from vault.crypto.hkdf import Keyed, expand
from vault.crypto.padding import pad_payload, unpad_payload
from vault.crypto.random import Chances

SALT_BYTES = 16
WRITER_BYTES = 16

_HEADER_BYTES = 112
_MASK = struct.Struct(">H16sQH")  # log_id, writer, seq, part
_COUNTS = struct.Struct(">HH")  # allowed, withheld
_KIND = struct.Struct(">B")
_TAG_KEY, _SEAL_KEY = b"ownship/audit-tag/v1\0", b"ownship/audit-seal/v1\0"
_BAD_PLACE = "the place of an entry does not fit its format"


def tag_key(audit_key: bytes) -> bytes:
    """Return the key that finds entries; a customer may be given it."""
    return expand(audit_key, _TAG_KEY)


def seal_key(audit_key: bytes) -> bytes:
    """Return the key that opens payloads; a customer may be given it."""
    return expand(audit_key, _SEAL_KEY)


def both_keys(audit_key: bytes) -> tuple[bytes, bytes]:
    """Return `tag_key` and `seal_key`, for whoever writes an entry."""
    keyed = Keyed(audit_key)
    return keyed.expand(_TAG_KEY), keyed.expand(_SEAL_KEY)


def mask(audit_key: bytes, log_id: int, writer: bytes, seq: int, part: int) -> bytes:
    """Return M, 32 bytes: the tag is M[0:16], and M[16:25] covers kind and epoch.

    Raises:
        ValueError: when the place of the entry does not fit the format.
    """
    return mask_at(tag_key(audit_key), masked(log_id, writer, seq, part))


def masked(log_id: int, writer: bytes, seq: int, part: int) -> bytes:
    """Return what the mask is a MAC of, for whoever tries many keys on one entry.

    Raises:
        ValueError: as `mask`.
    """
    try:
        place = _MASK.pack(log_id, writer, seq, part)
    except struct.error:
        raise ValueError(_BAD_PLACE) from None
    if len(writer) != WRITER_BYTES:  # `pack` would fill or cut it
        raise ValueError(_BAD_PLACE)
    return b"ownship/tag/v1\0" + place


def mask_at(key: bytes, place: bytes) -> bytes:
    """Return M of a place from `masked`, under a tag key."""
    return Keyed(key).mac(place)


def facts(
    salt: bytes,
    *,
    kind: int,
    app: str | None,
    purpose: str | None,
    code: str,
    allowed: int,
    withheld: int,
) -> bytes:
    """Return the 32 bytes that fix what is counted, without showing it.

    Args:
        salt: 16 random bytes, which the payload holds too.
        kind: u8, of the entry.
        app: client id, if an app asked.
        purpose: its id, if one was named.
        code: SHA-256 in hex of the code of ethics; "" before the first.
        allowed: u16, number of names allowed.
        withheld: u16, number of names withheld.

    Raises:
        FormatError: when a member has no place in the format.
        ValueError: when the salt has not 16 bytes.
    """
    counted_ = counted(
        kind=kind, app=app, purpose=purpose, code=code, allowed=allowed, withheld=withheld
    )
    return facts_of(salt, counted_)


def counted(
    *, kind: int, app: str | None, purpose: str | None, code: str, allowed: int, withheld: int
) -> bytes:
    """Return what facts hash behind the salt, the same for many entries; as for `facts`.

    Raises:
        FormatError: when a member has no place in the format.
    """
    try:
        number, counts = _KIND.pack(kind), _COUNTS.pack(allowed, withheld)
    except struct.error:
        raise FormatError from None
    return b"".join((number, name16(app), name16(purpose), hex32(code), counts))


def facts_of(salt: bytes, counted_: bytes) -> bytes:
    """Return the facts of what `counted` gave.

    Raises:
        ValueError: when the salt has not 16 bytes.
    """
    if len(salt) != SALT_BYTES:
        msg = "a salt has 16 bytes"
        raise ValueError(msg)
    return hashlib.sha256(b"ownship/facts/v1\0" + salt + counted_).digest()


def seal_payload(
    sealing: bytes, header: bytes, origin: str, payload: bytes, *, chances: Chances | None = None
) -> bytes:
    """Pad and seal an entry's payload.

    Args:
        sealing: the customer's `seal_key`; for nobody the deployment's own.
        header: the 112 bytes, whose last two are the length of what this returns.
        origin: the log's.
        payload: canonical JSON.
        chances: where its salt is drawn from, for one of many entries.

    Raises:
        ValueError: when the header is not 112 bytes or announces another length.
    """
    where = _context(header, origin)
    sealed = committed.seal(sealing, where, pad_payload(payload), chances=chances)
    if len(sealed) != int.from_bytes(header[-2:]):
        msg = "the header announces another length"
        raise ValueError(msg)
    return sealed


def open_payload(audit_key: bytes, header: bytes, origin: str, sealed: bytes) -> bytes:
    """Return the canonical JSON of an entry, for the customer it is about.

    Raises:
        OpenError: for another key, log or entry, a changed byte.
    """
    if len(header) != _HEADER_BYTES:
        raise OpenError
    plain = committed.open_(seal_key(audit_key), _context(header, origin), sealed)
    return unpad_payload(plain)


def _context(header: bytes, origin: str) -> bytes:
    if len(header) != _HEADER_BYTES:
        msg = "a header has 112 bytes"
        raise ValueError(msg)
    return context.entry(header, origin)
