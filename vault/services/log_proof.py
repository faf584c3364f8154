"""Prove that an entry is in the log, at the newest checkpoint.

The entry is as it was published: whoever shows a proof shows that entry, sealed as it is. So a caller
hands out a customer's own entries alone, or what is public.
Source: access-log note, 5 and 8.
"""

from dataclasses import dataclass

import structlog

from vault.core import log_proof, tile_proof
from vault.core.checkpoint import NotPublishedError
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import ProofError, leaf_hash, verify_inclusion
from vault.core.place import index_of, log_of
from vault.core.tiles import WIDTH, Tile
from vault.services import checkpoints
from vault.services.checkpoints import Signed
from vault.services.deps import Deps
from vault.store import log_proof as store

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LogProof:
    """That an entry is in the log."""

    log_id: LogId
    index: int
    entry: bytes
    path: tuple[bytes, ...]  # sibling hashes from the leaf up
    signed: Signed  # the checkpoint that it leads to

    @property
    def text(self) -> str:
        """The `.tlog-proof` file."""
        return log_proof.write(self.entry, self.index, self.path, self.signed.text)


async def proof(deps: Deps, place: int) -> LogProof:
    """Return the proof of the entry at a place. It was checked as an outsider would check it.

    Raises:
        NotPublishedError: no checkpoint covers the entry yet: within a second one does.
        LogBrokenError: entry, tiles and checkpoint do not fit each other.
        BusyError: the database does not answer.
    """
    log_id, index = log_of(place), index_of(place)
    async with deps.database.connect() as conn:
        row = await store.load(conn, log_id, index)
        if row is None:
            raise NotPublishedError
        signed = checkpoints.believed(deps, row.checkpoint)
        size, root = signed.size, signed.checkpoint.root
        if index >= size:
            raise NotPublishedError
        covers = tile_proof.inclusion_covers(index, size)
        leaves = Tile.at(0, index // WIDTH, size)
        read = {leaves: row.hashes} if leaves.width == WIDTH and row.hashes else {}
        wanted = tile_proof.needed(covers, size)
        held = await deps.trees.nodes(conn, log_id, signed.checkpoint, wanted, read=read)
    path, entry = tile_proof.hashes(covers, size, held), row.entry or b""
    try:
        verify_inclusion(leaf_hash(entry), index, size, path, root)
    except ProofError:
        logger.critical("log-broken", log=log_id)
        raise LogBrokenError from None
    return LogProof(log_id, index, entry, tuple(path), signed)
