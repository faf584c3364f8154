"""Measure a consented read: ten fields, token, proof, decisions, durable record.

    python -m bench.consented_read [--rounds 5] [--json FILE] [--plot FILE] [--check] [--quick]

Beside it in the same rounds, shuffled: pgbench's pair (select one row, insert one, a commit each)
and transaction (both in one), and a naive FastAPI and ORM build of the same route. A round whose
answers are not the known values, or that left fewer entries than answers, has no figure.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization

from bench import cpu, database, naive, pgbench, shop, table, truth
from bench.database import Bench
from bench.shop import Process, Shop
from tests.vaults import ISSUER

CUSTOMERS = 50_000
CUSTOMERS_SQLITE = 10_000
CONNECTIONS = (1, 8, 32, 64)
MAIN = 32
WARM = 0.5
SECONDS = 3.0
MOST_A_SECOND = 12_000  # requests that are signed for each second
TRIES = 3
FLOOR_PAIR = 0.35
FLOOR_P99 = 25.0  # ms


class Bed:
    """What is measured on: servers, and the ways to ask them."""

    def __init__(self, pg: Bench, filled: Shop, *, seconds: float) -> None:
        self.pg, self.shop, self.seconds = pg, filled, seconds
        self.name = filled.url.rpartition("/")[2]
        self.products: list[Process] = []
        self.naives: list[Process] = []
        self.answers = 0  # of the product, in all rounds

    def ask(self, kind: str, connections: int) -> dict[str, Any]:
        """Run one cell."""
        if kind in pgbench.SCRIPTS:
            return pgbench.run(self.pg, kind, connections, self.seconds)
        targets = {
            "two": self.products,
            "one": self.products[:1],
            "naive": self.naives,
        }[kind]
        found = ask(
            self.shop, targets, connections, seconds=self.seconds,
            trees={"product": [one.pid for one in targets], "postgresql": [self.pg.pid]},
        )  # fmt: skip
        truth.values(self.shop, found.pop("samples"))
        if kind != "naive":
            self.answers += found["answers"]
        return found


def ask(
    filled: Shop,
    targets: list[Process],
    connections: int,
    *,
    seconds: float,
    trees: dict[str, Any],
    begun: threading.Event | None = None,
) -> dict[str, Any]:
    """Ask some processes by a load generator of its own; `begun` is set when it begins."""
    key = filled.party.proof_key
    pem = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    spec = {
        "targets": [["127.0.0.1", one.port] for one in targets],
        "connections": connections,
        "seconds": seconds,
        "warm": WARM,
        "requests": int((seconds + WARM) * MOST_A_SECOND)
        if connections > 1
        else int((seconds + WARM) * 3_000),
        "trees": trees,
        "ids": filled.ids,
        "path": "/api/v1/customers/{id}/profile",
        "query": f"purpose={shop.PURPOSE}",
        "issuer": ISSUER,
        "key": pem.decode(),
        "jwk": key.jwk,
        "token": shop.token(filled, filled.token_port),
        "seed": random.getrandbits(32),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as load:
        assert load.stdin
        assert load.stdout
        print(json.dumps(spec), file=load.stdin, flush=True)
        if load.stdout.readline() != "ready\n":
            raise RuntimeError("the load generator did not become ready")
        print("go", file=load.stdin, flush=True)
        if begun:
            begun.set()
        found = json.loads(load.stdout.readline())
    if found["bad"]:
        raise RuntimeError(f"other statuses came: {found['bad']}")
    return found


def cells(*, quick: bool, naive_too: bool) -> list[tuple[str, int]]:
    """Return what one round measures."""
    counts = (MAIN,) if quick else CONNECTIONS
    kinds = ["pair", "transaction", "two", "one", *(["naive"] if naive_too else [])]
    return [(kind, count) for count in counts for kind in kinds]


def rounds(
    bed: Bed, count: int, chosen: list[tuple[str, int]], *, tries: int
) -> Iterator[dict[str, Any]]:
    """Measure; each round has its own order."""
    for number in range(count):
        order = random.sample(chosen, len(chosen))
        for kind, connections in order:
            found: dict[str, Any] = {}
            for attempt in range(tries):
                truth.settle(bed.pg, bed.name)
                before = cpu.noise()
                with truth.paused(bed.pg, bed.name):
                    found = bed.ask(kind, connections)
                noise = max(before, cpu.noise())
                found |= {"kind": kind, "connections": connections, "round": number, "noise": noise}
                found["dirty"] = noise > cpu.DIRTY
                if not found["dirty"] or attempt == tries - 1:
                    break
            print(line(found), file=sys.stderr, flush=True)
            yield found


def line(found: dict[str, Any]) -> str:
    used = ", ".join(f"{name} {value:.0f}" for name, value in found["cpu_us"].items())
    batch = found.get("entries_a_commit")
    return (
        f"{found['round']} {found['kind']:11} {found['connections']:3} "
        f"{found['rate']:8,.0f}/s p50 {found['p50_ms']:5.2f} p99 {found['p99_ms']:6.2f} ms; us: {used}"
        + (f"; {batch:.1f} entries a commit" if batch else "")
        + (f"  DIRTY {found['noise']:.2f}" if found["dirty"] else "")
    )


def on_postgresql(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure on PostgreSQL."""
    with database.postgresql() as pg:
        name = pg.create_database()
        start = time.perf_counter()
        home = folder / "home"
        home.mkdir()
        filled = asyncio.run(shop.fill(pg.url(name), home, asked.customers))
        print(f"filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        pgbench.prepare(pg)
        naive.prepare(pg, name)
        pg.run_sql("VACUUM ANALYZE", name)
        bed = Bed(pg, filled, seconds=asked.seconds)
        try:
            bed.products = [shop.serve(filled), shop.serve(filled)]
            filled.token_port = bed.products[0].port
            if not asked.no_naive:
                bed.naives = [naive.serve(filled), naive.serve(filled)]
            chosen = cells(quick=asked.quick, naive_too=not asked.no_naive)
            measured = list(rounds(bed, asked.rounds, chosen, tries=1 if asked.quick else TRIES))
            leader = None if asked.quick else with_leader(bed)
            truth.settle(bed.pg, bed.name)
        finally:
            for one in (*bed.products, *bed.naives):
                one.stop()
        checked = truth.log(pg, name, bed.answers)
        return {
            "settings": pg.settings(),
            "fdatasync_us": database.sync_us(),
            "rounds": measured,
            "leader": leader,
            "log": checked,
        }


def with_leader(bed: Bed) -> dict[str, Any]:
    """Measure a longer time with the log's leader at work beside the reads."""
    truth.settle(bed.pg, bed.name)
    seconds, bed.seconds = bed.seconds, min(30.0, 10 * bed.seconds)
    try:
        found = bed.ask("two", MAIN)
    finally:
        bed.seconds = seconds
    return found


def on_sqlite(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure one process on SQLite."""
    home = folder / "sqlite"
    home.mkdir()
    customers = min(CUSTOMERS_SQLITE, asked.customers)
    filled = asyncio.run(shop.fill(f"sqlite:///{home}/vault.db", home, customers))
    product = shop.serve(filled)
    filled.token_port = product.port
    measured = []
    try:
        for number in range(asked.rounds):
            for connections in (MAIN,) if asked.quick else CONNECTIONS:
                found = ask(filled, [product], connections, seconds=asked.seconds,
                            trees={"product": [product.pid]})  # fmt: skip
                truth.values(filled, found.pop("samples"))
                found |= {"kind": "sqlite", "connections": connections, "round": number}
                found["dirty"] = cpu.noise() > cpu.DIRTY
                found["noise"] = 0.0
                print(line(found), file=sys.stderr, flush=True)
                measured.append(found)
    finally:
        product.stop()
    return {"rounds": measured}


def summary(measured: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the medians of each cell, and its ratios to the references of its rounds."""
    by: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for one in measured:
        by.setdefault((one["kind"], one["connections"]), []).append(one)
    lines = []
    for (kind, connections), found in by.items():
        rates = [one["rate"] for one in found]
        one_line: dict[str, Any] = {
            "kind": kind,
            "connections": connections,
            "rate": table.spread(rates),
            "p50_ms": table.median(one["p50_ms"] for one in found),
            "p99_ms": table.median(one["p99_ms"] for one in found),
            "cpu_us": {
                name: table.median(one["cpu_us"][name] for one in found)
                for name in found[0]["cpu_us"]
            },
            "entries_a_commit": table.median(one.get("entries_a_commit") for one in found),
            "dirty": sum(one["dirty"] for one in found),
            "ratios": {},
        }
        for other in ("pair", "transaction", "naive"):
            reference = by.get((other, connections))
            if reference and kind in {"one", "two"}:
                one_line["ratios"][other] = table.ratio(rates, [one["rate"] for one in reference])
        lines.append(one_line)
    return lines


def goals(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the goals that this bench measures."""
    at = {(one["kind"], one["connections"]): one for one in lines}
    two, one = at["two", MAIN], at["one", MAIN]
    ratios = {name: found["median"] for name, found in two["ratios"].items()}
    found = [
        table.goal("read / pair, 32 connections", ratios["pair"], must=0.35, goal=0.5),
        table.goal("read / transaction, 32 connections", ratios["transaction"], must=0.5, goal=0.7),
        table.goal("p99, 32 connections", two["p99_ms"], must=25, goal=15, unit=" ms"),
        table.goal(
            "PostgreSQL CPU a read, one process", one["cpu_us"]["postgresql"], must=45, goal=30, unit=" us"
        ),
    ]  # fmt: skip
    if "naive" in ratios:
        found.insert(
            2, table.goal("read / naive, 32 connections", ratios["naive"], must=8, goal=12)
        )
    return found


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=SECONDS)
    words.add_argument("--customers", type=int, default=CUSTOMERS)
    words.add_argument("--json", type=Path)
    words.add_argument("--check", action="store_true", help="exit 1 below the floors")
    words.add_argument("--quick", action="store_true", help="32 connections, one short round")
    words.add_argument("--no-naive", action="store_true")
    words.add_argument("--no-sqlite", action="store_true")
    asked = words.parse_args()
    if asked.quick:
        asked.rounds, asked.seconds = 1, min(asked.seconds, 1.0)
        asked.customers = min(asked.customers, 5_000)
    with tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        found = on_postgresql(asked, Path(folder))
        lines = summary(found["rounds"])
        if not asked.no_sqlite:
            found["sqlite"] = on_sqlite(asked, Path(folder))
            lines += summary(found["sqlite"]["rounds"])
    met = goals(lines)
    written = table.document("consented_read", cells=lines, goals=met, **found)
    table.write(written, asked.json) if asked.json else None
    print(table.goals(met))
    failed = (
        met[0]["value"] < FLOOR_PAIR
        or next(one["value"] for one in met if one["what"].startswith("p99")) > FLOOR_P99
    )
    if asked.check and failed:
        sys.exit("below the floor: see the table")


if __name__ == "__main__":
    main()
