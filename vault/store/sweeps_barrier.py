"""Walk the lists of all customers, in pages, for the rule that the log must keep for each of them.

A page is cut by entries and not by customers, so that a customer with a million of them is no more
at once than any other. Only headers are read: what they tell needs the customer's tag key, and no
payload leaves the table.
Source: access-log note, 10; docs/scale.md, schema rules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, literal, select, tuple_

from vault.core.entry import HEADER_BYTES
from vault.core.ids import CustomerId, LogId
from vault.store.customer import KEY, CustomerKeyRow, customer_key
from vault.store.engine import Conn
from vault.store.leaf import customer_entry, log_leaf

_TOGETHER: Final = 500  # indexes, or customers, of one statement
_WHY: Final = {"sweep": "the barrier is judged for every customer, behind the requests"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One place on a customer's list."""

    customer: CustomerId
    log_id: LogId
    index: int


async def page(conn: Conn, after: Entry | None, *, limit: int) -> list[Entry]:
    """Return the next entries by customer, log and index; all before `after` were returned."""
    listed = customer_entry.c
    wanted = select(listed.customer_id, listed.log_id, listed.idx)
    if after is not None:
        # Compared as one row, so that the key itself leads to the page.
        end = (
            literal(after.customer, listed.customer_id.type),
            literal(after.log_id),
            literal(after.index),
        )
        wanted = wanted.where(tuple_(listed.customer_id, listed.log_id, listed.idx) > tuple_(*end))
    order = (listed.customer_id, listed.log_id, listed.idx)
    rows = await conn.execute(wanted.order_by(*order).limit(limit).execution_options(**_WHY))
    return [Entry(CustomerId(one.customer_id), LogId(one.log_id), one.idx) for one in rows]


async def headers(conn: Conn, log_id: LogId, indexes: Sequence[int]) -> dict[int, bytes]:
    """Return the first 112 bytes of entries, by index; one that is not there is left out."""
    found: dict[int, bytes] = {}
    for start in range(0, len(indexes), _TOGETHER):
        several = indexes[start : start + _TOGETHER]
        rows = await conn.execute(
            select(log_leaf.c.idx, func.substr(log_leaf.c.entry, 1, HEADER_BYTES).label("header"))
            .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.in_(several))
            .order_by(log_leaf.c.idx)
        )
        found |= {row.idx: bytes(row.header) for row in rows}
    return found


async def keys(conn: Conn, customers: Collection[CustomerId], kind: int) -> list[CustomerKeyRow]:
    """Return keys of one kind of these customers, every generation."""
    found: list[CustomerKeyRow] = []
    asked = sorted(customers, key=lambda one: one.bytes)
    for start in range(0, len(asked), _TOGETHER):
        rows = await conn.execute(
            select(*KEY)
            .where(
                customer_key.c.customer_id.in_(asked[start : start + _TOGETHER]),
                customer_key.c.kind == kind,
            )
            .execution_options(**_WHY)
        )
        found += [CustomerKeyRow(*row) for row in rows]
    return found
