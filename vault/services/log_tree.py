"""Check the log's tree, as the tiles in the store give it, against roots.

What is in the store can be edited; what a root says cannot. So nothing is signed, proven or served
before the tiles lead to the root that it is said under.
Source: access-log note, 4 and 9; RFC 9162, 2.1.4.
"""

from vault.core import tiles
from vault.core.checkpoint import Checkpoint
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import ProofError, verify_consistency
from vault.store import tile
from vault.store.engine import Conn


async def check_root(conn: Conn, log_id: LogId, tree: Checkpoint) -> None:
    """Check that the tiles lead to a root.

    Raises:
        LogBrokenError: they do not, or one is missing.
    """
    try:
        covers = tiles.root_covers(tree.size)
        held = await tile.hashes(conn, log_id, tiles.needed(covers, tree.size))
        root = tiles.hashes(covers, tree.size, held)
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
        proof = tiles.consistency_covers(older.size, newer.size)
        covers = [*tiles.root_covers(newer.size), *proof]
        held = await tile.hashes(conn, log_id, tiles.needed(covers, newer.size))
        root, *hashes = tiles.hashes(covers, newer.size, held)
        verify_consistency(older.size, newer.size, older.root, newer.root, hashes)
    except ProofError:
        raise LogBrokenError from None
    if root != newer.root:
        raise LogBrokenError
