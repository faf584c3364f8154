"""Put records into the log: give indexes, grow the tree, move the writers' places and the head.

Decides nothing but order: an entry gets the next index, whoever calls this holds the head's row
(SQLite: the one write lock; PostgreSQL: FOR UPDATE, and the lease of `vault/store/head.py`). It
sees entries as bytes and never opens one.
The tree's right edge is kept beside the head, so that an append costs the tree's height.
Source: access-log note, 4 and 9; docs/formats.md, OAL1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
    update,
)

from vault.core.errors import ConflictError, FormatError, LogBrokenError
from vault.core.ids import CustomerId, LogId
from vault.core.merkle import Frontier, leaf_hash
from vault.store import leaf, tile
from vault.store.engine import Conn
from vault.store.leaf import Fact, Leaf
from vault.store.metadata import LOG, column, metadata
from vault.store.types import Id, Name, UtcTime

log_head = Table(
    "log_head",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("origin", Name, "public"),
    column("size", BigInteger, "public"),
    column("root", LargeBinary, "public"),
    column("edge", LargeBinary, "public"),  # roots of the perfect subtrees, the largest first
    column("holder", Id, "id", nullable=True),  # the process that leads, on PostgreSQL
    column("fence", BigInteger, "count", nullable=True),  # rises with each new holder
    column("until", UtcTime, "time", nullable=True),  # when its lease ends, by the database's clock
    column("retired_at", UtcTime, "time", nullable=True),  # no entry comes any more
    column("mirrored_at", UtcTime, "time", nullable=True),  # when it was first kept outside of here
    info={"shard": LOG},
)

log_writer = Table(
    "log_writer",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("writer", Id, "public", primary_key=True),
    column("done", BigInteger, "public"),  # the newest seq that has its index
    info={"shard": LOG},
)


class Record(NamedTuple):
    """One row of a writer's sequence: one entry, or the parts of a batch record."""

    log_id: LogId
    writer: UUID
    seq: int
    entries: tuple[bytes, ...]
    customers: tuple[CustomerId, ...]  # one an entry; NOBODY where it is on no customer's list
    facts: tuple[Fact | None, ...]  # one an entry; None for the system's


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come."""

    log_id: LogId
    origin: str
    size: int
    root: bytes
    edge: bytes
    fence: int | None = None  # of the newest lease; None while nobody ever led
    until: datetime | None = None  # when that lease ends


async def open_log(conn: Conn, log_id: LogId, origin: str) -> Head:
    """Begin an empty log; its origin is fixed from here on.

    Raises:
        ConflictError: from the commit's function, when the log exists already.
    """
    empty = Frontier()
    head_ = Head(log_id, origin, 0, empty.root(), empty.edge)
    await conn.execute(
        insert(log_head).values(
            log_id=log_id, origin=origin, size=0, root=head_.root, edge=head_.edge
        )
    )
    return head_


async def head(conn: Conn, log_id: LogId) -> Head | None:
    """Return the head; None before `ownship init`, and of a retired log."""
    return await _head(conn, log_id, lock=False)


async def lock(conn: Conn, log_id: LogId) -> Head | None:
    """Return the head and hold its row to the end of the transaction; None before `ownship init`."""
    return await _head(conn, log_id, lock=True)


async def _head(conn: Conn, log_id: LogId, *, lock: bool) -> Head | None:
    # Of a log that is retired nothing may be read to go on from, or held to be moved.
    wanted = select(log_head).where(log_head.c.log_id == log_id, log_head.c.retired_at.is_(None))
    if lock:
        wanted = wanted.with_for_update()  # SQLite's write lock is held already
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        return None
    return Head(LogId(row.log_id), row.origin, row.size, row.root, row.edge, row.fence, row.until)


async def done(conn: Conn, log_id: LogId, writers: Iterable[UUID]) -> dict[UUID, int]:
    """Return the newest integrated seq of each writer; -1 where there is none."""
    asked = list(writers)
    rows = await conn.execute(
        select(log_writer.c.writer, log_writer.c.done).where(
            log_writer.c.log_id == log_id, log_writer.c.writer.in_(asked)
        )
    )
    return dict.fromkeys(asked, -1) | {row.writer: row.done for row in rows}


async def place(conn: Conn, held: Head, records: Sequence[Record]) -> Head:
    """Give every entry of `records` its index and return the new head.

    1. take up the tree at its right edge, and refuse one that does not lead to the root;
    2. give indexes, writer by writer without a gap;
    3. insert leaves, the customers' lists, the facts, and the tiles that become full;
    4. move the writers' places and the head.

    Precondition: `held` was read under the lock of this transaction.

    Raises:
        ConflictError: a record does not follow its writer's newest one.
        LogBrokenError: the head's row is not what the leaves say.
    """
    frontier = await edge(conn, held)
    places = await done(conn, held.log_id, {record.writer for record in records})
    known = {writer for writer, seq in places.items() if seq >= 0}
    leaves: list[Leaf] = []
    for record in records:
        writer, seq = record.writer, record.seq
        if seq != places[writer] + 1:
            raise ConflictError
        places[writer] = seq
        parts = zip(record.entries, record.customers, record.facts, strict=True)
        for part, (entry, customer, fact) in enumerate(parts):
            idx = held.size + len(leaves)
            leaves.append(Leaf(idx, entry, leaf_hash(entry), writer, seq, part, customer, fact))
    if not leaves:
        return held
    hashes = [one.hash for one in leaves]
    frontier.extend(hashes)
    await leaf.add(conn, held.log_id, leaves)
    await tile.grow(conn, held.log_id, held.size, hashes)
    await _move_writers(conn, held.log_id, places, known=known)
    return await _move_head(conn, held, frontier)


async def restore(conn: Conn, log_id: LogId, leaves: Sequence[Leaf]) -> Head:
    """Put leaves of a mirror back behind the head, at the places that they had.

    Precondition: the mirror's anchor proves them, and continues this log.

    Raises:
        ConflictError: the first one is not the next, or there is no such log to go on from.
        LogBrokenError: the head's row is not what the leaves say.
    """
    held = await lock(conn, log_id)
    if held is None or not leaves or leaves[0].idx != held.size:
        raise ConflictError
    frontier = await edge(conn, held)
    frontier.extend(one.hash for one in leaves)
    await leaf.add(conn, log_id, leaves)
    await tile.grow(conn, log_id, held.size, [one.hash for one in leaves])
    return await _move_head(conn, held, frontier)


async def edge(conn: Conn, held: Head) -> Frontier:
    """Return the tree's right edge, from the leaves when the stored one is not the root's.

    Raises:
        LogBrokenError: the leaves are more or fewer, or do not lead to the stored root either.
    """
    if await leaf.count(conn, held.log_id) != held.size:
        raise LogBrokenError
    try:
        frontier = Frontier(held.size, held.edge)
    except FormatError:
        frontier = Frontier()
    if frontier.size == held.size and frontier.root() == held.root:
        return frontier
    frontier = Frontier()
    async for hashes in leaf.hashes(conn, held.log_id):
        frontier.extend(hashes)
    if frontier.size != held.size or frontier.root() != held.root:
        raise LogBrokenError
    return frontier


async def _move_writers(
    conn: Conn, log_id: LogId, places: dict[UUID, int], *, known: set[UUID]
) -> None:
    fresh = [
        {"log_id": log_id, "writer": writer, "done": seq}
        for writer, seq in places.items()
        if writer not in known
    ]
    if fresh:
        await conn.execute(insert(log_writer), fresh)
    for writer in known:
        await conn.execute(
            update(log_writer)
            .where(log_writer.c.log_id == log_id, log_writer.c.writer == writer)
            .values(done=places[writer])
        )


async def _move_head(conn: Conn, held: Head, frontier: Frontier) -> Head:
    moved = replace(held, size=frontier.size, root=frontier.root(), edge=frontier.edge)
    result = await conn.execute(
        update(log_head)
        .where(
            log_head.c.log_id == held.log_id,
            log_head.c.size == held.size,
            log_head.c.fence.is_not_distinct_from(held.fence),
        )
        .values(size=moved.size, root=moved.root, edge=moved.edge)
    )
    if result.rowcount != 1:
        raise LogBrokenError
    return moved
