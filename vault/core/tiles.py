"""Cut the log's tree into tiles of 256 hashes.

Decides how a tile is named, how many hashes it has at a size of the log, and which become full when
the log grows. It reads nothing itself. Roots and proofs from tiles are `tile_proof.py`.
Source: c2sp.org/tlog-tiles; access-log note, 6.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vault.core.errors import FormatError
from vault.core.merkle import HASH_BYTES, ProofError, node_hash

WIDTH: Final = 256  # hashes of a full tile
HEIGHT: Final = 8  # levels of the tree that one level of tiles spans
FULL_BYTES: Final = WIDTH * HASH_BYTES
ENTRIES: Final = -1  # the level of a bundle: the entries below the leaf hashes
MAX_LEVEL: Final = 63  # that a path may name; no log is that high

_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


class Tile(NamedTuple):
    """One tile, or a bundle of entries, as it is at some size of the log."""

    level: int  # 0: leaf hashes; L: roots of the full tiles of level L - 1; or ENTRIES
    n: int
    width: int  # 1 to 256

    @property
    def path(self) -> str:
        """The path below the log's address, in the one spelling that there is.

        >>> Tile(0, 1234067, 256).path, Tile(ENTRIES, 7, 3).path
        ('tile/0/x001/x234/067', 'tile/entries/007.p/3')
        """
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = str(self.n)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{level}/{number}" + ("" if self.width == WIDTH else f".p/{self.width}")

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Read a path.

        Raises:
            FormatError: for any spelling but the one that `path` gives.
        """
        found = _PATH.fullmatch(path)
        if found is None or found[2].startswith("x000"):
            raise FormatError
        level = ENTRIES if found[1] == "entries" else int(found[1])
        width = WIDTH if found[4] is None else int(found[4])
        if level > MAX_LEVEL or (found[4] is not None and width >= WIDTH):
            raise FormatError
        return cls(level, int(re.sub("[x/]", "", found[2]) + found[3]), width)

    def is_whole_at(self, size: int) -> bool:
        """Say whether the tile or bundle was full in a log of this size, so that it stays as it is.

        >>> Tile(0, 1, 256).is_whole_at(512), Tile(1, 0, 2).is_whole_at(512)
        (True, False)
        """
        return width_at(self.level, self.n, size) == WIDTH

    @classmethod
    def at(cls, level: int, n: int, size: int) -> "Tile":
        """Return a tile as it is in a log of this size.

        Raises:
            ProofError: it has nothing in it yet.
        """
        width = width_at(level, n, size)
        if not width:
            raise ProofError("the log has no such tile yet")
        return cls(level, n, width)


def width_at(level: int, n: int, size: int) -> int:
    """Return how many hashes (or entries) a tile has in a log of this size; 0 for none."""
    return max(0, min(WIDTH, (size >> HEIGHT * max(level, 0)) - WIDTH * n))


def all_at(size: int) -> Iterator[Tile]:
    """Give every tile of hashes of a log of this size, level by level; bundles are not among them."""
    level = 0
    while size >> HEIGHT * level:
        for n in range(-(-(size >> HEIGHT * level) // WIDTH)):
            yield Tile.at(level, n, size)
        level += 1


# --- what is in a tile ---------------------------------------------------------------------------


class Nodes:
    """The hashes of a tile, and the nodes of the tree over them, computed once."""

    __slots__ = ("_rows", "data")

    def __init__(self, data: bytes) -> None:
        """Take the hashes in one piece, and hash what is over them.

        Raises:
            ProofError: they are no whole hashes, or more than a tile has.
        """
        if len(data) % HASH_BYTES or not 0 < len(data) <= FULL_BYTES:
            raise ProofError("a tile has 1 to 256 hashes of 32 bytes")
        self.data = data
        self._rows = [[data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]]
        while len(self._rows[-1]) > 1:
            below = self._rows[-1]
            # A node without a partner belongs to no perfect subtree of this height.
            self._rows.append(
                [
                    node_hash(left, right)
                    for left, right in zip(below[::2], below[1::2], strict=False)
                ]
            )

    @property
    def width(self) -> int:
        """How many hashes there are."""
        return len(self._rows[0])

    @property
    def root(self) -> bytes:
        """The hash over a full tile.

        Precondition: it is full; partial tiles are never hashed upward.
        """
        return self.node(HEIGHT, 0)

    def hash_of(self, place: int) -> bytes:
        """Return the hash at a place of the tile.

        Raises:
            ProofError: it is not so wide.
        """
        return self.node(0, place)

    def node(self, height: int, number: int) -> bytes:
        """Return the node over 2^height hashes.

        Raises:
            ProofError: the tile is not so wide.
        """
        if height >= len(self._rows) or number >= len(self._rows[height]):
            raise ProofError("a tile is shorter than its width")
        return self._rows[height][number]


# --- growing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Full:
    """A tile that became full, with the hash over it: its place in the level above."""

    level: int
    n: int
    hashes: bytes
    root: bytes


def begun(size: int, count: int) -> list[Tile]:
    """Return the partial tiles at `size` that `count` more leaves fill; `grown` asks for them."""
    found = []
    level = 0
    while (size + count) >> HEIGHT * (level + 1) > size >> HEIGHT * (level + 1):
        n, width = divmod(size >> HEIGHT * level, WIDTH)
        if width:
            found.append(Tile(level, n, width))
        level += 1
    return found


def grown(size: int, leaves: Sequence[bytes], held: Mapping[Tile, bytes]) -> list[Full]:
    """Return the tiles that become full when leaf hashes are added at the right.

    Args:
        size: of the log before.
        leaves: what is added.
        held: the hashes of the tiles that `begun` names.
    """
    made: list[Full] = []
    level = 0
    more = list(leaves)
    beginnings = {tile.level: held[tile] for tile in begun(size, len(leaves))}
    while True:
        joined = beginnings.get(level, b"") + b"".join(more)
        first = size >> HEIGHT * (level + 1)
        full = [
            joined[at : at + FULL_BYTES]
            for at in range(0, len(joined) - FULL_BYTES + 1, FULL_BYTES)
        ]
        if not full:
            return made
        more = [Nodes(one).root for one in full]
        made += [
            Full(level, first + place, one, root)
            for place, (one, root) in enumerate(zip(full, more, strict=True))
        ]
        level += 1
