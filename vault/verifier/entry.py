"""Read an entry of the access log strictly: the 112 bytes of header, then the payload.

Whatever the format does not say is refused: unknown versions, classes and suites, a length that
does not end the entry, a part outside of its batch. What a payload says is for those who have its
key; of the system's entries, which are in clear, `clear` reads it.
Source: access-log note, 2 and 12; docs/formats.md, OAL1.
"""

import struct
from typing import NamedTuple

from vault.verifier import strict_json
from vault.verifier.errors import BadError, CannotTellError

MAGIC = b"OAL1"
HEADER_BYTES = 112
MAX_BYTES = 65_535
MAX_PARTS = 1_000  # customers of one batch record
CUSTOMER, SYSTEM = 1, 2  # class
CLEAR, COMMITTED = 0, 1  # suite
VERSION = 1  # of a payload

BOOT, FIN, CLOSE, PRUNE = 64, 65, 66, 73
SYSTEM_KINDS = range(64, 75)

_HEADER = struct.Struct(">4sHBBQ16sQHHQ16s9sB32sH")
_NOTHING = (bytes(16), bytes(9), bytes(32))


class Header(NamedTuple):
    """The first 112 bytes."""

    log_id: int
    entry_class: int
    suite: int
    at: int  # unix ms
    writer: bytes  # 16 bytes
    seq: int
    part: int
    parts: int
    seen: int  # a size of the log
    tag: bytes  # 16 bytes
    veil: bytes  # 9 bytes
    facts: bytes  # 32 bytes
    length: int  # bytes of payload, which begins at HEADER_BYTES


def parse(data: bytes) -> Header:
    """Read the header of an entry.

    Raises:
        BadError: it is no entry; the sentence says why.
    """
    if len(data) < HEADER_BYTES:
        raise BadError("It is shorter than the header of an entry.")
    magic, log_id, entry_class, suite, *places, zero, facts, length = _HEADER.unpack_from(data)
    at, writer, seq, part, parts, seen, tag, veil = places
    if magic != MAGIC:
        raise BadError("It is no entry of a version that this checker knows.")
    if entry_class not in {CUSTOMER, SYSTEM}:
        raise BadError(f"Its class {entry_class} is unknown.")
    if suite not in {CLEAR, COMMITTED}:
        raise BadError(f"Its suite {suite} is unknown.")
    if (suite == COMMITTED) != (entry_class == CUSTOMER):
        raise BadError("A customer's entry is sealed and one of the system is clear; it is not so.")
    if zero:
        raise BadError("Its byte 77 is not zero.")
    if not part < parts <= MAX_PARTS:
        raise BadError(f"It is part {part} of {parts}: there is no such part of a record.")
    if len(data) != HEADER_BYTES + length:
        raise BadError("Its length does not end it.")
    if entry_class == SYSTEM and (tag, veil, facts) != _NOTHING:
        raise BadError("An entry of the system has a tag, a veil or facts.")
    return Header(
        log_id, entry_class, suite, at, writer, seq, part, parts, seen, tag, veil, facts, length
    )


def clear(data: bytes) -> dict[str, object]:
    """Return what an entry of the system says.

    Precondition: `parse` took it, and it is of class SYSTEM.

    Raises:
        BadError: this is no payload of such an entry; the sentence says why.
        CannotTellError: its kind is newer than this checker.
    """
    payload = data[HEADER_BYTES:]
    members = strict_json.read(payload)
    if not isinstance(members, dict) or strict_json.canonical(members) != payload:
        raise BadError("Its payload is not canonical JSON.")
    version, kind = members.get("v"), members.get("kind")
    if type(version) is not int or version != VERSION:
        raise BadError("Its payload is of a version that this checker does not know.")
    if type(kind) is not int or kind < BOOT:
        raise BadError("Its kind is none of the system's.")
    if kind not in SYSTEM_KINDS:
        raise CannotTellError(f"Its kind {kind} is newer than this checker: take a newer one.")
    return members
