"""Keep the replays of the log: how far one is, what it found, and the note that was signed.

A replay is made in parts, each of which moves its place in the transaction that adds its counts, so
that a part counts once however often it is done. What was found names entries and fields, never a
value or a person.
Source: access-log note, 10; docs/replay.md.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Table, Text, func, select, update

from vault.core.ids import LogId
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.leaf import Fact, access_fact, log_leaf
from vault.store.metadata import LOG, column, columns_of, metadata
from vault.store.types import UtcTime

DONE: Final = "done"
SYSTEM: Final = b"\x02"  # byte 6 of an entry: its class

log_replay = Table(
    "log_replay",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("size", BigInteger, "public", primary_key=True),  # of the log that was replayed
    column("start", BigInteger, "public"),  # the first index that was decided again
    column("root", LargeBinary, "public"),  # of the log at this size, as its checkpoint has it
    column("place", String(64), "state"),  # how far it is; `done` at the end
    column("replayed", BigInteger, "count"),
    column("unreadable", BigInteger, "count"),
    column("undecidable", BigInteger, "count"),
    column("disagreeing", BigInteger, "count"),
    column("found", Text, "policy"),  # JSON: [place, name, clause, reason] of the first ones
    column("began_at", UtcTime, "time"),
    column("text", Text, "public", nullable=True),  # the signed note, once it is done
    info={"shard": LOG},
)


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One replay."""

    log_id: LogId
    size: int
    start: int
    root: bytes
    place: str
    replayed: int
    unreadable: int
    undecidable: int
    disagreeing: int
    found: str
    began_at: datetime
    text: str | None = None


async def begin_at(conn: Conn, row: ReplayRow) -> bool:
    """Insert a replay that has found nothing yet; False when there is one of this size."""
    statement = insert(conn, log_replay).values(columns_of(log_replay, row))
    made = statement.on_conflict_do_nothing().returning(log_replay.c.size)
    return (await conn.execute(made)).one_or_none() is not None


async def load(conn: Conn, log_id: LogId, size: int) -> ReplayRow | None:
    """Return the replay of a size; None for none."""
    wanted = select(log_replay).where(log_replay.c.log_id == log_id, log_replay.c.size == size)
    row = (await conn.execute(wanted)).one_or_none()
    return None if row is None else ReplayRow(*row)


async def newest(conn: Conn, log_id: LogId) -> ReplayRow | None:
    """Return the replay of the largest size, done or not."""
    wanted = (
        select(log_replay)
        .where(log_replay.c.log_id == log_id)
        .order_by(log_replay.c.size.desc())
        .limit(1)
    )
    row = (await conn.execute(wanted)).one_or_none()
    return None if row is None else ReplayRow(*row)


async def signed(conn: Conn, log_id: LogId, *, limit: int) -> list[ReplayRow]:
    """Return the replays that are done, the newest first."""
    wanted = (
        select(log_replay)
        .where(log_replay.c.log_id == log_id, log_replay.c.text.is_not(None))
        .order_by(log_replay.c.size.desc())
        .limit(limit)
    )
    return [ReplayRow(*row) for row in await conn.execute(wanted)]


async def move(conn: Conn, row: ReplayRow, *, before: str) -> bool:
    """Write what a part found; False when another worker did the part meanwhile."""
    statement = (
        update(log_replay)
        .where(
            log_replay.c.log_id == row.log_id,
            log_replay.c.size == row.size,
            log_replay.c.place == before,
        )
        .values(_said(row))
    )
    return (await conn.execute(statement)).rowcount == 1


async def sign(conn: Conn, row: ReplayRow) -> bool:
    """Keep a replay with its note, whether or not it is there; False when one of it is signed."""
    statement = insert(conn, log_replay).values(columns_of(log_replay, row))
    kept = statement.on_conflict_do_update(
        index_elements=["log_id", "size"], set_=_said(row), where=log_replay.c.text.is_(None)
    ).returning(log_replay.c.size)
    return (await conn.execute(kept)).one_or_none() is not None


async def leaves(conn: Conn, log_id: LogId, first: int, end: int) -> list[tuple[int, bytes]]:
    """Return entries with their index, from one up to another, excluded."""
    leaf = log_leaf.c
    wanted = (
        select(leaf.idx, leaf.entry)
        .where(leaf.log_id == log_id, leaf.idx >= first, leaf.idx < end)
        .order_by(leaf.idx)
    )
    return [(row.idx, row.entry) for row in await conn.execute(wanted)]


async def system_leaves(conn: Conn, log_id: LogId, first: int, end: int) -> list[tuple[int, bytes]]:
    """Return the entries of the system among these."""
    leaf = log_leaf.c
    wanted = (
        select(leaf.idx, leaf.entry)
        .where(
            leaf.log_id == log_id,
            leaf.idx >= first,
            leaf.idx < end,
            func.substr(leaf.entry, 7, 1) == SYSTEM,
        )
        .order_by(leaf.idx)
    )
    return [(row.idx, row.entry) for row in await conn.execute(wanted)]


async def facts(conn: Conn, log_id: LogId, first: int, end: int) -> list[tuple[int, Fact]]:
    """Return what is known beside entries, with the salts that prove it."""
    one = access_fact.c
    wanted = (
        select(access_fact)
        .where(one.log_id == log_id, one.idx >= first, one.idx < end)
        .order_by(one.idx)
    )
    return [
        (
            row.idx,
            Fact(
                salt=row.salt,
                kind=row.kind,
                app=row.app,
                purpose=row.purpose,
                clauses=(),
                code=row.code,
                allowed=row.allowed,
                withheld=row.withheld,
                handle=None,
                case=None,
            ),
        )
        for row in await conn.execute(wanted)
    ]


def _said(row: ReplayRow) -> dict[str, object]:
    """Return what a replay says; which one it is never changes."""
    values = columns_of(log_replay, row)
    return {name: value for name, value in values.items() if name not in {"log_id", "size"}}
