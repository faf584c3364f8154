"""A process of its own that deletes what is over, and says each page; it goes on until it is killed.

python -m tests.services.sweeper URL HOME MOMENT
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from tests.vaults import FakeClock, vault
from vault.services import retention
from vault.store.engine import open_database


async def main(url, home, moment):
    retention.PAGE = 2  # type: ignore[misc]
    clock = FakeClock()
    clock.turn(seconds=(datetime.fromisoformat(moment) - clock.now()).total_seconds())
    database = open_database(url)
    async with vault(database, Path(home), clock=clock) as deps:
        await retention.sweep(deps, told=lambda tally: print(tally.gone.total(), flush=True))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
