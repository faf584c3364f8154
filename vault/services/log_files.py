"""Hand out the log as the files that it is published in: checkpoint, tiles of hashes, bundles.

Everybody may read them, so nothing is recorded and nobody is asked who they are. Nothing beyond the
newest checkpoint is handed out, and nothing that does not lead to its root. A bundle may have 16 MB:
it is read and handed on by pieces, and an entry that is not the one that was signed ends it.
Source: access-log note, 6; c2sp.org/tlog-tiles.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from vault.core import tiles
from vault.core.checkpoint import NotPublishedError
from vault.core.entry import MAX_BYTES, join
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import HASH_BYTES, leaf_hash
from vault.core.tiles import Nodes, Tile
from vault.services import checkpoints
from vault.services.deps import Deps
from vault.store import bundle as store
from vault.store.engine import Conn

PIECE_BYTES: Final = 16 * MAX_BYTES  # about 1 MB of entries in memory for each caller

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bundle:
    """The entries of a bundle: the first piece, which was checked, and those behind it."""

    length: int  # bytes of all pieces
    first: bytes
    rest: AsyncIterator[bytes] | None  # None when the first piece is all; raises LogBrokenError


async def checkpoint(deps: Deps, log_id: LogId) -> str:
    """Return the newest checkpoint, verbatim.

    Raises:
        NotPublishedError: there is none yet, or no such log.
        LogBrokenError: what is there was not signed by us.
    """
    async with deps.trees.turn(), deps.database.connect() as conn:
        return (await checkpoints.newest(deps, conn, log_id)).text


async def hashes(deps: Deps, log_id: LogId, tile: Tile) -> bytes:
    """Return the hashes of a tile, cut to its width.

    Raises:
        NotPublishedError: the newest checkpoint does not cover all of it.
        LogBrokenError: it does not lead to the root that was signed.
    """
    async with deps.trees.turn(), deps.database.connect() as conn:
        nodes = await _nodes(deps, conn, log_id, tile)
    return nodes.data[: tile.width * HASH_BYTES]


async def bundle(deps: Deps, log_id: LogId, tile: Tile) -> Bundle:
    """Return the entries of a bundle, each with its length before it.

    Raises:
        NotPublishedError: the newest checkpoint does not cover all of it.
        LogBrokenError: an entry of the first piece is not the one that was signed.
    """
    first = tile.n * tiles.WIDTH
    places = range(first, first + tile.width)
    async with deps.trees.turn(), deps.database.connect() as conn:
        leaves = await _nodes(deps, conn, log_id, Tile(0, tile.n, tile.width))
        lengths = await store.lengths(conn, log_id, places)
        begin, *rest = _pieces(places, lengths)
        piece = await _piece(conn, log_id, begin, leaves)
    more = _more(deps, log_id, rest, leaves) if rest else None
    return Bundle(sum(lengths) + 2 * len(lengths), piece, more)


async def _nodes(deps: Deps, conn: Conn, log_id: LogId, tile: Tile) -> Nodes:
    """Return the longest form of a tile at the newest checkpoint."""
    signed = await checkpoints.newest(deps, conn, log_id)
    if tiles.width_at(tile.level, tile.n, signed.size) < tile.width:
        raise NotPublishedError
    whole = Tile.at(tile.level, tile.n, signed.size)
    return (await deps.trees.nodes(conn, log_id, signed.checkpoint, [whole]))[whole]


def _pieces(places: range, lengths: Sequence[int]) -> Iterator[range]:
    start, size = 0, 0
    for end, length in enumerate(lengths):
        if size and size + length > PIECE_BYTES:
            yield places[start:end]
            start, size = end, 0
        size += length
    yield places[start:]


async def _more(
    deps: Deps, log_id: LogId, pieces: Sequence[range], leaves: Nodes
) -> AsyncIterator[bytes]:
    for places in pieces:
        async with deps.trees.turn(), deps.database.connect() as conn:
            piece = await _piece(conn, log_id, places, leaves)
        yield piece


async def _piece(conn: Conn, log_id: LogId, places: range, leaves: Nodes) -> bytes:
    entries = await store.entries(conn, log_id, places)
    for place, entry in zip(places, entries, strict=True):
        if leaf_hash(entry) != leaves.hash_of(place % tiles.WIDTH):
            logger.critical("log-broken", log=log_id)
            raise LogBrokenError
    return join(entries)
