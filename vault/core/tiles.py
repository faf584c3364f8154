"""Cut the log's tree into tiles of 256 hashes, and compute roots and proofs from them.

Decides how a tile is named, how many hashes it has at a size of the log, and which tiles a proof
needs: a handful, whatever the size. It reads nothing itself: the tiles are handed in as bytes, and
whether they are the log's own shows when the proof is checked against a signed root.
A *subtree* here is a perfect one, of 2^height leaves.
Source: c2sp.org/tlog-tiles; RFC 6962, 2.1; access-log note, 6.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vault.core import merkle
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
        hashes = beginnings.get(level, b"") + b"".join(more)
        first = size >> HEIGHT * (level + 1)
        full = [
            hashes[at : at + FULL_BYTES]
            for at in range(0, len(hashes) - FULL_BYTES + 1, FULL_BYTES)
        ]
        if not full:
            return made
        more = [merkle.root(split(one)) for one in full]
        made += [
            Full(level, first + place, one, root)
            for place, (one, root) in enumerate(zip(full, more, strict=True))
        ]
        level += 1


def split(hashes: bytes) -> list[bytes]:
    """Return the hashes of a tile one by one.

    Raises:
        ProofError: the last one is not whole.
    """
    if len(hashes) % HASH_BYTES:
        raise ProofError("a hash is not 32 bytes")
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


# --- roots and proofs ----------------------------------------------------------------------------


class Subtree(NamedTuple):
    """A perfect subtree."""

    height: int
    number: int  # among those of its height

    def place(self, size: int) -> tuple[Tile, int, int]:
        """Return the tile that it is in, and which of its hashes are below it: first, how many."""
        level, height = divmod(self.height, HEIGHT)
        n, first = divmod(self.number << height, WIDTH)
        return Tile.at(level, n, size), first, 1 << height


# What one hash of a proof covers, as its perfect subtrees from left to right.
Cover = tuple[Subtree, ...]


def covering(start: int, end: int) -> Cover:
    """Return the perfect subtrees of the leaves from `start` to `end`, end excluded.

    Precondition: the range is a node of a tree: `start` is a multiple of every size in it.
    """
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append(Subtree(height, start >> height))
        start += 1 << height
    return tuple(found)


def root_covers(size: int) -> list[Cover]:
    """Return what the root covers.

    Raises:
        ProofError: nothing is in the tree.
    """
    if size < 1:
        raise ProofError("the empty tree has no tiles")
    return [covering(0, size)]


def inclusion_covers(index: int, size: int) -> list[Cover]:
    """Return what each hash of an inclusion proof covers, from the leaf up.

    Raises:
        ProofError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError("there is no leaf at this index")
    found = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            found.append(covering(middle, end))
            end = middle
        else:
            found.append(covering(start, middle))
            start = middle
    return found[::-1]


def consistency_covers(old: int, size: int) -> list[Cover]:
    """Return what each hash of a consistency proof covers.

    Raises:
        ProofError: the old size is 0 or more than the new one.
    """
    if not 0 < old <= size:
        raise ProofError("there is no old tree of this size")
    found = []
    start, end = 0, size
    while old != end:
        middle = start + _left(end - start)
        if old <= middle:
            found.append(covering(middle, end))
            end = middle
        else:
            found.append(covering(start, middle))
            start = middle
    if start:  # else the old tree is the subtree itself, whose root the verifier holds
        found.append(covering(start, end))
    return found[::-1]


def needed(covers: Iterable[Cover], size: int) -> set[Tile]:
    """Return the tiles that hold what is covered, in a log of this size."""
    return {subtree.place(size)[0] for cover in covers for subtree in cover}


def hashes(covers: Iterable[Cover], size: int, held: Mapping[Tile, bytes]) -> list[bytes]:
    """Return the hash of each cover.

    Args:
        covers: of a proof, or of the root.
        size: of the log.
        held: the tiles that `needed` names.

    Raises:
        ProofError: a tile is shorter than its width.
    """
    return [_hash(cover, size, held) for cover in covers]


def _hash(cover: Cover, size: int, held: Mapping[Tile, bytes]) -> bytes:
    *left, result = (_root(subtree, size, held) for subtree in cover)
    for one in reversed(left):
        result = node_hash(one, result)
    return result


def _root(subtree: Subtree, size: int, held: Mapping[Tile, bytes]) -> bytes:
    tile, first, count = subtree.place(size)
    piece = held[tile][first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(piece) != count * HASH_BYTES:
        raise ProofError("a tile is shorter than its width")
    return merkle.root(split(piece))


def _left(size: int) -> int:
    """Return how many leaves the left subtree has: the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)
