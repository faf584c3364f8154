"""Measure `ownship import` from file to durable: `python -m bench.import_customers`.

A synthetic file of N customers with ten fields goes into an empty vault: on a PostgreSQL of its own
(on the disk, with fsync), on the one of `--url` (a new database is made there), and on SQLite.
Ratios of one run: rows a second beside the bare INSERTs of as many rows of values.
"""

import argparse
import asyncio
import csv
import sys
import tempfile
import time
import uuid
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bench import table
from tests.keeper import Server
from tests.vaults import RULEBOOK, RunningClock, vault
from vault.services import import_form, import_source, importing
from vault.services.import_mapping import parse
from vault.store.engine import open_database
from vault.store.migrate import upgrade

MAPPING = b"""
mapping: 1
files: {customers: {format: csv}}
customers:
  identify: {account.external_id: {column: id, source: observed}}
  source: told
  fields:
    contact.full_name: name
    contact.email: email
    contact.phone: tel
    contact.postal_address: address
    contact.language: language
    contact.birth_date: born
    preferences.store: shop
    loyalty.card: card
    loyalty.points: {column: points, source: observed}
"""
COLUMNS = (
    "id",
    "name",
    "email",
    "tel",
    "address",
    "language",
    "born",
    "shop",
    "card",
    "points",
)


def rows(count: int):
    """Give made-up customers; no two have an identifier in common."""
    store = next(one for one in RULEBOOK.code.fields if one.name == "preferences.store")
    for n in range(count):
        digits = f"{n:010d}"
        yield (
            f"C-{digits}",
            f"Customer Ó{n}",
            f"c{n}@example.org",
            f"+3538{n % 10}{n // 10:07d}"[:13],
            f"{n} Example Street; Dublin; D0{n % 9} X0{n % 10}0; IE",
            "en",
            f"19{n % 60 + 30}-0{n % 9 + 1}-1{n % 10}",
            store.choices[n % len(store.choices)].id,
            luhn(f"7{digits}"),
            str(n % 5_000),
        )


def luhn(digits: str) -> str:
    """Return digits with their check digit."""
    total = sum(sum(divmod(2 * int(one), 10)) for one in digits[-1::-2])
    total += sum(int(one) for one in digits[-2::-2])
    return f"{digits}{-total % 10}"


async def measure(url: str, file: Path, home: Path) -> dict[str, object]:
    """Import the file into a new vault, and again; returns the figures."""
    await upgrade(url)
    database = open_database(url)
    try:
        async with vault(database, home, clock=RunningClock()) as deps:
            (rules,) = parse(MAPPING, RULEBOOK, name="bench").files
            took, cpu = [], []
            for _ in range(2):
                start, used = time.perf_counter(), time.process_time()
                source = import_source.examine(file, mapping=MAPPING)
                form = import_form.look(file, rules)
                done = await importing.run(deps, rules, source, form=form, rulebook=RULEBOOK)
                took.append(time.perf_counter() - start)
                cpu.append(time.process_time() - used)
                assert (done.complete, done.refused) == (True, 0)
            async with deps.database.connect() as conn:
                count = (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one()
    finally:
        await database.dispose()
    return {"customers": count, "seconds": took[0], "again_seconds": took[1], "cpu_seconds": cpu[0]}


async def bare(url: str, count: int) -> float:
    """Return the seconds that as many rows take as plain INSERTs, a thousand customers a commit."""
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
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


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--count", type=int, default=100_000)
    words.add_argument("--only", choices=("postgresql", "sqlite"))
    words.add_argument("--url", help="an empty PostgreSQL database of yours, in place of a new one")
    words.add_argument("--json", type=Path)
    words.add_argument("--quick", action="store_true", help="1,000 customers")
    words.add_argument("--rounds", type=int, default=1, help="one import is one round")
    words.add_argument("--check", action="store_true", help="exit 1 over a minute on PostgreSQL")
    asked = words.parse_args()
    asked.count = 1_000 if asked.quick else asked.count
    figures: dict[str, object] = {"count": asked.count}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        file = Path(folder) / "customers.csv"
        with file.open("w", newline="", encoding="utf-8") as raw:
            writer = csv.writer(raw)
            writer.writerow(COLUMNS)
            writer.writerows(rows(asked.count))
        if asked.only != "sqlite":
            figures["postgresql"] = postgresql(asked.url, file, Path(folder) / "pg", asked.count)
        if asked.only != "postgresql":
            url = f"sqlite:///{folder}/vault.db"
            figures["sqlite"] = asyncio.run(measure(url, file, Path(folder) / "sqlite"))
    for name, found in figures.items():
        if isinstance(found, dict):
            rate = asked.count / found["seconds"]
            again = asked.count / found["again_seconds"]
            bare_ = (
                f", bare INSERTs {found['bare_seconds']:.1f} s" if "bare_seconds" in found else ""
            )
            print(
                f"{name}: {found['seconds']:.1f} s, {rate:,.0f} customers/s (own CPU {found['cpu_seconds']:.1f} s); "
                f"again {found['again_seconds']:.1f} s, {again:,.0f}/s{bare_}"
            )
    met = []
    if "postgresql" in figures:
        seconds = figures["postgresql"]["seconds"]
        what = f"import {asked.count:,} customers, PostgreSQL"
        met = [table.goal(what, seconds, must=60, goal=30, unit=" s")]
    table.write(table.document("import_customers", goals=met, **figures), asked.json)
    if asked.check and met and met[0]["met"] == "no":
        sys.exit("below the floor: see the table")


def postgresql(url: str | None, file: Path, home: Path, count: int) -> dict[str, object]:
    if url:
        return asyncio.run(measure(url, file, home))
    server = Server(durable=True)
    try:
        server.make()
        address = f"postgresql://postgres@127.0.0.1:{server.start()}/postgres"
        found = asyncio.run(measure(address, file, home))
        found["bare_seconds"] = asyncio.run(bare(address, count))
    finally:
        server.remove()
    return found


if __name__ == "__main__":
    main()
