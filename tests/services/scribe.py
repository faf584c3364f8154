"""A process of its own that records looks and changes, and says each that was acknowledged.

    python -m tests.services.scribe URL TASKS ROUNDS

A line is `writer seq part`. With 0 rounds it goes on until it is killed.
"""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count

from tests.services.logbook import ORIGIN, SIGNER, deps_of, draft
from vault.core.entry import Kind
from vault.services import unit
from vault.services.appender import Appender
from vault.store.engine import open_database


class Clock:
    def now(self):
        return datetime.now(UTC)


def say(records):
    for one in records:
        print(one.entry.writer.hex(), one.entry.seq, one.entry.part, flush=True)


async def look(appender, number):
    with appender.looking() as seen:
        await asyncio.sleep(0)
        drafts = [draft(seen=seen, app=f"app{number}")] * (1 + number % 3)
        say(await appender.record(drafts, batch=number % 2 == 0))


async def change(deps, number):
    async def work(one):
        one.log(draft(kind=Kind.GIVEN, epoch=number, seen=None))
        one.log(draft(kind=Kind.WITHDRAWN, epoch=number + 1, seen=None))

    _, records = await unit.run(deps, work)
    say(records)


async def task(deps, number, rounds):
    for turn in range(rounds) if rounds else count():
        if (turn + number) % 3:
            await look(deps.appender, number)
        else:
            await change(deps, turn)


async def main(url, tasks, rounds):
    database = open_database(url)
    appender = Appender(database, origin=ORIGIN, key=SIGNER, now=Clock().now)
    await appender.start()
    deps = deps_of(database, appender, Clock())
    await asyncio.gather(*(task(deps, number, rounds) for number in range(tasks)))
    await appender.close()
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
