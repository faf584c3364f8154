"""Read in one statement what a proof of one entry is made of, besides what a process remembers.

Source: access-log note, 5 and 8.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from vault.core.ids import LogId
from vault.core.tiles import WIDTH
from vault.store.checkpoint import CheckpointRow, log_checkpoint
from vault.store.engine import Conn
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile


@dataclass(frozen=True, slots=True)
class ProofRow:
    """The newest checkpoint with an entry and the full tile that its leaf hash is in."""

    checkpoint: CheckpointRow
    hashes: bytes | None  # None where the tile is not full yet
    entry: bytes | None  # None where there is none (yet)


async def load(conn: Conn, log_id: LogId, index: int) -> ProofRow | None:
    """Return what a proof of the entry at an index needs; None before the first checkpoint."""
    asked = {"log": log_id, "idx": index, "n": index // WIDTH}
    row = (await conn.execute(_ONE, asked)).one_or_none()
    if row is None:
        return None
    return ProofRow(CheckpointRow(*row[:5]), row.hashes, row.entry)


# Built once: making a statement costs as much as running it. All three tables are of one family.
_ONE = (
    select(log_checkpoint, log_tile.c.hashes, log_leaf.c.entry)
    .select_from(log_checkpoint)
    .outerjoin(
        log_tile,
        and_(
            log_tile.c.log_id == log_checkpoint.c.log_id,
            log_tile.c.level == 0,
            log_tile.c.n == bindparam("n"),
        ),
    )
    .outerjoin(
        log_leaf,
        and_(log_leaf.c.log_id == log_checkpoint.c.log_id, log_leaf.c.idx == bindparam("idx")),
    )
    .where(log_checkpoint.c.log_id == bindparam("log"))
    .order_by(log_checkpoint.c.size.desc())
    .limit(1)
)
