"""Measure `ownship import` from file to durable: `python -m bench.import_customers`.

A file of customers with ten fields and three consents each goes into an empty vault, and once
more into the full one: on a PostgreSQL of its own (on a disk, with fsync), or in a new database of
the server of `--url`, and on SQLite. Beside it in the same run: as many rows of values as plain
INSERTs. A run that leaves other customers or consents than the file has no figure.
"""

import argparse
import asyncio
import cProfile
import sys
import tempfile
import time
import uuid
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bench import cpu, database, people, table
from bench.database import Bench
from policies.compile import compile_
from tests.vaults import RunningClock, publish, vault
from vault.garbage import settle
from vault.services import import_form, import_source, importing
from vault.services.import_mapping import parse
from vault.store.engine import open_database
from vault.store.migrate import upgrade

COUNT = 100_000
QUICK = 1_000


async def measure(
    url: str, file: Path, home: Path, *, roots: list[int], profile: cProfile.Profile | None = None
) -> dict[str, Any]:
    """Import the file into a new vault, and again; returns the figures.

    Args:
        url: an empty database.
        file: of `people`.
        home: of the vault.
        roots: of PostgreSQL, whose CPU is counted.
        profile: of the first import.
    """
    await upgrade(url)
    code = people.code(home)
    rulebook = compile_(code.read_bytes(), name=code.name)
    db = open_database(url, patient=True)
    took, own, theirs = [], [], []
    try:
        async with vault(db, home, clock=RunningClock()) as deps:
            await publish(deps, code)
            (rules,) = parse(people.MAPPING, rulebook, name="bench").files
            settle()  # as the command does
            for number in range(2):
                start, used, pg = time.perf_counter(), time.process_time(), cpu.used(roots)
                with profile if profile and not number else nullcontext():
                    source = import_source.examine(file, mapping=people.MAPPING)
                    form = import_form.look(file, rules)
                    done = await importing.run(deps, rules, source, form=form, rulebook=rulebook)
                took.append(time.perf_counter() - start)
                own.append(time.process_time() - used)
                theirs.append(cpu.used(roots) - pg)
                assert (done.complete, done.refused) == (True, 0), done
            async with deps.database.connect() as conn:
                count = (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one()
                given = "SELECT count(*) FROM consent WHERE state = 'given' AND current"
                consents = (await conn.execute(text(given))).scalar_one()
    finally:
        await db.dispose()
    assert count == done.rows, f"{done.rows} rows and {count} customers"
    assert consents == people.CONSENTS * count, f"{consents} consents of {count} customers"
    return {
        "customers": count,
        "consents": consents,
        "seconds": took[0],
        "again_seconds": took[1],
        "cpu_seconds": own[0],
        "postgresql_cpu_seconds": theirs[0],
    }


async def bare(url: str, count: int) -> float:
    """Return the seconds that as many rows take as plain INSERTs, a thousand customers a commit."""
    engine = create_async_engine(database.driver(url))
    insert = text("INSERT INTO bare VALUES (:i, :f, :s)")
    start = 0.0
    async with engine.connect() as conn:
        await conn.execute(text("CREATE TABLE bare (i uuid, f text, s bytea, PRIMARY KEY (i, f))"))
        await conn.commit()
        start = time.perf_counter()
        for _ in range(0, count, 1_000):
            ids = [uuid.uuid4() for _ in range(1_000)]
            given = [{"i": i, "f": f"field{f}", "s": bytes(80)} for i in ids for f in range(10)]
            await conn.execute(insert, given)
            await conn.commit()
    await engine.dispose()
    return time.perf_counter() - start


def postgresql(
    url: str | None, file: Path, home: Path, count: int, profile: cProfile.Profile | None
) -> dict[str, Any]:
    """Measure on the server of `url`, or on one that lives as long as the measurement."""
    if url:
        return asyncio.run(measure(url, file, home, roots=[], profile=profile))
    with database.postgresql() as pg:
        return _on(pg, file, home, count, profile)


def _on(
    pg: Bench, file: Path, home: Path, count: int, profile: cProfile.Profile | None
) -> dict[str, Any]:
    address = pg.url(pg.create_database())
    found = asyncio.run(measure(address, file, home, roots=[pg.pid], profile=profile))
    return found | {"bare_seconds": asyncio.run(bare(address, count)), "settings": pg.settings()}


def line(name: str, found: dict[str, Any], count: int) -> str:
    """Say what came on one database."""
    rates = [f"{count / found[part]:,.0f}/s" for part in ("seconds", "again_seconds")]
    beside = f", bare INSERTs {found['bare_seconds']:.1f} s" if "bare_seconds" in found else ""
    return (
        f"{name}: {found['seconds']:.1f} s, {rates[0]} (own CPU {found['cpu_seconds']:.1f} s, "
        f"PostgreSQL's {found['postgresql_cpu_seconds']:.1f} s); "
        f"again {found['again_seconds']:.1f} s, {rates[1]}{beside}"
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--count", type=int, default=COUNT)
    words.add_argument("--only", choices=("postgresql", "sqlite"))
    words.add_argument("--url", help="an empty PostgreSQL database of yours, in place of a new one")
    words.add_argument("--json", type=Path)
    words.add_argument("--quick", action="store_true", help=f"{QUICK:,} customers")
    words.add_argument("--rounds", type=int, default=1, help="one import is one round")
    words.add_argument("--check", action="store_true", help="exit 1 over a minute on PostgreSQL")
    words.add_argument("--profile", type=Path, help="write what cProfile sees of the first import")
    asked = words.parse_args()
    count = QUICK if asked.quick else asked.count
    profile = cProfile.Profile() if asked.profile else None
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        file = Path(folder) / "customers.csv"
        people.write(file, count)
        for name in ("postgresql", "sqlite"):
            (Path(folder) / name).mkdir()
        if asked.only != "sqlite":
            home = Path(folder) / "postgresql"
            figures["postgresql"] = postgresql(asked.url, file, home, count, profile)
        if asked.only != "postgresql":
            url = f"sqlite:///{folder}/vault.db"
            home = Path(folder) / "sqlite"
            given = profile if asked.only else None
            figures["sqlite"] = asyncio.run(measure(url, file, home, roots=[], profile=given))
    for name, found in figures.items():
        print(line(name, found, count))
    if profile:
        profile.dump_stats(asked.profile)
    met = []
    if "postgresql" in figures:
        seconds = figures["postgresql"]["seconds"]
        what = f"import {count:,} customers, PostgreSQL"
        met = [table.goal(what, seconds, must=60, goal=30, unit=" s")]
    if asked.json:
        table.write(
            table.document("import_customers", count=count, goals=met, **figures), asked.json
        )
    if asked.check and met and met[0]["met"] == "no":
        sys.exit("over a minute: see the table")


if __name__ == "__main__":
    main()
