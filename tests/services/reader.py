"""A process of its own that reads about a customer, as a second server would.

python -m tests.services.reader URL HOME CUSTOMER ROUNDS
"""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from tests.services.decisions import newsletter
from tests.vaults import FakeClock, vault
from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.store.engine import open_database

READERS = 5


async def read(deps: Deps, who: CustomerId, rounds: int) -> int:
    """Read by an app, one after the other, and return how often something was opened."""
    opened = 0
    for _ in range(rounds):
        (one,) = await disclose(deps, [newsletter(who)])
        opened += bool(one.opened)
        print(opened, flush=True)
    return opened


async def main(url: str, home: str, customer: str, rounds: int) -> None:
    """Read by several at once, each in its own time.

    One's record teaches the others how long the log is, between their load and their record.
    """
    who = CustomerId(UUID(customer))
    database = open_database(url)
    async with vault(database, Path(home), clock=FakeClock()) as deps:
        print(sum(await asyncio.gather(*(read(deps, who, rounds) for _ in range(READERS)))))
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
