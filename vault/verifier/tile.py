"""Say where the tiles of a log lie, and how wide they are: arithmetic, no files.

Source: c2sp.org/tlog-tiles; access-log note, 6.
"""

WIDTH = 256  # hashes of a full tile, entries of a full bundle
ENTRIES = "entries"  # in place of a level


def path(level: int | str, n: int, width: int = WIDTH) -> str:
    """Return the path of a tile; `ENTRIES` in place of a level is a bundle's.

    >>> path(0, 1234067), path(ENTRIES, 0, 5)
    ('tile/0/x001/x234/067', 'tile/entries/000.p/5')
    """
    groups: list[str] = []
    while True:
        n, group = divmod(n, 1000)
        groups.append(f"{group:03}" if not groups else f"x{group:03}")
        if not n:
            break
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def hashes_at(level: int, size: int) -> int:
    """Return how many hashes a level has: partial tiles are never hashed upward."""
    return size >> (8 * level)  # WIDTH is 2^8


def width_of(level: int, n: int, size: int) -> int:
    """Return the width of a tile in the tree of `size` leaves; below 1: there is none."""
    return min(WIDTH, hashes_at(level, size) - n * WIDTH)


def levels(size: int) -> range:
    """Return the levels at which the tree of this size has a hash.

    >>> list(levels(0)), list(levels(255)), list(levels(256))
    ([], [0], [0, 1])
    """
    top = 0
    while hashes_at(top, size):
        top += 1
    return range(top)
