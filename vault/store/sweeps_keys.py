"""Give the audit keys of all customers, page by page: for a recovery of the log, and nothing else.

A tag says whose entry it is to the holder of that customer's key alone, so whoever must find the
owners of lost entries tries every key.
Source: docs/scale.md, schema rules; access-log note, 2 and 9.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from vault.core.ids import CustomerId
from vault.store.customer import KEY, CustomerKeyRow, customer_key
from vault.store.engine import Conn


async def of_kind(
    conn: Conn, kind: int, *, after: CustomerId | None, limit: int
) -> list[CustomerKeyRow]:
    """Return the keys of one kind, all generations, by customer.

    Args:
        conn: a connection.
        kind: of the keys.
        after: the last customer of the page before; None for the first page.
        limit: customers of a page.
    """
    why = {"sweep": "a lost entry's owner is found by trying every key"}
    page = select(customer_key.c.customer_id).where(customer_key.c.kind == kind).distinct()
    if after is not None:
        page = page.where(customer_key.c.customer_id > after)
    page = page.order_by(customer_key.c.customer_id).limit(limit)
    ids = list((await conn.execute(page.execution_options(**why))).scalars())
    if not ids:
        return []
    wanted = (
        select(*KEY)
        .where(
            customer_key.c.kind == kind,
            customer_key.c.customer_id >= ids[0],
            customer_key.c.customer_id <= ids[-1],
        )
        .order_by(customer_key.c.customer_id, customer_key.c.generation)
    )
    rows = await conn.execute(wanted.execution_options(**why))
    return [CustomerKeyRow(*row) for row in rows]


async def count(conn: Conn, kind: int) -> int:
    """Return how many keys of a kind there are."""
    statement = select(func.count()).select_from(customer_key).where(customer_key.c.kind == kind)
    counted = await conn.execute(statement.execution_options(sweep="a count"))
    return int(counted.scalar_one())


async def owners(conn: Conn, key_ids: Collection[UUID]) -> list[CustomerId]:
    """Return the customers who still have one of these keys."""
    statement = (
        select(customer_key.c.customer_id)
        .where(customer_key.c.key_id.in_(list(key_ids)))
        .distinct()
        .execution_options(sweep="an erasure in the log names keys, not customers")
    )
    return [CustomerId(one) for one in (await conn.execute(statement)).scalars()]
