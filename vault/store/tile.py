"""Keep the full tiles of the log's tree: 256 hashes of one level, and the root over them.

A partial tile is not kept: it is the leaves, or the roots of the full tiles below. A tile is never
changed. Rows can be edited all the same, so what is read here proves nothing by itself: whoever
asks compares it with a signed root.
Source: access-log note, 4 and 6; c2sp.org/tlog-tiles.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
)

from vault.core import tiles
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import HASH_BYTES
from vault.core.tiles import Full, Tile
from vault.store.engine import Conn
from vault.store.leaf import log_leaf
from vault.store.metadata import LOG, column, metadata

PAGE: Final = 64 * tiles.WIDTH  # leaf hashes taken in at once, 512 KB

log_tile = Table(
    "log_tile",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("level", SmallInteger, "public", primary_key=True),  # 0: of leaf hashes
    column("n", BigInteger, "public", primary_key=True),
    column("hashes", LargeBinary, "public"),  # 256 hashes in one piece, 8,192 bytes
    column("root", LargeBinary, "public"),  # the tile's place in the level above
    info={"shard": LOG},
)


async def grow(conn: Conn, log_id: LogId, size: int, leaves: Sequence[bytes]) -> None:
    """Insert the tiles that leaf hashes at the right make full, of all levels.

    It costs nothing but where a tile becomes full. Tiles that lack before it, from a program of a
    release without them, are made from the leaves first.

    Args:
        conn: the transaction that placed the leaves.
        log_id: the log.
        size: of the log before these leaves.
        leaves: their hashes.

    Raises:
        LogBrokenError: a leaf or tile before them is missing.
    """
    if (size + len(leaves)) // tiles.WIDTH == size // tiles.WIDTH:
        return
    start = await _newest(conn, log_id) * tiles.WIDTH
    while start + tiles.WIDTH <= size:
        end = min(start + PAGE, size // tiles.WIDTH * tiles.WIDTH)
        await _insert(conn, log_id, start, await _leaves(conn, log_id, start, end))
        start = end
    await _insert(conn, log_id, size, leaves)


async def hashes(conn: Conn, log_id: LogId, wanted: Collection[Tile]) -> dict[Tile, bytes]:
    """Return the hashes of tiles as they are at some size, one statement a full one.

    Args:
        conn: a connection.
        log_id: the log.
        wanted: tiles within one size of the log; no bundles.

    Raises:
        LogBrokenError: a row is missing, or has not the bytes of a tile.
    """
    full = [tile for tile in wanted if tile.width == tiles.WIDTH]
    above = [tile for tile in wanted if tile.width < tiles.WIDTH and tile.level > 0]
    found = await _full(conn, log_id, full) if full else {}
    if above:
        found |= await _roots(conn, log_id, above)
    for tile in wanted:  # there is one partial tile of leaf hashes
        if tile not in found:
            below = _below(tile)
            found[tile] = b"".join(await _leaves(conn, log_id, below[0], below[-1] + 1))
    return found


async def _newest(conn: Conn, log_id: LogId) -> int:
    """Return how many full tiles of leaf hashes there are, by the number of the newest."""
    newest = select(func.max(log_tile.c.n)).where(
        log_tile.c.log_id == log_id, log_tile.c.level == 0
    )
    found: int | None = (await conn.execute(newest)).scalar_one()
    return 0 if found is None else found + 1


async def _insert(conn: Conn, log_id: LogId, size: int, leaves: Sequence[bytes]) -> None:
    held = await hashes(conn, log_id, tiles.begun(size, len(leaves)))
    made = tiles.grown(size, leaves, held)
    if made:
        await conn.execute(insert(log_tile), [_row(log_id, one) for one in made])


def _row(log_id: LogId, one: Full) -> dict[str, object]:
    return {
        "log_id": log_id,
        "level": one.level,
        "n": one.n,
        "hashes": one.hashes,
        "root": one.root,
    }


async def _full(conn: Conn, log_id: LogId, wanted: Sequence[Tile]) -> dict[Tile, bytes]:
    found = {}
    for tile in wanted:  # one for each level at the most, but where several are asked for
        place = {"log": log_id, "level": tile.level, "n": tile.n}
        data: bytes | None = (await conn.execute(_FULL, place)).scalar_one_or_none()
        if data is None or len(data) != tiles.FULL_BYTES:
            raise LogBrokenError
        found[tile] = bytes(data)
    return found


# Built once: making a statement costs as much as running it.
_FULL = select(log_tile.c.hashes).where(
    log_tile.c.log_id == bindparam("log"),
    log_tile.c.level == bindparam("level"),
    log_tile.c.n == bindparam("n"),
)


async def _leaves(conn: Conn, log_id: LogId, start: int, end: int) -> list[bytes]:
    """Return the leaf hashes from `start` to `end`, end excluded."""
    rows = await conn.execute(
        select(log_leaf.c.idx, log_leaf.c.hash)
        .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.between(start, end - 1))
        .order_by(log_leaf.c.idx)
    )
    return _all({row.idx: row.hash for row in rows}, range(start, end))


async def _roots(conn: Conn, log_id: LogId, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
    """Return the hashes of partial tiles above the leaves, from the full tiles below them."""
    rows = await conn.execute(
        select(log_tile.c.level, log_tile.c.n, log_tile.c.root)
        .where(
            log_tile.c.log_id == log_id,
            or_(
                *(
                    and_(
                        log_tile.c.level == tile.level - 1,
                        log_tile.c.n.between(_below(tile)[0], _below(tile)[-1]),
                    )
                    for tile in wanted
                )
            ),
        )
        .order_by(log_tile.c.level, log_tile.c.n)
    )
    found = {
        level: {row.n: row.root for row in several}
        for level, several in groupby(rows, key=lambda row: row.level)
    }
    return {tile: b"".join(_all(found.get(tile.level - 1, {}), _below(tile))) for tile in wanted}


def _below(tile: Tile) -> range:
    """Return the numbers of what a tile is made of: leaves, or tiles of the level below."""
    first = tile.n * tiles.WIDTH
    return range(first, first + tile.width)


def _all(found: Mapping[int, bytes], places: range) -> list[bytes]:
    hashes_ = [bytes(found.get(place, b"")) for place in places]
    if any(len(one) != HASH_BYTES for one in hashes_):
        raise LogBrokenError
    return hashes_
