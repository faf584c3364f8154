"""Append records to the access log, and hand them to the integration in their order.

On PostgreSQL a record waits in the outbox until it gets its index; on SQLite the transaction that
appends holds the one write lock, so it gives the index itself and there is no outbox. A writer
that is not in `log_open` cannot append: the outbox has a foreign key to it.
Source: access-log note, 3, 4 and 9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError

from vault.core import canonical
from vault.core.entry import EntryClass, Kind, join, parse, place_of, split
from vault.core.errors import FormatError, LogBrokenError, NotReadyError
from vault.core.ids import LogId
from vault.store import bulk, integration, log_facts
from vault.store.engine import Conn
from vault.store.errors import WriterClosedError, lacks_parent
from vault.store.integration import Record
from vault.store.metadata import WRITER, column, metadata
from vault.store.types import Id, Json

log_open = Table(
    "log_open",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("writer", Id, "public", primary_key=True),
    info={"shard": WRITER},
)

log_outbox = Table(
    "log_outbox",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("writer", Id, "public", primary_key=True),
    column("seq", BigInteger, "public", primary_key=True),
    column("parts", Integer, "public"),
    # Arrays are PostgreSQL's alone, and so is the outbox: SQLite has the table and no row in it.
    column("customers", ARRAY(Id()).with_variant(Text(), "sqlite"), "id"),
    column("facts", Json, "policy"),
    column("entries", LargeBinary, "public"),  # a u16 length before each
    ForeignKeyConstraint(["log_id", "writer"], ["log_open.log_id", "log_open.writer"]),
    info={"shard": WRITER},
)


class Waiting(NamedTuple):
    """A record in the outbox, without its entries."""

    writer: UUID
    seq: int
    parts: int


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring records of one writer, first and last inclusive."""

    writer: UUID
    first: int
    last: int


async def open_writer(conn: Conn, log_id: LogId, writer: UUID) -> None:
    """Let a writer append; its first record, `boot`, goes into the same transaction."""
    await conn.execute(insert(log_open).values(log_id=log_id, writer=writer))


async def newest(conn: Conn, log_id: LogId, writer: UUID) -> int | None:
    """Return the newest seq that a writer committed; None when it may not append (any more)."""
    opened = await conn.execute(
        select(log_open.c.writer).where(log_open.c.log_id == log_id, log_open.c.writer == writer)
    )
    if opened.one_or_none() is None:
        return None
    waits = await conn.execute(
        select(func.max(log_outbox.c.seq)).where(
            log_outbox.c.log_id == log_id, log_outbox.c.writer == writer
        )
    )
    waiting_: int | None = waits.scalar_one()
    integrated = (await integration.done(conn, log_id, [writer]))[writer]
    return integrated if waiting_ is None else max(waiting_, integrated)


async def append(conn: Conn, records: Sequence[Record], *, at_least: int) -> int:
    """Append records and return the size of the log as this transaction sees it.

    Args:
        conn: the transaction that the records belong to.
        records: at least one, of one log, in order.
        at_least: a size that the log is known to have reached.

    Raises:
        WriterClosedError: the writer may not append (any more).
        ConflictError: on SQLite, a record does not follow its writer's newest one; on PostgreSQL
            the commit says the same.
        LogBrokenError: the log is smaller than it was, or its head is not what its leaves say.
    """
    log_id = records[0].log_id
    if conn.dialect.name == "sqlite":
        await _check_open(conn, records)
        held = await integration.lock(conn, log_id)
        size = -1 if held is None else held.size
        if held is not None and size >= at_least:
            size = (await integration.place(conn, held, records)).size
            await close_finished(conn, records)
    else:
        try:
            await conn.execute(insert(log_outbox), [_row(record) for record in records])
        except DBAPIError as error:
            if lacks_parent(error):
                raise WriterClosedError from None
            raise
        now = await integration.head(conn, log_id)
        size = -1 if now is None else now.size
    return reached(size, at_least)


def reached(size: int, at_least: int) -> int:
    """Return a size of the log that is not behind what was known; errors as for `append`."""
    if size < 0:
        raise NotReadyError
    if size < at_least:
        raise LogBrokenError  # a restore or a lossy failover: what people hold is newer
    return size


async def _check_open(conn: Conn, records: Sequence[Record]) -> None:
    """Do what the outbox's foreign key does on PostgreSQL."""
    writers = {record.writer for record in records}
    opened = await conn.execute(
        select(log_open.c.writer).where(
            log_open.c.log_id == records[0].log_id, log_open.c.writer.in_(writers)
        )
    )
    if set(opened.scalars()) != writers:
        raise WriterClosedError


async def waiting(
    conn: Conn, log_id: LogId, *, without: Iterable[UUID], limit: int
) -> list[Waiting]:
    """Return what waits in the outbox by (writer, seq), without the entries themselves.

    Args:
        conn: the integration's transaction.
        log_id: the log.
        without: writers that stopped.
        limit: how many rows of each writer at most.
    """
    own = (
        select(log_outbox.c.seq, log_outbox.c.parts)
        .where(log_outbox.c.log_id == log_open.c.log_id, log_outbox.c.writer == log_open.c.writer)
        .order_by(log_outbox.c.seq)
        .limit(limit)
        .lateral()
    )
    rows = await conn.execute(
        select(log_open.c.writer, own.c.seq, own.c.parts)
        .select_from(log_open.join(own, true()))
        .where(log_open.c.log_id == log_id, log_open.c.writer.not_in(list(without)))
        .order_by(log_open.c.writer, own.c.seq)
    )
    return [Waiting(*row) for row in rows.all()]


async def has_waiting(conn: Conn, log_id: LogId, *, without: Iterable[UUID]) -> bool:
    """Say whether anything waits in the outbox; `without` as for `waiting`."""
    rows = await conn.execute(
        select(log_outbox.c.seq)
        .where(log_outbox.c.log_id == log_id, log_outbox.c.writer.not_in(list(without)))
        .limit(1)
    )
    return rows.first() is not None


async def take(conn: Conn, log_id: LogId, run: Run) -> tuple[list[Record], int | None]:
    """Return the records of one run.

    Returns:
        The records up to the first that no writer of ours appends, and the seq of that one; None
        when all are well.
    """
    rows = await bulk.fetch(conn, _RUN, log_id, run.writer, run.first, run.last)
    writer = run.writer.bytes
    records: list[Record] = []
    for seq, parts, customers, facts, entries in rows:
        try:
            record = Record(
                log_id,
                run.writer,
                seq,
                tuple(split(entries)),
                tuple(customers),
                log_facts.loads(facts),
            )
            _check(record, writer, parts)
        except FormatError:
            return records, seq
        records.append(record)
    return records, None


# For the driver itself: a busy leader reads a thousand rows at a time.
_RUN = f"""
SELECT seq, parts, customers, facts, entries FROM {log_outbox.name}
WHERE log_id = $1 AND writer = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq
"""


async def remove(conn: Conn, log_id: LogId, records: Sequence[Record]) -> None:
    """Delete integrated records from the outbox."""
    runs: dict[UUID, Run] = {}
    for record in records:  # of each writer a run without gaps
        run = runs.get(record.writer, Run(record.writer, record.seq, record.seq))
        runs[record.writer] = Run(record.writer, run.first, record.seq)
    await conn.execute(delete(log_outbox).where(_within(log_id, runs.values())))


async def close_finished(conn: Conn, records: Iterable[Record]) -> None:
    """Refuse further records of the writers whose `fin` is among these."""
    for record in records:
        if _is_fin(record.entries[-1]):
            await conn.execute(
                delete(log_open).where(
                    log_open.c.log_id == record.log_id,
                    log_open.c.writer == record.writer,
                    ~select(log_outbox.c.seq)
                    .where(
                        log_outbox.c.log_id == record.log_id,
                        log_outbox.c.writer == record.writer,
                    )
                    .exists(),
                )
            )


def _is_fin(entry: bytes) -> bool:
    if entry[6] != EntryClass.SYSTEM:  # of most entries nothing else is read
        return False
    _, payload = parse(entry)
    said: object = canonical.loads(payload)
    return isinstance(said, dict) and said.get("kind") == Kind.FIN


def _within(log_id: LogId, runs: Iterable[Run]) -> ColumnElement[bool]:
    return and_(
        log_outbox.c.log_id == log_id,
        or_(
            *(
                and_(
                    log_outbox.c.writer == run.writer, log_outbox.c.seq.between(run.first, run.last)
                )
                for run in runs
            )
        ),
    )


def _row(record: Record) -> dict[str, object]:
    return {
        "log_id": record.log_id,
        "writer": record.writer,
        "seq": record.seq,
        "parts": len(record.entries),
        "customers": list(record.customers),
        "facts": log_facts.dumps(record.facts),
        "entries": join(record.entries),
    }


def _check(record: Record, writer: bytes, parts: int) -> None:
    """Refuse a row whose entries do not say what the row says; it would break the log's order."""
    if not parts == len(record.entries) == len(record.customers) == len(record.facts):
        raise FormatError
    for part, entry in enumerate(record.entries):
        if place_of(entry) != (record.log_id, writer, record.seq, part, parts):
            raise FormatError
