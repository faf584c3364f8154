"""Ask whose entries stand at some places of the log: over all customers, and only for staff.

A customer's list is kept by customer, so that it is theirs alone; who answers for the vault must
still find the one customer of an entry that is looked into, once the look is for a case.
Source: docs/scale.md, schema rules; access-log note, 4.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from vault.core.ids import CustomerId, LogId
from vault.core.place import at, index_of, log_of
from vault.store.engine import Conn
from vault.store.leaf import customer_entry


async def owner_of(conn: Conn, place: int) -> CustomerId | None:
    """Return whose entry it is; None when it is on nobody's list, or no longer."""
    statement = (
        select(customer_entry.c.customer_id)
        .where(customer_entry.c.log_id == log_of(place), customer_entry.c.idx == index_of(place))
        .execution_options(sweep="only the place is known, for a look that is recorded next")
    )
    found = (await conn.execute(statement)).scalar_one_or_none()
    return None if found is None else CustomerId(found)


async def owners(
    conn: Conn, log_id: LogId, first: int, end: int, *, after: UUID | None, limit: int
) -> list[CustomerId]:
    """Return customers with an entry from one index up to another, by id, behind one of them."""
    entry = customer_entry.c
    wanted = select(entry.customer_id).where(
        entry.log_id == log_id, entry.idx >= first, entry.idx < end
    )
    if after is not None:
        wanted = wanted.where(entry.customer_id > after)
    wanted = (
        wanted.distinct()
        .order_by(entry.customer_id)
        .limit(limit)
        .execution_options(sweep="decides again what every customer's entries say")
    )
    return [CustomerId(one) for one in (await conn.execute(wanted)).scalars()]


async def listed(conn: Conn, log_id: LogId, places: Sequence[int]) -> frozenset[int]:
    """Return which entries of a log are on some customer's list; the others are about nobody."""
    if not places:
        return frozenset()
    indexes = [index_of(one) for one in places]
    statement = (
        select(customer_entry.c.idx)
        .where(customer_entry.c.log_id == log_id, customer_entry.c.idx.in_(indexes))
        .execution_options(sweep="counts asks about nobody, and learns of nobody who is there")
    )
    return frozenset(at(log_id, idx) for idx in (await conn.execute(statement)).scalars())
