"""Read from the mirror what the database lost, and believe nothing that the anchor does not prove.

1. hash tiles and bundles are walked from the first leaf: they must lead to the root that the anchor
   signs; where the database's own leaves part from them is found on the way;
2. lost entries are given again only from bundles that are what was proven.

A bundle at a time is in memory, however long the log is. Whose entry it is, is not known here.
Source: access-log note, 9 and 12.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vault.core.entry import Header, parse
from vault.core.errors import FormatError
from vault.core.log_errors import MirrorDamagedError
from vault.core.merkle import HASH_BYTES, Frontier, leaf_hash
from vault.core.tiles import ENTRIES, WIDTH, Tile
from vault.crypto.entry import masked
from vault.services.anchor import Anchor
from vault.services.log_folder import Folder

_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the mirror."""

    index: int
    header: Header
    packed: bytes  # the header's bytes, under which the payload is sealed
    payload: bytes
    place: bytes  # what the mask is a MAC of, for whoever tries many keys


@dataclass(slots=True)
class Proof:
    """The mirror's tree as it is walked, from the first leaf to the anchor."""

    folder: Folder
    anchor: Anchor
    start: int  # how far the database's log and the mirror are known to agree
    frontier: Frontier
    bundles: dict[int, bytes]  # number -> SHA-256 of a bundle that was hashed to its leaves

    @classmethod
    def of(cls, folder: Folder, anchor: Anchor, *, start: int) -> "Proof":
        """Begin at the first leaf; bundles before `start` need not be there."""
        return cls(folder, anchor, start, Frontier(), {})

    @property
    def size(self) -> int:
        """How many leaves the anchor covers."""
        return self.anchor.checkpoint.size

    def walk(self) -> Iterator[bytes]:
        """Give the leaf hashes, a tile at a time; `start` may be moved back to one that was given.

        Raises:
            MirrorDamagedError: something is missing, or does not lead to the anchor.
        """
        for n in range(-(-self.size // WIDTH)):
            tile = Tile.at(0, n, self.size)
            hashes = self.folder.tile(tile)
            if len(hashes) != tile.width * HASH_BYTES:
                raise MirrorDamagedError
            yield hashes  # whoever takes them may find that the database's part from here
            if (n + 1) * WIDTH > self.start:
                data = self.folder.tile(Tile(ENTRIES, n, tile.width))
                if b"".join(leaf_hash(one) for one in _split(data)) != hashes:
                    raise MirrorDamagedError
                self.bundles[n] = hashlib.sha256(data).digest()
            self.frontier.extend(
                hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)
            )
        if self.frontier.root() != self.anchor.checkpoint.root:
            raise MirrorDamagedError

    def entries(self) -> Iterator[Entry]:
        """Give the entries behind `start`, in order.

        Precondition: `walk` came to its end.

        Raises:
            MirrorDamagedError: a bundle is not what was proven.
        """
        for n in range(self.start // WIDTH, -(-self.size // WIDTH)):
            data = self.folder.tile(Tile.at(ENTRIES, n, self.size))
            if hashlib.sha256(data).digest() != self.bundles.get(n):
                raise MirrorDamagedError
            for index, one in enumerate(_split(data), start=n * WIDTH):
                if index >= self.start:
                    yield _entry(index, one)


def _entry(index: int, data: bytes) -> Entry:
    try:
        header, payload = parse(data)
    except FormatError:
        raise MirrorDamagedError from None
    place = masked(header.log_id, header.writer, header.seq, header.part)
    return Entry(index, header, data[: len(data) - len(payload)], payload, place)


def _split(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        if at + _LENGTH.size > len(data):
            raise MirrorDamagedError
        (length,) = _LENGTH.unpack_from(data, at)
        one = data[at + _LENGTH.size : at + _LENGTH.size + length]
        if len(one) != length:
            raise MirrorDamagedError
        yield one
        at += _LENGTH.size + length
