"""Measure a bulk read of 1,000 customers, ten fields each, in one call over HTTP.

    python -m bench.bulk_read [--rounds 5] [--json FILE] [--check] [--quick]

Two forms of the answer: one JSON document, and lines that leave chunk by chunk. An answer that lacks
a value, and a look without its entry, end the bench.
"""

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import command, cpu, database, shop, table, truth
from bench.call import App, Called
from bench.database import Bench
from bench.shop import Shop

CUSTOMERS = 5_000
ASKED = 1_000
CALLS = 10  # of each form in a round
PATH = "/api/v1/profiles:batch"
LINES = {"accept": "application/x-ndjson"}
FLOOR = 300.0  # ms; --check fails above it


def one(app: App, pg: Bench, ids: list[str], *, lines: bool) -> tuple[Called, dict[str, float]]:
    """Make one call; returns it with the CPU that it took."""
    body = json.dumps({"purpose": shop.PURPOSE, "customers": ids}).encode()
    trees = {"product": [app.process.pid], "postgresql": [pg.pid]}
    before = {name: cpu.used(roots) for name, roots in trees.items()}
    called = app.call("POST", PATH, body, **(LINES if lines else {}))
    return called, {name: cpu.used(roots) - before[name] for name, roots in trees.items()}


def check(filled: Shop, places: dict[str, int], ids: list[str], called: Called) -> None:
    """Compare an answer with what was imported."""
    if called.body[:12] == b'{"customer":':
        found = [json.loads(line) for line in called.body.splitlines()]
        results = [one for one in found if "customer" in one]
        receipts = [one["receipt"] for one in found if "receipt" in one]
    else:
        results, receipts = called.json["results"], called.json["receipts"]
    assert [one["customer"] for one in results] == ids
    assert len(receipts) == -(-len(ids) // 100)
    for result in random.sample(results, 20):
        values = {name: said["value"] for name, said in result["fields"].items()}
        assert filled.values(places[result["customer"]]).items() <= values.items(), result
    assert all(len(one["fields"]) == 10 and not one["withheld"] for one in results)


def measure(filled: Shop, pg: Bench, name: str, *, rounds: int, calls: int) -> dict[str, Any]:
    """Measure on one process of the product."""
    places = {one: number for number, one in enumerate(filled.ids)}
    product = shop.serve(filled)
    found, answers = [], 0
    try:
        app = App(filled, product)
        one(app, pg, filled.ids[:ASKED], lines=False)  # warm: keys, statements, token
        answers += ASKED
        for number in range(rounds):
            for form in random.sample(("json", "lines"), 2):
                truth.settle(pg, name)
                noise = cpu.noise()
                took, first, used = [], [], {"product": 0.0, "postgresql": 0.0}
                ids = filled.ids[:ASKED]
                with truth.paused(pg, name):
                    for _ in range(calls):
                        ids = random.sample(filled.ids, ASKED)
                        called, cost = one(app, pg, ids, lines=form == "lines")
                        took.append(called.ms)
                        first.append((called.first - called.began) * 1e3)
                        used = {part: used[part] + cost[part] for part in used}
                        answers += ASKED
                        if len(took) == calls:
                            check(filled, places, ids, called)
                noise = max(noise, cpu.noise())
                found.append(
                    {
                        "round": number,
                        "kind": form,
                        "ms": table.spread(took),
                        "first_ms": table.median(first),
                        "cpu_us": {
                            part: value / calls / ASKED * 1e6 for part, value in used.items()
                        },
                        "noise": noise,
                        "dirty": noise > cpu.DIRTY,
                    }
                )
                print(line(found[-1]), file=sys.stderr, flush=True)
        truth.settle(pg, name)
    finally:
        product.stop()
    return {"rounds": found, "log": truth.log(pg, name, answers)}


def line(found: dict[str, Any]) -> str:
    used = ", ".join(f"{name} {value:.0f}" for name, value in found["cpu_us"].items())
    ms = found["ms"]
    return (
        f"{found['round']} {found['kind']:5} {ms['median']:6.1f} ms "
        f"({ms['min']:.1f} to {ms['max']:.1f}), first part after {found['first_ms']:.1f}; "
        f"us a customer: {used}" + (f"  DIRTY {found['noise']:.2f}" if found["dirty"] else "")
    )


def run(rounds: int = 5, *, calls: int = CALLS, customers: int = CUSTOMERS) -> dict[str, Any]:
    """Measure, and return the document."""
    with database.postgresql() as pg, tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        name = pg.create_database()
        filled = asyncio.run(shop.fill(pg.url(name), Path(folder), customers))
        pg.run_sql("VACUUM ANALYZE", name)
        found = measure(filled, pg, name, rounds=rounds, calls=calls)
        found["settings"] = pg.settings()
    best = table.median(one["ms"]["median"] for one in found["rounds"] if one["kind"] == "json")
    goals = [table.goal("bulk read of 1,000, one call", best, must=150, goal=60, unit=" ms")]
    return table.document("bulk_read", goals=goals, **found)


def main() -> None:
    quick = {"calls": 3, "customers": 1_000}
    command.run(run, __doc__.splitlines()[0], quick=quick, floor=FLOOR)


if __name__ == "__main__":
    main()
