"""Check what writers may do, entry by entry in the order of the log: invariants L2 and L3.

L2, by writer: `boot` first, no gap in seq, parts complete and in order, time and `seen` never fall,
`seen` is at most the entry's own index, nothing after `fin` or `close`.
L3, over all: `fresh.py`. What it finds is kept, not raised: a leader that was idle once is a
finding, and no reason to leave the rest unchecked.

A million entries pass here, so what holds is decided on unpacked numbers alone, a list a writer;
what fails, and the system's own few entries, are read by `system_entry.py` and `entry.py`.
Source: access-log note, 2 and 10.
"""

import re
import struct
from collections.abc import Sequence
from hashlib import sha256

from vault.verifier import entry, system_entry
from vault.verifier.entry import Header
from vault.verifier.errors import CannotTellError, EntryError
from vault.verifier.fresh import Fresh

_LOG = re.compile(r".+/log/([1-9][0-9]{0,4})")
_HEAD = struct.Struct(">4sHBB")
# What leads an entry (8 bytes), at, writer, seq, part, parts, seen, byte 77, length.
_UNPACK = struct.Struct(">8sQ16sQHHQ25xB32xH").unpack_from

_SEQ, _PART, _PARTS, _AT, _SEEN = range(5)  # places in a writer's list


class Sequences:
    """What each writer wrote last, and how fresh what it knew was."""

    def __init__(self, origin: str, *, open_until: int = 0, pruned: bool = False) -> None:
        """Begin a log.

        Args:
            origin: of the log; its number is in it.
            open_until: an index; a writer first met before it may have begun earlier.
            pruned: whether any writer may have begun in what was pruned.
        """
        match = _LOG.fullmatch(origin)
        self.log_id = int(match[1]) if match else 0
        self.minimum = 0  # what `prune` says: entries below it need not be served
        self.stale: EntryError | None = None  # the first entry that L3 refuses
        self.stale_count = 0
        self.newer: CannotTellError | None = None  # an entry that a newer checker must read
        self._fresh = Fresh()
        self._customer = _HEAD.pack(entry.MAGIC, self.log_id, entry.CUSTOMER, entry.COMMITTED)
        self._open_until = open_until
        self._pruned = pruned
        self._writers: dict[bytes, list[int]] = {}
        self._ended: dict[bytes, str] = {}

    @property
    def writers(self) -> int:
        """How many writers were met."""
        return len(self._writers.keys() | self._ended.keys())

    def take(self, first: int, entries: Sequence[bytes]) -> bytes:
        """Check the next entries and return their leaf hashes in one piece.

        Args:
            first: index of the first one.
            entries: each of at least 112 bytes.

        Raises:
            EntryError: L2 does not hold, or an entry is malformed.
        """
        customer, writers, is_stale = self._customer, self._writers, self._fresh.is_stale
        hashes = []
        for index, data in enumerate(entries, first):
            head, at, writer, seq, part, parts, seen, zero, length = _UNPACK(data)
            known = writers.get(writer)
            if (
                known is None
                or head != customer
                or zero
                or length != len(data) - entry.HEADER_BYTES
                or not part < parts <= entry.MAX_PARTS
            ):
                known = self._other(index, data, known)
            elif (
                (seq != known[_SEQ] or part != known[_PART] + 1 or parts != known[_PARTS])
                if part
                else (seq != known[_SEQ] + 1 or known[_PART] + 1 != known[_PARTS])
            ):
                raise _out_of_order(index, data, known)
            if at < known[_AT] or seen < known[_SEEN] or seen > index:
                raise _fell(index, data, known)
            if is_stale(index, at, seen) and index >= self._open_until:
                self.stale_count += 1
                self.stale = self.stale or _stale(index, data)
            known[:] = seq, part, parts, at, seen
            hashes.append(sha256(b"\x00" + data).digest())
        return b"".join(hashes)

    def finish(self, size: int) -> None:
        """Refuse records that lack a part at the end of the log.

        Raises:
            EntryError: naming the newest part that is there.
        """
        for writer, (seq, part, parts, _, _) in self._writers.items():
            if part + 1 != parts:
                raise EntryError(size - 1, (writer, seq, part), _CUT)

    def _other(self, index: int, data: bytes, known: list[int] | None) -> list[int]:
        """Check an entry that begins a writer, is of the system, or is malformed.

        Returns:
            The writer's list; of a writer that begins, it holds this entry already.
        """
        try:
            header, members = system_entry.read(index, data)
        except CannotTellError as error:
            # Told at the end: what is hashed to the root first is known to be no forgery.
            self.newer = self.newer or error
            header, members = entry.parse(data), {}
        kind = members.get("kind")
        if header.log_id != self.log_id:
            raise _error(index, header, "It is of another log: entries were mixed.")
        if header.writer in self._ended:
            how = self._ended[header.writer]
            raise _error(
                index, header, f"Its writer had ended with {how}: it came too late to be true."
            )
        if known is None:
            known = self._begin(index, header, begins=kind == entry.BOOT)
        elif kind == entry.BOOT:
            raise _error(index, header, "Its writer begins a second time.")
        else:
            _check_order(index, data, header, known)
        if kind == entry.FIN:
            self._end(index, header, header.writer, "fin")
        if kind == entry.CLOSE:
            self._end(index, header, system_entry.closed(index, header, members), "close")
        if kind == entry.PRUNE:
            self.minimum = max(self.minimum, system_entry.minimum(index, header, members))
        return known

    def _begin(self, index: int, header: Header, *, begins: bool) -> list[int]:
        if header.seq == 0 and not begins:
            raise _error(index, header, "Its writer does not begin with boot.")
        if begins and (header.seq, header.parts) != (0, 1):
            raise _error(index, header, "It is a boot that begins no writer.")
        if header.seq and not (self._pruned or index < self._open_until):
            raise _error(
                index, header, "Its writer's earlier records are missing: they were left out."
            )
        begun = [header.seq, header.part, header.parts, header.at, header.seen]
        self._writers[header.writer] = begun
        return begun

    def _end(self, index: int, header: Header, writer: bytes, how: str) -> None:
        known = self._writers.pop(writer, None)
        self._ended.setdefault(writer, how)
        own = writer == header.writer
        part, parts = (header.part, header.parts) if own or not known else known[_PART : _PARTS + 1]
        if part + 1 != parts:
            raise _error(index, header, "A writer ends before its record does.")


_CUT = "The log ends before this record does: what it says of the others is left out."


def _check_order(index: int, data: bytes, header: Header, known: list[int]) -> None:
    seq, part, parts = known[: _PARTS + 1]
    follows = (seq, part + 1) if part + 1 < parts else (seq + 1, 0)
    if (header.seq, header.part) != follows or (header.part and header.parts != parts):
        raise _out_of_order(index, data, known)


def _out_of_order(index: int, data: bytes, known: list[int]) -> EntryError:
    header = entry.parse(data)
    seq, part, parts = known[: _PARTS + 1]
    if (header.seq, header.part) <= (seq, part):
        return _error(
            index, header, "A record of this place stands before it: one was doubled or moved."
        )
    if part + 1 == parts and header.seq > seq + 1:
        return _error(
            index, header, f"Record {seq + 1} of its writer is missing: it was left out of the log."
        )
    return _error(
        index, header, f"Record {seq} of its writer lacks a part, or has them out of order."
    )


def _fell(index: int, data: bytes, known: list[int]) -> EntryError:
    header = entry.parse(data)
    if header.seen > index:
        return _error(index, header, "It had seen more entries than there were before it.")
    what = "time" if header.at < known[_AT] else "view of the log"
    return _error(
        index, header, f"Its {what} is older than that of its writer's record before: it was moved."
    )


def _stale(index: int, data: bytes) -> EntryError:
    return _error(
        index,
        entry.parse(data),
        "It was decided without knowing entries over 70 s older than it: the log's leader was idle "
        "or held back. That a withdrawal of that time was obeyed cannot be shown.",
    )


def _error(index: int, header: Header, what: str) -> EntryError:
    return EntryError(index, (header.writer, header.seq, header.part), what)
