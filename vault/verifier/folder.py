"""Read a log from a folder: its checkpoint, its tiles, its entries, in the layout that it is served.

    checkpoint                      the newest
    checkpoints/<size>              each that was seen: the memory against an older one
    tile/<L>/<N>[.p/<W>]            hashes
    tile/entries/<N>[.p/<W>]        entries, each with a u16 length in front

Whether the files fit each other is for `log.py`; here only their form is judged. Nothing is ever
taken beyond the size that a checkpoint names.
Source: access-log note, 6 and 12; c2sp.org/tlog-tiles.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from vault.verifier import checkpoint, note, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.entry import HEADER_BYTES
from vault.verifier.errors import BadError, CannotTellError, MissingError
from vault.verifier.file import read
from vault.verifier.memory import Memory
from vault.verifier.merkle import HASH_BYTES

MAX_BUNDLE = tile.WIDTH * (2 + 65_535)  # bytes

_WIDTH = re.compile("[1-9][0-9]{0,2}")


class Folder:
    """A log in files."""

    def __init__(self, path: Path | str) -> None:
        """Take a folder; nothing is read yet."""
        self.path = Path(path)
        self.memory = Memory(self.path / "checkpoints")

    def checkpoint(self, key: str, origin: str) -> Checkpoint:
        """Return the newest checkpoint, never one smaller than one that was seen here.

        Args:
            key: verifier key of the log.
            origin: of the log.

        Raises:
            CannotTellError: there is none.
            RollbackError: a larger one of this origin was seen before.
            BadError: it is malformed, forged or of another origin.
        """
        text = self.read("checkpoint", note.MAX_BYTES)
        if text is None:
            raise CannotTellError("The folder has no file `checkpoint`: fetch the log into it.")
        newest = checkpoint.open_(text, key=key, origin=origin)
        self.memory.refuse_older(newest, key=key)
        return newest

    def read(self, name: str, limit: int) -> bytes | None:
        """Return a file of at most `limit` bytes; None where there is none.

        Raises:
            CannotTellError: it cannot be read, or is no regular file.
            BadError: it is larger.
        """
        return read(self.path / name, limit, name)

    def hashes(self, level: int, n: int, width: int = tile.WIDTH) -> bytes:
        """Return the hashes of a tile in one piece; a full tile serves for any width.

        Raises:
            MissingError: there is no such tile.
            BadError: it has another width.
        """
        data, found = self._of_width(level, n, width, tile.WIDTH * HASH_BYTES)
        if len(data) != found * HASH_BYTES:
            raise BadError(f"{tile.path(level, n, found)} does not hold {found} hashes.")
        return data[: width * HASH_BYTES]

    def bundle(self, n: int, width: int = tile.WIDTH) -> list[bytes]:
        """Return the entries of a bundle.

        Raises:
            MissingError: there is no such bundle.
            BadError: it has another width, or lengths that do not fit.
        """
        data, found = self._of_width(tile.ENTRIES, n, width, MAX_BUNDLE)
        try:
            return split(data, found)[:width]
        except BadError as error:
            raise BadError(f"{tile.path(tile.ENTRIES, n, found)}: {error}") from None

    def bundles(self, from_index: int, size: int) -> Iterator[tuple[int, list[bytes]]]:
        """Give the entries from an index up to a size: the first one's index, then up to 256.

        Args:
            from_index: of the first entry.
            size: of the checkpoint that is believed.

        Raises:
            MissingError: there is no such bundle.
            BadError: a bundle has another width, or lengths that do not fit.
        """
        for n in range(from_index // tile.WIDTH, -(-size // tile.WIDTH)):
            entries = self.bundle(n, tile.width_of(0, n, size))
            first = max(from_index, n * tile.WIDTH)
            yield first, entries[first - n * tile.WIDTH :]

    def has_bundle(self, n: int) -> bool:
        """Say whether a full bundle is there, or what lies in its place and will be refused."""
        return (self.path / tile.path(tile.ENTRIES, n)).exists()

    def first_bundle(self, size: int) -> int:
        """Return the number of the bundle from which on all full ones are there."""
        first = size // tile.WIDTH
        while first and self.has_bundle(first - 1):
            first -= 1
        return first

    def _of_width(self, level: int | str, n: int, width: int, limit: int) -> tuple[bytes, int]:
        """Return the bytes of a tile of at least the width, and how wide it is."""
        for found in (tile.WIDTH, width):
            data = self.read(tile.path(level, n, found), limit)
            if data is not None:
                return data, found
        # A folder that was fetched later has only a longer one; what is cut from it is the same.
        partial = (self.path / tile.path(level, n, width)).parent
        names = [one.name for one in partial.iterdir()] if partial.is_dir() else []
        for found in sorted(int(name) for name in names if _WIDTH.fullmatch(name)):
            if width < found < tile.WIDTH:
                data = self.read(tile.path(level, n, found), limit)
                if data is not None:
                    return data, found
        raise MissingError(tile.path(level, n, width))


def split(data: bytes, count: int) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        BadError: they are not `count`, or a length does not fit.
    """
    entries: list[bytes] = []
    place, end = 0, len(data)
    while place < end:
        start = place + 2
        place = start + int.from_bytes(data[place:start])
        if start > end or place > end or place - start < HEADER_BYTES:
            raise BadError(f"The length before entry {len(entries)} of the bundle does not fit.")
        entries.append(data[start:place])
    if len(entries) != count:
        raise BadError(f"It holds {len(entries)} entries in place of {count}.")
    return entries
