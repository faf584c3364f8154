"""Serve a vault of its own inside this process, for the benches that count CPU and calls.

CPU time moves with what else the machine does, so such a bench takes the least of many rounds, and
beside it tells how long a fixed piece of arithmetic took.
"""

import argparse
import asyncio
import cProfile
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import database, shop, truth

ARITHMETIC = 100_000
Measure = Callable[[shop.Shop, argparse.Namespace, list[int]], Awaitable[None]]


def words(about: str, *, customers: int) -> argparse.ArgumentParser:
    """Return what such a bench is asked for."""
    found = argparse.ArgumentParser(description=about)
    found.add_argument("--rounds", type=int, default=20)
    found.add_argument("--customers", type=int, default=customers)
    found.add_argument("--sqlite", action="store_true")
    found.add_argument("--profile", type=Path, help="write what cProfile sees of one more round")
    return found


def run(measure: Measure, asked: argparse.Namespace) -> None:
    """Fill a vault and measure it.

    Args:
        measure: is given the shop, what was asked for, and PostgreSQL's processes, if there are any.
        asked: as read by `words`.
    """
    with tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        if asked.sqlite:
            filled = asyncio.run(shop.fill(f"sqlite:///{home}/vault.db", home, asked.customers))
            asyncio.run(_awaited(measure(filled, asked, [])))
            return
        with database.postgresql() as pg:
            name = pg.create_database()
            filled = asyncio.run(shop.fill(pg.url(name), home, asked.customers))
            pg.run_sql("VACUUM ANALYZE", name)
            with truth.paused(pg, name):  # the log's leader, whose work is not a look's
                asyncio.run(_awaited(measure(filled, asked, [pg.pid])))


async def _awaited(work: Awaitable[None]) -> None:
    await work


def arithmetic() -> float:
    """Return the CPU seconds of a fixed piece of work, to compare machines and moments."""
    start = time.process_time()
    total = 0
    for number in range(ARITHMETIC):
        total += number % 7
    return time.process_time() - start


def counted(profile: cProfile.Profile) -> int:
    """Return how many calls of functions were seen."""
    return sum(one.callcount for one in profile.getstats())
