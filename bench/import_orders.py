"""Measure the import of a shop's history from files to durable: `python -m bench.import_orders`.

Customers, one order of each and one review of each order, in three files with the columns of a public
data set, go into an empty vault: on a PostgreSQL of its own (on a disk, with fsync), and into SQLite. A
run that leaves other rows than the files have has no figure. What consents cost is measured by
`bench/import_customers.py`.
"""

import argparse
import asyncio
import cProfile
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import cpu, database, orders, table
from tests.vaults import RULEBOOK, SAMPLE, RunningClock, vault
from vault.garbage import settle
from vault.services import import_form, import_source, importing
from vault.services.import_done import Run
from vault.services.import_mapping import parse
from vault.store.engine import open_database
from vault.store.migrate import upgrade

COUNT = 100_000
QUICK = 500
MOST = 180.0  # seconds for all three files


async def measure(
    url: str,
    files: dict[str, Path],
    home: Path,
    count: int,
    *,
    roots: list[int],
    profile: cProfile.Profile | None = None,
) -> dict[str, Any]:
    """Import the files into a new vault; returns the figures.

    Args:
        url: an empty database.
        files: of `orders`.
        home: of the vault.
        count: rows of each file.
        roots: of PostgreSQL, whose CPU is counted.
        profile: of the import.
    """
    await upgrade(url)
    db = open_database(url, patient=True)
    seconds: dict[str, float] = {}
    try:
        async with vault(db, home, clock=RunningClock()) as deps:
            settle()  # as the command does
            together = Run()
            used, theirs = time.process_time(), cpu.used(roots)
            with profile or nullcontext():
                for rules in parse(orders.MAPPING, RULEBOOK, name=SAMPLE.name).files:
                    name, start = rules.shape.name, time.perf_counter()
                    source = import_source.examine(files[name], mapping=orders.MAPPING, name=name)
                    form = import_form.look(files[name], rules)
                    done = await importing.run(
                        deps, rules, source, form=form, rulebook=RULEBOOK, together=together
                    )
                    seconds[name] = time.perf_counter() - start
                    assert (done.complete, done.refused, done.rows) == (True, 0, count), done
            own, pg = time.process_time() - used, cpu.used(roots) - theirs
            async with deps.database.connect() as conn:
                found = [
                    (await conn.execute(text(f"SELECT count(*) FROM {one}"))).scalar_one()
                    for one in ("standing", "interaction")
                ]
    finally:
        await db.dispose()
    assert found == [count, 2 * count], f"{found} rows of {count} customers"
    return {
        "count": count,
        "seconds": sum(seconds.values()),
        "by_file": seconds,
        "cpu_seconds": own,
        "postgresql_cpu_seconds": pg,
    }


def line(name: str, found: dict[str, Any]) -> str:
    """Say what came on one database."""
    parts = ", ".join(f"{one} {took:.1f} s" for one, took in found["by_file"].items())
    return (
        f"{name}: {found['seconds']:.1f} s for {found['count']:,} customers, as many orders and "
        f"reviews ({parts}; own CPU {found['cpu_seconds']:.1f} s, PostgreSQL's "
        f"{found['postgresql_cpu_seconds']:.1f} s)"
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--count", type=int, default=COUNT)
    words.add_argument("--only", choices=("postgresql", "sqlite"))
    words.add_argument("--json", type=Path)
    words.add_argument("--quick", action="store_true", help=f"{QUICK:,} customers")
    words.add_argument("--rounds", type=int, default=1, help="one import is one round")
    words.add_argument("--check", action="store_true", help="exit 1 over three minutes")
    words.add_argument("--profile", type=Path, help="write what cProfile sees of the import")
    asked = words.parse_args()
    count = QUICK if asked.quick else asked.count
    profile = cProfile.Profile() if asked.profile else None
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        files = orders.write(Path(folder), count)
        for name in ("postgresql", "sqlite"):
            (Path(folder) / name).mkdir()
        if asked.only != "sqlite":
            home = Path(folder) / "postgresql"
            with database.postgresql() as pg:
                url = pg.url(pg.create_database())
                found = asyncio.run(
                    measure(url, files, home, count, roots=[pg.pid], profile=profile)
                )
                figures["postgresql"] = found | {"settings": pg.settings()}
        if asked.only != "postgresql":
            url, home = f"sqlite:///{folder}/vault.db", Path(folder) / "sqlite"
            given = profile if asked.only else None
            figures["sqlite"] = asyncio.run(
                measure(url, files, home, count, roots=[], profile=given)
            )
    for name, found in figures.items():
        print(line(name, found))
    if profile:
        profile.dump_stats(asked.profile)
    met = []
    if "postgresql" in figures:
        what = f"import {count:,} customers, orders and reviews, PostgreSQL"
        seconds = figures["postgresql"]["seconds"]
        met = [table.goal(what, seconds, must=MOST, goal=MOST / 2, unit=" s")]
    if asked.json:
        table.write(table.document("import_orders", count=count, goals=met, **figures), asked.json)
    if asked.check and met and met[0]["met"] == "no":
        sys.exit("over three minutes: see the table")


if __name__ == "__main__":
    main()
