"""Ask whose entries stand at some indexes of the log: over all customers, and only for staff.

A customer's list is kept by customer, so that it is theirs alone; who answers for the vault must
still find the one customer of an entry that is looked into, once the look is for a case.
Source: docs/scale.md, schema rules; access-log note, 4.
"""

from collections.abc import Sequence

from sqlalchemy import select

from vault.core.ids import CustomerId, LogId
from vault.store.engine import Conn
from vault.store.leaf import customer_entry


async def owner_of(conn: Conn, log_id: LogId, index: int) -> CustomerId | None:
    """Return whose entry it is; None when it is on nobody's list, or no longer."""
    statement = (
        select(customer_entry.c.customer_id)
        .where(customer_entry.c.log_id == log_id, customer_entry.c.idx == index)
        .execution_options(sweep="only the index is known, for a look that is recorded next")
    )
    found = (await conn.execute(statement)).scalar_one_or_none()
    return None if found is None else CustomerId(found)


async def listed(conn: Conn, log_id: LogId, indexes: Sequence[int]) -> frozenset[int]:
    """Return which of these entries are on some customer's list; the others are about nobody."""
    if not indexes:
        return frozenset()
    statement = (
        select(customer_entry.c.idx)
        .where(customer_entry.c.log_id == log_id, customer_entry.c.idx.in_(indexes))
        .execution_options(sweep="counts asks about nobody, and learns of nobody who is there")
    )
    return frozenset((await conn.execute(statement)).scalars())
