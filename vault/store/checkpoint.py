"""Keep every signed checkpoint of the log: each size has one, to which witnesses add lines alone.

Source: access-log note, 4 and 7.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Table, Text, bindparam, select, update

from vault.core.ids import LogId
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.leaf import log_leaf
from vault.store.metadata import LOG, column, columns_of, metadata

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("size", BigInteger, "public", primary_key=True),
    column("at", BigInteger, "time"),  # unix ms of signing
    column("text", Text, "public"),  # the signed note
    column("cosigned", Text, "public", nullable=True),  # the same with lines of witnesses
    info={"shard": LOG},
)


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """One checkpoint."""

    log_id: LogId
    size: int
    at: int
    text: str
    cosigned: str | None = None

    @property
    def served(self) -> str:
        """The note with all signatures that there are."""
        return self.cosigned or self.text


async def add(conn: Conn, row: CheckpointRow) -> None:
    """Insert a checkpoint; the one of its size that is there already stays."""
    statement = insert(conn, log_checkpoint).values(columns_of(log_checkpoint, row))
    await conn.execute(statement.on_conflict_do_nothing(index_elements=["log_id", "size"]))


async def newest(conn: Conn, log_id: LogId, *, until: int | None = None) -> CheckpointRow | None:
    """Return the checkpoint of the largest size; None before the first.

    Args:
        conn: a connection.
        log_id: the log.
        until: unix ms; only what was signed by then.
    """
    if until is not None:
        signed = select(log_checkpoint).where(
            log_checkpoint.c.log_id == log_id, log_checkpoint.c.at <= until
        )
        row = (await conn.execute(signed.order_by(log_checkpoint.c.size.desc()).limit(1))).first()
        return None if row is None else CheckpointRow(*row)
    row = (await conn.execute(_NEWEST, {"log": log_id})).one_or_none()
    return None if row is None else CheckpointRow(*row)


# Built once: a proof asks three of these, and making a statement costs as much as running it.
_NEWEST = (
    select(log_checkpoint)
    .where(log_checkpoint.c.log_id == bindparam("log"))
    .order_by(log_checkpoint.c.size.desc())
    .limit(1)
)


async def cosign(conn: Conn, log_id: LogId, size: int, text: str) -> None:
    """Keep a checkpoint's note with the lines of witnesses; what the log signed stays beside it."""
    await conn.execute(
        update(log_checkpoint)
        .where(log_checkpoint.c.log_id == log_id, log_checkpoint.c.size == size)
        .values(cosigned=text)
    )


async def covered(
    conn: Conn, row: CheckpointRow, entries: Collection[tuple[UUID, int, int]]
) -> set[tuple[UUID, int, int]]:
    """Return which of these entries, by writer, seq and part, a checkpoint covers."""
    leaf = log_leaf.c
    rows = await conn.execute(
        select(leaf.writer, leaf.seq, leaf.part).where(
            leaf.log_id == row.log_id,
            leaf.idx < row.size,
            leaf.writer.in_({writer for writer, _, _ in entries}),
            leaf.seq.in_({seq for _, seq, _ in entries}),
        )
    )
    return {(one.writer, one.seq, one.part) for one in rows} & set(entries)
