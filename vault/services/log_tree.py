"""Check the log's tree, as the tiles in the store give it, against roots.

What is in the store can be edited; what a root says cannot. So nothing is signed, proven or served
before the tiles lead to the root that it is said under.
Source: access-log note, 4 and 9; RFC 9162, 2.1.4.
"""

from collections.abc import Sequence

from vault.core import tile_proof
from vault.core.checkpoint import Checkpoint
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import ProofError, verify_consistency
from vault.core.tile_proof import Cover
from vault.core.tiles import Nodes
from vault.store import tile
from vault.store.engine import Conn
from vault.store.integration import Head


def of(head: Head) -> Checkpoint:
    """Return what would be signed of a head."""
    return Checkpoint(head.origin, head.size, head.root)


async def check_root(conn: Conn, log_id: LogId, tree: Checkpoint) -> None:
    """Check that the tiles lead to a root.

    Raises:
        LogBrokenError: they do not, or one is missing.
    """
    try:
        covers = tile_proof.root_covers(tree.size)
        root = await _hashes(conn, log_id, covers, tree.size)
    except ProofError:
        raise LogBrokenError from None
    if root != [tree.root]:
        raise LogBrokenError


async def check_continues(conn: Conn, log_id: LogId, older: Checkpoint, newer: Checkpoint) -> None:
    """Check that one state of the log continues another, and that the tiles lead to it.

    Raises:
        LogBrokenError: it does not: it is smaller, or says otherwise what the older one said.
    """
    try:
        proof = tile_proof.consistency_covers(older.size, newer.size)
        covers = [*tile_proof.root_covers(newer.size), *proof]
        root, *hashes = await _hashes(conn, log_id, covers, newer.size)
        verify_consistency(older.size, newer.size, older.root, newer.root, hashes)
    except ProofError:
        raise LogBrokenError from None
    if root != newer.root:
        raise LogBrokenError


async def consistency(conn: Conn, log_id: LogId, old: int, newer: Checkpoint) -> list[bytes]:
    """Return the proof that a signed state of the log continues that of an older size.

    Args:
        conn: a connection.
        log_id: the log.
        old: the older size, 1 to the newer one.
        newer: what was signed.

    Raises:
        ProofError: the log never had that size before.
        LogBrokenError: the tiles do not lead to the signed root.
    """
    proof = tile_proof.consistency_covers(old, newer.size)
    covers = [*tile_proof.root_covers(old), *tile_proof.root_covers(newer.size), *proof]
    before, root, *hashes = await _hashes(conn, log_id, covers, newer.size)
    if root != newer.root:
        raise LogBrokenError
    # That root is signed, so what it continues is what the log was, whatever the rows say.
    try:
        verify_consistency(old, newer.size, before, root, hashes)
    except ProofError:
        raise LogBrokenError from None
    return hashes


async def _hashes(conn: Conn, log_id: LogId, covers: Sequence[Cover], size: int) -> list[bytes]:
    held = await tile.hashes(conn, log_id, tile_proof.needed(covers, size))
    return tile_proof.hashes(covers, size, {one: Nodes(data) for one, data in held.items()})
