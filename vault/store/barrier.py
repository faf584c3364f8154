"""Keep what the last walks over the barrier found: counts and a lateness, never whose.

Source: access-log note, 10 (C3: the worst is published).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Integer, Table, delete, select

from vault.core.ids import LogId
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import LOG, column, columns_of, metadata
from vault.store.types import UtcTime

KEPT: Final = 400  # results: one a night for more than a year

log_barrier = Table(
    "log_barrier",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("at", UtcTime, "time", primary_key=True),  # when the walk began
    column("size", BigInteger, "public"),  # of the log then
    column("customers", BigInteger, "count"),
    column("entries", BigInteger, "count"),
    column("changes", BigInteger, "count"),
    column("overlaps", BigInteger, "count"),
    column("worst_ms", BigInteger, "count"),  # the longest lateness of an overlap
    column("violations", BigInteger, "count"),
    info={"shard": LOG},
)


@dataclass(frozen=True, slots=True)
class BarrierRow:
    """What one walk over every customer's entries found."""

    log_id: LogId  # the log that was written then
    at: datetime
    size: int
    customers: int
    entries: int
    changes: int
    overlaps: int
    worst_ms: int
    violations: int


async def add(conn: Conn, row: BarrierRow) -> None:
    """Keep a result, and let the oldest go; of two that began at one moment the later stays."""
    values = columns_of(log_barrier, row)
    new = insert(conn, log_barrier).values(values)
    await conn.execute(new.on_conflict_do_update(index_elements=["log_id", "at"], set_=values))
    kept = (
        select(log_barrier.c.at)
        .where(log_barrier.c.log_id == row.log_id)
        .order_by(log_barrier.c.at.desc())
        .offset(KEPT)
        .limit(1)
    )
    last = (await conn.execute(kept)).scalar_one_or_none()
    if last is not None:
        old = delete(log_barrier).where(
            log_barrier.c.log_id == row.log_id, log_barrier.c.at <= last
        )
        await conn.execute(old)


async def latest(conn: Conn, *, limit: int) -> list[BarrierRow]:
    """Return the newest results."""
    order = (log_barrier.c.at.desc(), log_barrier.c.log_id)
    rows = await conn.execute(select(log_barrier).order_by(*order).limit(limit))
    return [BarrierRow(*row) for row in rows]
