"""Lay out an entry of the access log, OAL1: 112 bytes of header, then the payload.

Decides which bytes are an entry and which are not. It knows no key: tag, veil and facts arrive as
bytes that `vault/crypto/entry.py` made, and the payload is opaque here. Outsiders read time,
writer, class, size of the batch and size in steps of 256 bytes from it, and nothing else.
Source: docs/formats.md, OAL1.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

from vault.core.errors import FormatError

MAGIC = b"OAL1"
HEADER_BYTES = 112
MAX_BYTES = 65_535  # an entry is prefixed by a u16 in the outbox and in bundles
MAX_PAYLOAD = MAX_BYTES - HEADER_BYTES
MAX_PARTS = 1_000  # customers of one batch record
VEIL_BYTES = 9  # u8 kind, u64 epoch
PAD_STEP = 256  # outsiders see a payload's size in these steps

_HEADER = struct.Struct(">4sHBBQ16sQHHQ16s9sB32sH")
_VEIL = struct.Struct(">BQ")
_LENGTH = struct.Struct(">H")
_CHUNK = 16_384  # of the committing format; one tag of 16 bytes for each chunk
_WIDTHS = (16, 16, VEIL_BYTES, 32)  # bytes of writer, tag, veil and facts
_ZEROS = (bytes(16), bytes(VEIL_BYTES), bytes(32))  # tag, veil and facts of the system's


class EntryClass(IntEnum):
    """Whose entry it is."""

    CUSTOMER = 1
    SYSTEM = 2


class Suite(IntEnum):
    """How the payload is kept."""

    CLEAR = 0
    COMMITTED = 1


_CLASSES = frozenset({(EntryClass.CUSTOMER, Suite.COMMITTED), (EntryClass.SYSTEM, Suite.CLEAR)})


class Kind(IntEnum):
    """What an entry records. Below 16: looks and writes; below 64: changes; then the system's."""

    READ = 1
    WRITTEN = 2
    DENIED = 3
    OWN_LOOK = 4
    STAFF_LOOK = 5
    EXPORT = 6
    RESOLVE = 7
    MARKED = 8  # a value was told of, disputed, confirmed; which one stands in place of a clause
    MAY_REACH = 9  # an app asked whether it may reach the customer; nothing was opened
    GIVEN = 16
    REFUSED = 17
    WITHDRAWN = 18
    TERMS = 19
    OBJECTED = 20
    RESTRICTED = 21
    LIFTED = 22
    ERASED = 23
    HELD = 24  # a legal hold was set
    RELEASED = 25  # one was lifted
    BOOT = 64
    FIN = 65
    CLOSE = 66
    CODE = 67
    REGISTRATION = 68
    KEY = 69
    ERASE = 70
    ORIGIN = 71
    CERTIFICATE = 72
    PRUNE = 73
    STAFF_ROLE = 74

    @property
    def entry_class(self) -> EntryClass:
        """The class whose header the kind belongs in."""
        return EntryClass.SYSTEM if self >= Kind.BOOT else EntryClass.CUSTOMER

    @property
    def is_change(self) -> bool:
        """Whether the entry's epoch is the new one that it brings."""
        return Kind.GIVEN <= self <= Kind.RELEASED


@dataclass(frozen=True, slots=True)
class Header:
    """The first 112 bytes of an entry."""

    log_id: int
    entry_class: EntryClass
    suite: Suite
    at: int  # unix ms: a look's arrival, else the time of recording
    writer: bytes  # 16 bytes
    seq: int
    part: int
    parts: int
    seen: int  # a size of this log, learned before the load began
    tag: bytes  # 16 bytes; zeros for the system's
    veil: bytes  # 9 bytes: kind and epoch under the mask; zeros for the system's
    facts: bytes  # 32 bytes; zeros for the system's
    length: int  # bytes of payload

    def pack(self) -> bytes:
        """Return the 112 bytes.

        Raises:
            FormatError: when a member has no place in the format.
        """
        _check(self)
        try:
            return _HEADER.pack(
                MAGIC,
                self.log_id,
                self.entry_class,
                self.suite,
                self.at,
                self.writer,
                self.seq,
                self.part,
                self.parts,
                self.seen,
                self.tag,
                self.veil,
                0,
                self.facts,
                self.length,
            )
        except struct.error:
            raise FormatError from None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the first 112 bytes of an entry.

        Raises:
            FormatError: for anything that `pack` does not write.
        """
        raw = _unpack(data)
        return cls(
            log_id=raw[1],
            entry_class=EntryClass(raw[2]),
            suite=Suite(raw[3]),
            at=raw[4],
            writer=raw[5],
            seq=raw[6],
            part=raw[7],
            parts=raw[8],
            seen=raw[9],
            tag=raw[10],
            veil=raw[11],
            facts=raw[13],
            length=raw[14],
        )


def customers_header(
    log_id: int,
    writer: bytes,
    seq: int,
    part: int,
    parts: int,
    at: int,
    seen: int,
    *,
    tag: bytes,
    veil: bytes,
    facts: bytes,
    length: int,
) -> bytes:
    """Return the header of an entry about a customer, as `Header.pack` does.

    Raises:
        FormatError: when a member has no place in the format.
    """
    _check_sizes(part, parts, length, (len(writer), len(tag), len(veil), len(facts)))
    kind, suite = EntryClass.CUSTOMER, Suite.COMMITTED
    try:
        return _HEADER.pack(
            MAGIC, log_id, kind, suite, at, writer, seq, part, parts, seen, tag, veil, 0, facts,
            length,
        )  # fmt: skip
    except struct.error:
        raise FormatError from None


def parse(data: bytes) -> tuple[Header, bytes]:
    """Split an entry into header and payload.

    Raises:
        FormatError: for unknown classes and suites, and for a length that does not end the entry.
    """
    header = Header.parse(data)
    if len(data) != HEADER_BYTES + header.length:
        raise FormatError
    return header, data[HEADER_BYTES:]


def place_of(entry: bytes) -> tuple[int, bytes, int, int, int]:
    """Return log, writer, seq, part and parts of an entry, all of whose header is checked.

    Raises:
        FormatError: as `parse`.
    """
    raw = _unpack(entry)
    if len(entry) != HEADER_BYTES + raw[14]:
        raise FormatError
    return raw[1], raw[5], raw[6], raw[7], raw[8]


def time_of(entry: bytes) -> int:
    """Return the time in an entry that `parse` takes, unix ms."""
    return int.from_bytes(entry[8:16])


def _unpack(data: bytes) -> tuple[Any, ...]:
    """Return the members of a header in the order of its bytes, and refuse other bytes."""
    if len(data) < HEADER_BYTES:
        raise FormatError
    raw = _HEADER.unpack_from(data)
    magic, _, entry_class, suite, _, _, _, part, parts, _, tag, veil, zero, facts, length = raw
    if magic != MAGIC or zero or not part < parts <= MAX_PARTS or length > MAX_PAYLOAD:
        raise FormatError
    if (entry_class, suite) not in _CLASSES:
        raise FormatError
    if entry_class == EntryClass.SYSTEM and (tag, veil, facts) != _ZEROS:
        raise FormatError
    return raw


def _check(header: Header) -> None:
    widths = (len(header.writer), len(header.tag), len(header.veil), len(header.facts))
    _check_sizes(header.part, header.parts, header.length, widths)
    if (header.entry_class, header.suite) not in _CLASSES:
        raise FormatError
    shown = (header.tag, header.veil, header.facts)
    if header.entry_class is EntryClass.SYSTEM and shown != _ZEROS:
        raise FormatError


def _check_sizes(part: int, parts: int, length: int, widths: tuple[int, int, int, int]) -> None:
    if not 0 <= part < parts <= MAX_PARTS or not 0 <= length <= MAX_PAYLOAD or widths != _WIDTHS:
        raise FormatError


def plain_veil(kind: int, epoch: int) -> bytes:
    """Return kind and epoch as the 9 bytes that a mask covers."""
    return _VEIL.pack(kind, epoch)


def read_veil(plain: bytes) -> tuple[int, int]:
    """Return kind and epoch from the 9 uncovered bytes."""
    kind, epoch = _VEIL.unpack(plain)
    return kind, epoch


def padded_bytes(data: int) -> int:
    """Return how many bytes `data` bytes take once padded: a u32 length, then up to the step."""
    return -(-(4 + data) // PAD_STEP) * PAD_STEP


def sealed_bytes(padded: int) -> int:
    """Return the size of a sealed payload: the header that seals it must name it beforehand."""
    return 56 + padded + 16 * (padded // _CHUNK + 1)


def join(entries: Iterable[bytes]) -> bytes:
    """Return entries as one row of the outbox: a u16 length before each."""
    parts: list[bytes] = []
    for entry in entries:
        parts += (_LENGTH.pack(len(entry)), entry)
    return b"".join(parts)


def split(data: bytes) -> list[bytes]:
    """Return the entries of one row of the outbox.

    Raises:
        FormatError: when a length points past the end.
    """
    entries = []
    place = 0
    while place < len(data):
        if place + 2 > len(data):
            raise FormatError
        (length,) = _LENGTH.unpack_from(data, place)
        place += 2 + length
        if place > len(data):
            raise FormatError
        entries.append(data[place - length : place])
    return entries
