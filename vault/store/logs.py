"""Say which logs there are, and which one entries go to: the newest that is not retired.

A vault has one log; `ownship log recover` retires it and opens the next. What stands in a retired
log stays readable at its places.
Source: access-log note, 9 and 11.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from vault.core.ids import CustomerId, LogId
from vault.store import dialect
from vault.store.checkpoint import log_checkpoint
from vault.store.engine import Conn
from vault.store.integration import Head, log_head
from vault.store.leaf import customer_entry, log_leaf
from vault.store.log import log_open, log_outbox

_CHUNK: Final = 500  # rows in one statement


async def current(conn: Conn) -> Head | None:
    """Return the head of the log that entries go to; None before `ownship init`."""
    wanted = (
        select(log_head)
        .where(log_head.c.retired_at.is_(None))
        .order_by(log_head.c.log_id.desc())
        .limit(1)
    )
    row = (await conn.execute(wanted)).one_or_none()
    return (
        None if row is None else Head(LogId(row.log_id), row.origin, row.size, row.root, row.edge)
    )


async def all_(conn: Conn) -> list[LogId]:
    """Return every log, the newest first."""
    wanted = select(log_head.c.log_id).order_by(log_head.c.log_id.desc())
    return [LogId(one) for one in (await conn.execute(wanted)).scalars()]


async def standing(conn: Conn) -> list[Head]:
    """Return the logs that are not retired, the oldest first: two while a recovery is under way."""
    wanted = select(log_head).where(log_head.c.retired_at.is_(None)).order_by(log_head.c.log_id)
    return [
        Head(LogId(row.log_id), row.origin, row.size, row.root, row.edge)
        for row in await conn.execute(wanted)
    ]


async def was_mirrored(conn: Conn, log_id: LogId) -> bool:
    """Say whether the log had a mirror."""
    wanted = select(log_head.c.mirrored_at).where(log_head.c.log_id == log_id)
    return (await conn.execute(wanted)).scalar_one_or_none() is not None


async def note_mirror(conn: Conn, log_id: LogId, *, at: datetime | None) -> None:
    """Note when the log was first mirrored; None: it may begin anew."""
    await conn.execute(update(log_head).where(log_head.c.log_id == log_id).values(mirrored_at=at))


async def retire(conn: Conn, log_id: LogId, *, at: datetime) -> bool:
    """Let no entry come any more; False when that was so."""
    retired = (
        update(log_head)
        .where(log_head.c.log_id == log_id, log_head.c.retired_at.is_(None))
        .values(retired_at=at)
    )
    return (await conn.execute(retired)).rowcount == 1


async def entries(conn: Conn, log_id: LogId, start: int, end: int) -> list[bytes]:
    """Return the entries from an index to another, end excluded; fewer where they are missing."""
    wanted = (
        select(log_leaf.c.entry)
        .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.between(start, end - 1))
        .order_by(log_leaf.c.idx)
    )
    return [bytes(one) for one in (await conn.execute(wanted)).scalars()]


async def signed_after(conn: Conn, log_id: LogId, size: int) -> int | None:
    """Return when the first checkpoint beyond a size was signed, in unix ms; None for none."""
    wanted = (
        select(log_checkpoint.c.at)
        .where(log_checkpoint.c.log_id == log_id, log_checkpoint.c.size > size)
        .order_by(log_checkpoint.c.size)
        .limit(1)
    )
    return (await conn.execute(wanted)).scalar_one_or_none()


async def leaf_hashes(conn: Conn, log_id: LogId, start: int, end: int) -> bytes:
    """Return leaf hashes in one piece, from an index to another, end excluded; none where missing."""
    wanted = (
        select(log_leaf.c.hash)
        .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.between(start, end - 1))
        .order_by(log_leaf.c.idx)
    )
    return b"".join((await conn.execute(wanted)).scalars())


async def close_writers(conn: Conn, log_id: LogId) -> None:
    """Let no writer append to a log any more; what waits in the outbox stays there."""
    waits = select(log_outbox.c.writer).where(log_outbox.c.log_id == log_id)
    await conn.execute(
        delete(log_open).where(log_open.c.log_id == log_id, log_open.c.writer.not_in(waits))
    )


async def list_again(conn: Conn, log_id: LogId, places: Mapping[CustomerId, Sequence[int]]) -> None:
    """Put entries of a mirror on the lists of the customers whose they are; twice is once."""
    rows = [
        {"customer_id": customer, "log_id": log_id, "idx": idx}
        for customer, several in places.items()
        for idx in several
    ]
    for start in range(0, len(rows), _CHUNK):
        fresh = dialect.insert(conn, customer_entry).values(rows[start : start + _CHUNK])
        await conn.execute(
            fresh.on_conflict_do_nothing(index_elements=["customer_id", "log_id", "idx"])
        )


async def forget_waiting(conn: Conn, log_id: LogId) -> None:
    """Delete what waits in the outbox of a log and has its place there already."""
    waits = select(log_outbox.c.writer, log_outbox.c.seq).where(log_outbox.c.log_id == log_id)
    for row in (await conn.execute(waits)).all():
        there = select(log_leaf.c.idx).where(
            log_leaf.c.log_id == log_id, log_leaf.c.writer == row.writer, log_leaf.c.seq == row.seq
        )
        if (await conn.execute(there.limit(1))).one_or_none() is not None:
            await conn.execute(
                delete(log_outbox).where(
                    log_outbox.c.log_id == log_id,
                    log_outbox.c.writer == row.writer,
                    log_outbox.c.seq == row.seq,
                )
            )
