"""Read tiles of the log so that each leads to a signed root, and remember those that do.

Rows can be edited. A full tile is believed when the hash over it stands in the tile above, up to the
partial tiles at the tree's right edge, which together give the root of a checkpoint. So what leaves
here is what was signed, or nothing leaves. A full tile never changes, so it is checked once.
Source: access-log note, 6 and 9; c2sp.org/tlog-tiles.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

import structlog

from vault.core import tile_proof, tiles
from vault.core.checkpoint import Checkpoint
from vault.core.errors import BusyError, LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import ProofError
from vault.core.tiles import Nodes, Tile
from vault.store import tile as store
from vault.store.engine import Conn

REMEMBERED: Final = 64  # full tiles with their nodes, some 32 KB each
TURNS: Final = 4  # of the pool's ten connections
TURN_SECONDS: Final = 5.0

logger = structlog.get_logger()


class Trees:
    """What a process remembers of the logs: it may be forgotten at any time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._full: OrderedDict[tuple[LogId, Tile], Nodes] = OrderedDict()
        self._edges: dict[LogId, tuple[Checkpoint, dict[Tile, Nodes]]] = {}
        self._texts: dict[LogId, str] = {}
        self._turns = asyncio.Semaphore(TURNS)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until few enough read the log's files, so that they leave connections to others.

        Raises:
            BusyError: not in time.
        """
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise BusyError from None
        try:
            yield
        finally:
            self._turns.release()

    def knows(self, log_id: LogId, text: str) -> bool:
        """Say whether this is the checkpoint whose signature was found good last."""
        return self._texts.get(log_id) == text

    def know(self, log_id: LogId, text: str) -> None:
        """Remember a checkpoint whose signature is good."""
        self._texts[log_id] = text

    async def nodes(
        self,
        conn: Conn,
        log_id: LogId,
        signed: Checkpoint,
        wanted: Collection[Tile],
        *,
        read: Mapping[Tile, bytes] = MappingProxyType({}),
    ) -> dict[Tile, Nodes]:
        """Return tiles as they are at a checkpoint.

        1. the partial tiles must give the root that is signed;
        2. of each full tile that is not known, and of those above it, read the hashes;
        3. from above, the hash over each must be the one that the tile above it has.

        Args:
            conn: a connection.
            log_id: the log.
            signed: a checkpoint of it, whose signature is good.
            wanted: tiles at its size; no bundles.
            read: full tiles that the caller has read already; they are judged as the others.

        Raises:
            LogBrokenError: a tile is missing, or is not what was signed.
        """
        try:
            found = dict(await self._edge(conn, log_id, signed))
            missing = self._missing(log_id, signed.size, wanted, found)
            unread = missing - read.keys()
            more = await store.hashes(conn, log_id, unread) if unread else {}
            for tile in sorted(missing, key=lambda one: -one.level):
                nodes = Nodes(more[tile] if tile in more else read[tile])
                if nodes.root != found[_above(tile, signed.size)].hash_of(tile.n % tiles.WIDTH):
                    raise LogBrokenError
                found[tile] = nodes
                self._remember(log_id, tile, nodes)
        except (LogBrokenError, ProofError):
            logger.critical("log-broken", log=log_id)
            raise LogBrokenError from None
        return {tile: found[tile] for tile in wanted}

    async def _edge(self, conn: Conn, log_id: LogId, signed: Checkpoint) -> dict[Tile, Nodes]:
        """Return the partial tiles at a checkpoint, which together give its root."""
        known = self._edges.get(log_id)
        if known and known[0] == signed:
            return known[1]
        covers = tile_proof.root_covers(signed.size)
        held = await store.hashes(conn, log_id, tile_proof.needed(covers, signed.size))
        edge = {tile: Nodes(data) for tile, data in held.items()}
        if tile_proof.hashes(covers, signed.size, edge) != [signed.root]:
            raise LogBrokenError
        self._edges[log_id] = signed, edge
        return edge

    def _missing(
        self, log_id: LogId, size: int, wanted: Collection[Tile], found: dict[Tile, Nodes]
    ) -> set[Tile]:
        """Put what is known into `found`; return the rest, with all that is needed to judge it."""
        missing: set[Tile] = set()
        for tile in wanted:
            above = tile
            while above not in found and above not in missing:
                known = self._full.get((log_id, above))
                if known is not None:
                    self._full.move_to_end((log_id, above))
                    found[above] = known
                    break
                missing.add(above)
                above = _above(above, size)
        return missing

    def _remember(self, log_id: LogId, tile: Tile, nodes: Nodes) -> None:
        self._full[log_id, tile] = nodes
        while len(self._full) > REMEMBERED:
            self._full.popitem(last=False)


def _above(tile: Tile, size: int) -> Tile:
    return Tile.at(tile.level + 1, tile.n // tiles.WIDTH, size)
