"""Say which logs there are, and which one entries go to: the newest that is not retired.

A vault has one log; `ownship log recover` retires it and opens the next. What stands in a retired
log stays readable at its places.
Source: access-log note, 9 and 11.
"""

from sqlalchemy import select

from vault.core.ids import LogId
from vault.store.engine import Conn
from vault.store.integration import Head, log_head


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
