"""Grow the tree of a log from its leaf hashes, and hold every tile against it.

`Tree` takes a tile's leaf hashes at a time, in order, and compares what it computes with the tiles
of the folder at all levels, the partial ones at the end. `consistency_path` finds a proof among the
tiles; whether it proves anything is for `merkle.check_consistency`.
Source: RFC 6962, 2.1; c2sp.org/tlog-tiles.
"""

from vault.verifier import merkle, tile
from vault.verifier.errors import BadError
from vault.verifier.folder import Folder
from vault.verifier.merkle import HASH_BYTES


class Tree:
    """The tree up to a leaf, as the hashes of its unfinished tiles: at most 255 a level."""

    def __init__(self, folder: Folder, size: int = 0) -> None:
        """Begin empty, or behind `size` leaves, a multiple of 256, as the tiles have them.

        Tiles that are taken over are believed until the root is compared.
        """
        self._folder = folder
        self.size = size
        self._edge = [
            self._begin(level, size) if size else bytearray() for level in tile.levels(size)
        ]

    def add(self, hashes: bytes) -> None:
        """Add the leaf hashes of the next tile; only the last may have fewer than 256.

        Raises:
            MissingError: a tile is not there.
            BadError: a tile is not what the leaves say.
        """
        n, width = divmod(self.size, tile.WIDTH)[0], len(hashes) // HASH_BYTES
        self._compare(0, n, hashes)
        self.size += width
        if width == tile.WIDTH:
            self._up(1, n, merkle.full_root(hashes))
            return
        self._level(0)[:] = hashes

    def root(self, more: bytes = b"") -> bytes:
        """Return the root over all that was added, and over some leaf hashes behind it."""
        subtrees: list[bytes] = []
        for hashes in (more or bytes(self._level(0)), *map(bytes, self._edge[1:])):
            subtrees = _subtrees(hashes) + subtrees
        return merkle.joined(subtrees) if subtrees else merkle.tree_hash([])

    def finish(self) -> None:
        """Compare the partial tiles above the leaves.

        Raises:
            MissingError, BadError: as `add`.
        """
        for level, hashes in enumerate(self._edge):
            if level and hashes:
                n = tile.hashes_at(level, self.size) // tile.WIDTH
                self._compare(level, n, bytes(hashes))

    def _begin(self, level: int, size: int) -> bytearray:
        n, width = divmod(tile.hashes_at(level, size), tile.WIDTH)
        return bytearray(self._folder.hashes(level, n, width)) if width else bytearray()

    def _up(self, level: int, place: int, root: bytes) -> None:
        """Put the root of a full tile into the level above, and so on."""
        hashes = self._level(level)
        hashes += root
        if len(hashes) == tile.WIDTH * HASH_BYTES:
            n = place // tile.WIDTH
            full = bytes(hashes)
            self._compare(level, n, full)
            hashes.clear()
            self._up(level + 1, n, merkle.full_root(full))

    def _level(self, level: int) -> bytearray:
        while len(self._edge) <= level:
            self._edge.append(bytearray())
        return self._edge[level]

    def _compare(self, level: int, n: int, hashes: bytes) -> None:
        width = len(hashes) // HASH_BYTES
        found = self._folder.hashes(level, n, width)
        if found == hashes:
            return
        at = next(
            place
            for place in range(0, len(hashes), HASH_BYTES)
            if found[place : place + HASH_BYTES] != hashes[place : place + HASH_BYTES]
        )
        first = (n * tile.WIDTH + at // HASH_BYTES) * tile.WIDTH**level
        what = f"Entry {first} does not" if level == 0 else f"The entries from {first} on do not"
        raise BadError(
            f"{what} hash to what {tile.path(level, n, width)} has: "
            "an entry or the tile was changed after it was signed."
        )


def consistency_path(folder: Folder, old: int, new: int) -> list[bytes]:
    """Return the hashes that should show the tree of `new` leaves to continue that of `old`.

    Args:
        folder: where the tiles of the newer tree are.
        old: leaves of the older tree; above 0.
        new: leaves of the newer tree; not below `old`.

    Raises:
        MissingError: a tile is not there.
        BadError: a tile has another width.
    """
    return _path(folder, old, 0, new, size=new, whole=True)


def subtree(folder: Folder, start: int, leaves: int, size: int) -> bytes:
    """Return the root over `leaves` leaves from `start` on, as the tiles of `size` have them.

    Precondition: `start` is a multiple of the largest power of two in `leaves`.
    """
    whole = 1 << (leaves.bit_length() - 1)
    root = _full_subtree(folder, start, whole, size)
    if leaves == whole:
        return root
    return merkle.node(root, subtree(folder, start + whole, leaves - whole, size))


def _path(
    folder: Folder, old: int, start: int, leaves: int, *, size: int, whole: bool
) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2, for the leaves from `start` on."""
    if old == leaves:
        return [] if whole else [subtree(folder, start, leaves, size)]
    middle = merkle.split(leaves)
    if old <= middle:
        below = _path(folder, old, start, middle, size=size, whole=whole)
        return [*below, subtree(folder, start + middle, leaves - middle, size)]
    below = _path(folder, old - middle, start + middle, leaves - middle, size=size, whole=False)
    return [*below, subtree(folder, start, middle, size)]


def _full_subtree(folder: Folder, start: int, leaves: int, size: int) -> bytes:
    level = (leaves.bit_length() - 1) // 8
    n, at = divmod(start >> (8 * level), tile.WIDTH)
    count = leaves >> (8 * level)
    hashes = folder.hashes(level, n, tile.width_of(level, n, size))
    return merkle.full_root(hashes[at * HASH_BYTES : (at + count) * HASH_BYTES])


def _subtrees(hashes: bytes) -> list[bytes]:
    """Return the roots of the full subtrees over some hashes of a level, the largest first."""
    roots, at = [], 0
    count = len(hashes) // HASH_BYTES
    for bit in reversed(range(count.bit_length())):
        if count >> bit & 1:
            end = at + (HASH_BYTES << bit)
            roots.append(merkle.full_root(hashes[at:end]))
            at = end
    return roots
