"""Delete every row of one customer, in whatever table it lies: the tables say so themselves.

Every table that is placed by the customer is emptied, but one that says why it outlives an erasure;
of the others, each that names a customer or a person by a column. So a table that is added later
is emptied too, and a test fails for one that hides a customer behind another name.
Source: crypto note, 10; docs/architecture.md, erasure.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Column, Table, any_, delete, literal, select

from vault.core.ids import CustomerId
from vault.store.customer import customer_key, standing
from vault.store.engine import Conn
from vault.store.log import log_outbox
from vault.store.metadata import CUSTOMER, OUTLIVES
from vault.store.sign_in import wrong_code
from vault.store.tables import TABLES
from vault.store.types import Id
from vault.store.value import value

_CHUNK: Final = 500  # customers in one statement
OWNERS: Final = ("customer_id", "person")  # columns that say whose a row is


async def lock(conn: Conn, customer: CustomerId) -> bool:
    """Hold a customer until the commit, against every change; False when there is none.

    Stronger than the lock of a change: rows that hang on the standing row cannot be added either.
    """
    statement = (
        select(standing.c.customer_id).where(standing.c.customer_id == customer).with_for_update()
    )
    return (await conn.execute(statement)).one_or_none() is not None


async def is_there(conn: Conn, customer: CustomerId) -> bool:
    """Tell whether something of a customer could still be opened or decided on."""
    return bool(await are_there(conn, [customer]))


async def are_there(conn: Conn, customers: Sequence[CustomerId]) -> list[CustomerId]:
    """Return those of whom something could still be opened or decided on, in their order."""
    found: set[CustomerId] = set()
    for start in range(0, len(customers), _CHUNK):
        chunk = customers[start : start + _CHUNK]
        for table in (standing, customer_key):
            statement = select(table.c.customer_id).where(table.c.customer_id.in_(chunk))
            found |= set((await conn.execute(statement)).scalars())
    return [one for one in customers if one in found]


async def wipe(conn: Conn, customer: CustomerId) -> Mapping[str, int]:
    """Delete all rows of a customer; return how many there were in each table that had some."""
    gone: dict[str, int] = {}
    known_by = select(value.c.idx).where(value.c.customer_id == customer, value.c.idx.is_not(None))
    indexes = list((await conn.execute(known_by)).scalars())
    for table in reversed(TABLES.sorted_tables):  # what hangs on another one goes first
        owner = owner_of(table)
        if owner is None or OUTLIVES in table.info:
            continue
        rows = (await conn.execute(delete(table).where(owner == customer))).rowcount
        if rows:
            gone[table.name] = rows
    if indexes:
        await conn.execute(delete(wrong_code).where(wrong_code.c.address_idx.in_(indexes)))
    return gone


def owner_of(table: Table) -> Column[CustomerId] | None:
    """Return the column that says whose a row is; None where no row is anybody's."""
    if table.info["shard"] == CUSTOMER:
        return table.c.customer_id
    return next((table.c[name] for name in OWNERS if name in table.c), None)


async def waits(conn: Conn, customer: CustomerId) -> bool:
    """Tell whether entries of a customer still wait for their place in the log."""
    if conn.dialect.name == "sqlite":  # an entry has its place at once
        return False
    mine = literal(customer, Id()) == any_(log_outbox.c.customers)
    statement = select(log_outbox.c.seq).where(mine).limit(1)
    return (await conn.execute(statement)).first() is not None
