"""Several processes write one database, as commands do beside a running server."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.store import rows
from vault.store import commit, lease, lookup, sweeps
from vault.store.engine import open_database
from vault.store.lookup import LookupRow

REPOSITORY = Path(__file__).resolve().parents[2]
EACH = 60


async def write(url: str) -> list[str]:
    """Race for identifiers that the other process wants too; print which were won."""
    database = open_database(url)
    won = []
    for number in range(EACH):
        row = LookupRow(number.to_bytes(17), 1, rows.customer_id(), b"mac")
        if await commit.request(database, partial(lookup.put, row=row)):
            won.append(f"{number}:{row.customer}")
    holder = rows.customer_id()
    fence = await commit.claim(database, lambda conn: lease.acquire(conn, "jobs", holder=holder))
    await database.dispose()
    return [*won, f"lease:{fence}"]


@pytest.mark.slow
async def test_two_processes_write_and_of_each_race_one_wins(database, database_url, look):
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.store.test_processes",
            database_url,
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    printed = [(await process.communicate())[0].decode().split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    said = [word for words in printed for word in words]
    assert sorted(word for word in said if word.startswith("lease:")) == ["lease:1", "lease:None"]
    won = dict(word.split(":") for word in said if not word.startswith("lease:"))
    assert len(won) == EACH == len(said) - 2
    keys = [(number.to_bytes(17), 1) for number in range(EACH)]
    found = await look(lambda conn: lookup.find_many(conn, keys))
    stored = {str(int.from_bytes(idx)): str(row.customer) for (idx, _), row in found.items()}
    assert stored == won
    assert await look(sweeps.count_customers) == 0


if __name__ == "__main__":
    print("\n".join(asyncio.run(write(sys.argv[1]))))
