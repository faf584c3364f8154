"""Compute the root of the log's tree, and proofs in it, from tiles: a handful, whatever the size.

Decides which tiles a proof needs and which of their nodes it is made of. The tiles are handed in, and
whether they are the log's own shows when what comes out is checked against a signed root.
A *subtree* here is a perfect one, of 2^height leaves.
Source: RFC 6962, 2.1; RFC 9162, 2.1.3 and 2.1.4; c2sp.org/tlog-tiles.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vault.core.merkle import ProofError, node_hash
from vault.core.tiles import HEIGHT, WIDTH, Nodes, Tile


class Subtree(NamedTuple):
    """A perfect subtree."""

    height: int
    number: int  # among those of its height

    def place(self, size: int) -> tuple[Tile, int, int]:
        """Return the tile that it is in, and where there: its height, its number."""
        level, height = divmod(self.height, HEIGHT)
        n, number = divmod(self.number, WIDTH >> height)
        return Tile.at(level, n, size), height, number


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


def hashes(covers: Iterable[Cover], size: int, held: Mapping[Tile, Nodes]) -> list[bytes]:
    """Return the hash of each cover.

    Args:
        covers: of a proof, or of the root.
        size: of the log.
        held: the tiles that `needed` names.

    Raises:
        ProofError: a tile is shorter than its width.
    """
    return [_hash(cover, size, held) for cover in covers]


def _hash(cover: Cover, size: int, held: Mapping[Tile, Nodes]) -> bytes:
    *left, result = (_root(subtree, size, held) for subtree in cover)
    for one in reversed(left):
        result = node_hash(one, result)
    return result


def _root(subtree: Subtree, size: int, held: Mapping[Tile, Nodes]) -> bytes:
    tile, height, number = subtree.place(size)
    return held[tile].node(height, number)


def _left(size: int) -> int:
    """Return how many leaves the left subtree has: the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)
