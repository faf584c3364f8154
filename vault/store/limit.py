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


async def hit(conn: Conn, key: bytes, *, now_ms: int, step: int, burst: int) -> int | None:
    """Count one; None when it is within the limit, else how long to wait.

    Args:
        conn: a connection of `commit.claim`.
        key: HMAC(key of the day, kind, subject).
        now_ms: unix ms.
        step: ms in which one is regained.
        burst: how many may come at once, at least 1.

    Returns:
        ms to wait before the next try; nothing was counted then.
    """
    row = (await conn.execute(_counted(conn, key, now_ms, step, burst))).one_or_none()
    return step if row is None else None


async def prune(conn: Conn, *, now_ms: int) -> int:
    """Delete rows that limit nothing any more, at most 1,000 at a time; returns how many went."""
    idle = select(limit_at.c.key).where(limit_at.c.tat <= now_ms).limit(_PRUNE)
    return (await conn.execute(delete(limit_at).where(limit_at.c.key.in_(idle)))).rowcount


def _counted(
    conn: Conn | Connection, key: bytes, now_ms: int, step: int, burst: int
) -> ReturningInsert[tuple[int]]:
    statement = insert(conn, limit_at).values(key=key, tat=now_ms + step)
    base = case((limit_at.c.tat > now_ms, limit_at.c.tat), else_=now_ms)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"tat": base + step},
        where=base - now_ms <= (burst - 1) * step,
    ).returning(limit_at.c.tat)
