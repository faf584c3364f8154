"""Count by GCRA: one row and one statement a limit, the same on all processes.

A row holds when the subject's burst is used up ("theoretical arrival time"), nothing else: no
address, no name; the key is an HMAC whose own key changes daily. The count is committed first and
alone, for one that rolls back with the refused request would never count.
Source: ATM Forum TM 4.0, GCRA; ecosystem note, 13.
"""

from typing import Final

from sqlalchemy import BigInteger, Connection, LargeBinary, Table, case, delete, select
from sqlalchemy.sql.dml import ReturningInsert

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, metadata

limit_at = Table(
    "limit_at",
    metadata,
    column("key", LargeBinary, "index", primary_key=True),
    column("tat", BigInteger, "time"),  # unix ms
    info={"shard": words.lookup("key")},
)
_PRUNE: Final = 1_000  # rows deleted in one statement


async def hit(
    conn: Conn, key: bytes, *, before: bytes = b"", now_ms: int, step: int, burst: int
) -> int | None:
    """Count one; None when it is within the limit, else how long to wait.

    Args:
        conn: a connection of `commit.claim`.
        key: HMAC(key of the day, kind, subject).
        before: the same of the day before, whose row this day's begins with; "" for none.
        now_ms: unix ms.
        step: ms in which one is regained.
        burst: how many may come at once, at least 1.

    Returns:
        ms to wait before the next try; nothing was counted then.
    """
    start = now_ms
    if before:
        statement = select(limit_at.c.tat).where(limit_at.c.key == before)
        start = max(now_ms, (await conn.execute(statement)).scalar_one_or_none() or 0)
    if start - now_ms > (burst - 1) * step:  # the insert below has no such check
        return step
    counted = _counted(conn, key, start, step, most=now_ms + (burst - 1) * step)
    row = (await conn.execute(counted)).one_or_none()
    return step if row is None else None


async def prune(conn: Conn, *, now_ms: int) -> int:
    """Delete rows that limit nothing any more, at most 1,000 at a time; returns how many went."""
    idle = select(limit_at.c.key).where(limit_at.c.tat <= now_ms).limit(_PRUNE)
    return (await conn.execute(delete(limit_at).where(limit_at.c.key.in_(idle)))).rowcount


def _counted(
    conn: Conn | Connection, key: bytes, start: int, step: int, *, most: int
) -> ReturningInsert[tuple[int]]:
    statement = insert(conn, limit_at).values(key=key, tat=start + step)
    base = case((limit_at.c.tat > start, limit_at.c.tat), else_=start)
    return statement.on_conflict_do_update(
        index_elements=["key"], set_={"tat": base + step}, where=base <= most
    ).returning(limit_at.c.tat)
