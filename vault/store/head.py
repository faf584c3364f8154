"""Lead a log: a lease in its head's row, with a fence that rises with each holder.

The clock is the database's. A holder that slept past its lease finds a higher fence, or its own
lease over, and must write and sign nothing: `hold` looks under a lock that lasts to the end of
COMMIT, and nobody can take the lease meanwhile. No advisory lock: through a cluster two nodes grant
the same one. On SQLite, where one transaction writes at a time, nobody needs to lead.
Source: access-log note, 4 and 9.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, update

from vault.core.ids import LogId
from vault.store import integration
from vault.store.dialect import POSTGRESQL
from vault.store.engine import Conn, now
from vault.store.integration import Head, log_head

LEASE: Final = timedelta(seconds=10)  # renewed each 3 s


async def is_free(conn: Conn, log_id: LogId) -> bool:
    """Say whether nobody leads; it locks nothing, so whoever waits for the lease may ask often."""
    wanted = select(log_head.c.until).where(log_head.c.log_id == log_id)
    row = (await conn.execute(wanted)).one_or_none()
    return row is not None and (row.until is None or row.until < await now(conn))


async def acquire(
    conn: Conn, log_id: LogId, *, holder: UUID, length: timedelta = LEASE
) -> int | None:
    """Take a lease that is free or over and return its fence; None when somebody else has it.

    The moment is asked for before the row's lock is waited for, so it can only be too early: a
    lease that was renewed meanwhile is never taken.
    """
    moment = await now(conn)
    taken = (
        update(log_head)
        .where(
            log_head.c.log_id == log_id,
            or_(log_head.c.until.is_(None), log_head.c.until < moment),
        )
        .values(holder=holder, fence=func.coalesce(log_head.c.fence, 0) + 1, until=moment + length)
        .returning(log_head.c.fence)
    )
    fence = (await conn.execute(taken)).scalar_one_or_none()
    return None if fence is None else int(fence)


async def renew(conn: Conn, log_id: LogId, *, fence: int, length: timedelta = LEASE) -> bool:
    """Prolong a lease that runs; False when it was lost or is over, and its holder must stop."""
    moment = await now(conn)
    renewed = (
        update(log_head)
        .where(log_head.c.log_id == log_id, log_head.c.fence == fence, log_head.c.until > moment)
        .values(until=moment + length)
    )
    return (await conn.execute(renewed)).rowcount == 1


async def release(conn: Conn, log_id: LogId, *, fence: int) -> None:
    """Give a lease back, so that the next holder need not wait for its end."""
    ended = await now(conn) - timedelta(milliseconds=1)
    released = update(log_head).where(log_head.c.log_id == log_id, log_head.c.fence == fence)
    await conn.execute(released.values(until=ended))


async def hold(conn: Conn, log_id: LogId, *, fence: int | None) -> Head | None:
    """Return the head and hold its row to the end of this transaction; None: write nothing.

    Args:
        conn: the transaction; a leader calls this first in every one.
        log_id: the log.
        fence: of the caller's lease; None where nobody leads, on SQLite.

    Returns:
        None as well before `ownship init`.
    """
    held = await integration.lock(conn, log_id)
    if held is None or conn.dialect.name != POSTGRESQL:
        return held
    runs = held.until is not None and held.until > await now(conn)
    return held if runs and fence is not None and held.fence == fence else None
