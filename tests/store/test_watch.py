from typing import Any

import pytest
from sqlalchemy import select

from tests.rules.tree import REPOSITORY
from vault.store.value import value

PLANTED = """
from sqlalchemy import select
from vault.store.value import value

async def sweep(conn):
    return (await conn.execute(select(value))).all()
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_watch_stops_the_store_and_not_a_test(database):
    planted: dict[str, Any] = {}
    exec(compile(PLANTED, f"{REPOSITORY}/vault/store/planted.py", "exec"), planted)
    async with database.connect() as conn:
        assert (await conn.execute(select(value))).all() == []
        with pytest.raises(AssertionError, match="asks value of all customers"):
            await planted["sweep"](conn)
