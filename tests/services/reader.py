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
from vault.services import own
from vault.services.disclosure import disclose
from vault.store.engine import open_database


async def main(url: str, home: str, customer: str, rounds: int) -> None:
    """Read, by app and by the customer, and say how many reads gave something."""
    who = CustomerId(UUID(customer))
    database = open_database(url)
    opened = 0
    async with vault(database, Path(home), clock=FakeClock()) as deps:
        for _ in range(rounds):
            look = own.look(deps, who, request="r1", names=("contact.email",))
            mine = asyncio.create_task(look)
            asks = (disclose(deps, [newsletter(who)]) for _ in range(3))
            for several in await asyncio.gather(*asks):
                opened += sum(bool(one.opened) for one in several)
            await mine
            print(opened, flush=True)
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
