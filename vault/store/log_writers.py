"""Find writers of the access log that are silent or stuck, and close the silent ones.

A writer is silent when nothing of it waits in the outbox and its place does not move; how long is
for the caller to remember. A closed writer appends nothing any more: the outbox has a foreign key,
and SQLite's append looks itself. A writer is stuck when its oldest waiting record is not the next.
Source: access-log note, 3 and 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from vault.core.entry import Header, split
from vault.core.errors import FormatError
from vault.core.ids import LogId
from vault.store import integration
from vault.store.engine import Conn
from vault.store.log import log_open, log_outbox


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest record of a writer that waits in the outbox."""

    writer: UUID
    seq: int
    wanted: int  # the seq that is to be integrated next
    at: int | None  # unix ms of its first entry; None when it has none that can be read


async def quiet(conn: Conn, log_id: LogId) -> dict[UUID, int]:
    """Return the open writers of which nothing waits, with their newest integrated seq.

    A process may be about to append for one of them; `close` looks again.
    """
    rows = await conn.execute(select(log_open.c.writer).where(log_open.c.log_id == log_id, _idle()))
    return await integration.done(conn, log_id, rows.scalars())


async def close(conn: Conn, log_id: LogId, silent: Mapping[UUID, int]) -> list[UUID]:
    """Refuse further records of writers that are still where they were, and return which.

    Writers that somebody appends for at this moment are left alone.

    Args:
        conn: a transaction that holds the log's head, so that no writer's place moves.
        log_id: the log.
        silent: writers, and the newest integrated seq that each stood at.
    """
    places = await integration.done(conn, log_id, silent)
    still = [writer for writer, seq in silent.items() if places[writer] == seq]
    # Whoever appends has locked the writer's row by the foreign key; SQLite has one writer at all.
    locked = await conn.execute(
        select(log_open.c.writer)
        .where(log_open.c.log_id == log_id, log_open.c.writer.in_(still))
        .with_for_update(skip_locked=True)
    )
    # A statement of its own: it sees what was committed before the locks were taken.
    closed = await conn.execute(
        delete(log_open)
        .where(log_open.c.log_id == log_id, log_open.c.writer.in_(locked.scalars().all()), _idle())
        .returning(log_open.c.writer)
    )
    return sorted(closed.scalars())


async def oldest(conn: Conn, log_id: LogId) -> list[Oldest]:
    """Return the oldest waiting record of each writer that has one; none on SQLite."""
    first = await conn.execute(
        select(log_outbox.c.writer, func.min(log_outbox.c.seq).label("seq"))
        .where(log_outbox.c.log_id == log_id)
        .group_by(log_outbox.c.writer)
        .order_by(log_outbox.c.writer)
    )
    found = {row.writer: row.seq for row in first}
    places = await integration.done(conn, log_id, found)
    return [
        Oldest(writer, seq, places[writer] + 1, await _at(conn, log_id, writer, seq))
        for writer, seq in found.items()
    ]


async def _at(conn: Conn, log_id: LogId, writer: UUID, seq: int) -> int | None:
    entries = await conn.scalar(
        select(log_outbox.c.entries).where(
            log_outbox.c.log_id == log_id,
            log_outbox.c.writer == writer,
            log_outbox.c.seq == seq,
        )
    )
    try:
        return Header.parse(split(entries or b"")[0]).at
    except (FormatError, IndexError):
        return None


def _idle() -> ColumnElement[bool]:
    return ~(
        select(log_outbox.c.seq)
        .where(log_outbox.c.log_id == log_open.c.log_id, log_outbox.c.writer == log_open.c.writer)
        .exists()
    )
