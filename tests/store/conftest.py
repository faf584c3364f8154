"""Databases for the store's tests, and customers in them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.databases import database, database_url, postgresql_template, sqlite_template
from tests.store import rows
from vault.core.ids import CustomerId
from vault.store import commit, customer, kek
from vault.store.engine import Conn, Database

__all__ = ["database", "database_url", "postgresql_template", "sqlite_template"]

T = TypeVar("T")
Do = Callable[[Callable[[Conn], Awaitable[T]]], Awaitable[T]]


@pytest.fixture
def do(database: Database) -> Do:
    """Run one function of the store in a transaction of its own: `await do(lambda conn: …)`."""

    async def run(work: Callable[[Conn], Awaitable[T]]) -> T:
        return await commit.request(database, work)

    return run


@pytest.fixture
def look(database: Database) -> Do:
    """Run one function of the store on a connection that cannot write."""

    async def run(work: Callable[[Conn], Awaitable[T]]) -> T:
        async with database.connect() as conn:
            return await work(conn)

    return run


@pytest.fixture
async def someone(do: Do) -> CustomerId:
    """A customer with a profile key and an audit key."""
    whose = rows.customer_id()
    keys = [rows.key(whose, kind=1), rows.key(whose, kind=2)]
    await do(lambda conn: kek.add(conn, rows.KEK))
    await do(lambda conn: customer.create(conn, [rows.standing(whose)], keys=keys, at=rows.NOW))
    return whose
