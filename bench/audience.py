"""Measure an audience: page after page over HTTP, through everyone who allows a purpose.

    python -m bench.audience [--rounds 5] [--json FILE] [--check] [--quick]

Pages of 100 and of 1,000 customers, ten fields each, as one document and as lines. Each pass must
list every customer once.
"""

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import command, cpu, database, shop, table, truth
from bench.call import App
from bench.database import Bench
from bench.shop import Shop

CUSTOMERS = 5_000
FORMS = (("json", 100), ("json", 1_000), ("lines", 1_000))
LINES = {"accept": "application/x-ndjson"}


def passage(app: App, form: str, limit: int) -> tuple[list[float], list[str]]:
    """Read a whole audience; returns the milliseconds of its pages, and who was in it."""
    took, listed, cursor = [], [], ""
    while True:
        path = f"/api/v1/profiles?purpose={shop.PURPOSE}&limit={limit}{cursor}"
        headers = LINES if form == "lines" else {}
        called = app.call("GET", path, None, **headers)
        took.append(called.ms)
        if form == "lines":
            lines = [json.loads(line) for line in called.body.splitlines()]
            results, following = [one for one in lines if "customer" in one], lines[-1]["next"]
        else:
            results, following = called.json["results"], called.json["next"]
        assert all(len(one["fields"]) == 10 for one in results)
        listed += [one["customer"] for one in results]
        if following is None:
            return took, listed
        cursor = f"&cursor={following}"


def measure(filled: Shop, pg: Bench, name: str, *, rounds: int) -> dict[str, Any]:
    """Measure on one process of the product."""
    product = shop.serve(filled)
    found, answers = [], 0
    trees = {"product": [product.pid], "postgresql": [pg.pid]}
    try:
        app = App(filled, product)
        app.call("GET", f"/api/v1/profiles?purpose={shop.PURPOSE}")  # warm
        for number in range(rounds):
            for form, limit in random.sample(FORMS, len(FORMS)):
                truth.settle(pg, name)
                noise = cpu.noise()
                with truth.paused(pg, name):
                    before = {part: cpu.used(roots) for part, roots in trees.items()}
                    took, listed = passage(app, form, limit)
                    used = {part: cpu.used(roots) - before[part] for part, roots in trees.items()}
                assert sorted(listed) == sorted(filled.ids)
                answers += len(listed)
                noise = max(noise, cpu.noise())
                found.append(
                    {
                        "round": number,
                        "kind": form,
                        "limit": limit,
                        "ms": table.spread(took),
                        "customers_a_second": len(listed) / sum(took) * 1e3,
                        "cpu_us": {part: value / len(listed) * 1e6 for part, value in used.items()},
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
    return (
        f"{found['round']} {found['kind']:5} {found['limit']:5} a page "
        f"{found['ms']['median']:6.1f} ms, {found['customers_a_second']:6,.0f} customers/s; "
        f"us a customer: {used}" + (f"  DIRTY {found['noise']:.2f}" if found["dirty"] else "")
    )


def run(rounds: int = 5, *, customers: int = CUSTOMERS) -> dict[str, Any]:
    """Measure, and return the document."""
    with database.postgresql() as pg, tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        name = pg.create_database()
        filled = asyncio.run(shop.fill(pg.url(name), Path(folder), customers))
        pg.run_sql("VACUUM ANALYZE", name)
        found = measure(filled, pg, name, rounds=rounds)
        found["settings"] = pg.settings()
    return table.document("audience", **found)


def main() -> None:
    # No floor: whoever is missing fails the run.
    command.run(run, __doc__.splitlines()[0], quick={"customers": 500}, floor=None)


if __name__ == "__main__":
    main()
