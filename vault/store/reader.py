"""Find the apps that were given something of a customer, as far as the access log goes.

Facts name no customer: the customer's own list leads to them.
Source: access-log note, 4.
"""

from typing import Final

from sqlalchemy import select

from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.leaf import access_fact, customer_entry

_CHUNK: Final = 1_000  # indexes in one statement


async def readers_of(conn: Conn, customer: CustomerId) -> frozenset[str]:
    """Return the apps that were allowed something of a customer, as far as the logs go."""
    # Two statements, never a join: list and facts are of different families.
    wanted = select(customer_entry.c.log_id, customer_entry.c.idx).where(
        customer_entry.c.customer_id == customer
    )
    indexes: dict[int, list[int]] = {}
    for row in await conn.execute(wanted):
        indexes.setdefault(row.log_id, []).append(row.idx)
    found: set[str] = set()
    for log_id, several in indexes.items():
        for start in range(0, len(several), _CHUNK):
            apps = (
                select(access_fact.c.app)
                .where(
                    access_fact.c.log_id == log_id,
                    access_fact.c.idx.in_(several[start : start + _CHUNK]),
                    access_fact.c.kind == Kind.READ,
                    access_fact.c.app.is_not(None),
                )
                .distinct()
            )
            found |= set((await conn.execute(apps)).scalars())
    return frozenset(found)
