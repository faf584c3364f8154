"""Elect one holder for each name, by a row with a fencing number; no advisory locks.

The clock is the database's. A holder that slept past its lease finds a higher number and must
write nothing: `hold` compares it under a lock that lasts to the end of COMMIT.
Source: docs/scale.md, leader lease.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, String, Table, select, update

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn, now
from vault.store.metadata import column, metadata
from vault.store.types import Id, UtcTime

LEASE: Final = timedelta(seconds=10)  # renewed each 3 s

lease = Table(
    "lease",
    metadata,
    column("name", String(64), "state", primary_key=True),
    column("holder", Id, "id"),
    column("fence", BigInteger, "count"),
    column("until", UtcTime, "time"),
    info={"shard": words.lookup("name")},
)


async def acquire(conn: Conn, name: str, *, holder: UUID, length: timedelta = LEASE) -> int | None:
    """Take a lease that is free and return its fence; None when somebody else has it.

    The moment is asked for before the row's lock is waited for, so it can only be too early: a
    lease that was renewed meanwhile is never taken.
    """
    moment = await now(conn)
    statement = insert(conn, lease).values(name=name, holder=holder, fence=1, until=moment + length)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "fence": lease.c.fence + 1, "until": moment + length},
        where=lease.c.until < moment,
    ).returning(lease.c.fence)
    fence = (await conn.execute(taken)).scalar_one_or_none()
    return None if fence is None else int(fence)


async def until(conn: Conn, name: str) -> datetime | None:
    """Return when a lease ends or ended; None for one that nobody ever took."""
    statement = select(lease.c.until).where(lease.c.name == name)
    return (await conn.execute(statement)).scalar_one_or_none()


async def renew(conn: Conn, name: str, *, fence: int, length: timedelta = LEASE) -> bool:
    """Prolong a lease; False when it was lost, and its holder must stop at once."""
    until = await now(conn) + length
    statement = (
        update(lease).where(lease.c.name == name, lease.c.fence == fence).values(until=until)
    )
    return (await conn.execute(statement)).rowcount == 1


async def hold(conn: Conn, name: str, *, fence: int) -> bool:
    """Lock the lease to the end of this transaction; False when it was lost: write nothing.

    A leader calls it first in every transaction.
    """
    statement = select(lease.c.fence, lease.c.until).where(lease.c.name == name).with_for_update()
    row = (await conn.execute(statement)).one_or_none()
    return row is not None and row.fence == fence and row.until > await now(conn)


async def release(conn: Conn, name: str, *, fence: int) -> None:
    """Give a lease back, so that the next holder need not wait for its end."""
    ended = await now(conn) - timedelta(milliseconds=1)
    statement = (
        update(lease).where(lease.c.name == name, lease.c.fence == fence).values(until=ended)
    )
    await conn.execute(statement)
