"""Race withdrawals against reads on two processes: no read sent after the answer gives a value.

    python -m bench.withdrawal [--races 1000] [--rounds 1] [--json FILE] [--check] [--quick]

Each race: a customer who allows reading withdraws in one process; readers on both go on asking. A
read that was sent after the withdrawal was acknowledged must be refused. A read that was under way
may still give a value; the longest time by which such an answer came late is printed. Also: from the
withdrawal's start to the first refusal.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import database, shop, table
from bench.call import App
from bench.shop import Shop
from tests.vaults import vault
from vault.core.ids import CustomerId
from vault.crypto.pairwise import customer_of
from vault.services import consent
from vault.store.engine import open_database

RACES = 1_000
WARM = 3  # reads of each reader before the withdrawal


@dataclass
class Race:
    """What the readers of one race saw; moments are seconds of `time.perf_counter`."""

    acknowledged: float = 0.0
    began: float = 0.0
    reads: list[tuple[float, float, int]] = field(default_factory=list)  # sent, answered, status
    stop: bool = False

    @property
    def after(self) -> int:
        """Values in reads that were sent after the acknowledgement."""
        return sum(sent > self.acknowledged and status == 200 for sent, _, status in self.reads)

    @property
    def late_ms(self) -> float:
        """By how much the last value came behind the acknowledgement; 0 for before it."""
        ends = [ended for _, ended, status in self.reads if status == 200]
        return max(0.0, max(ends, default=0.0) - self.acknowledged) * 1e3

    @property
    def refused_ms(self) -> float:
        """From the withdrawal's start to the first refusal."""
        ends = [ended for _, ended, status in self.reads if status == 404]
        return (min(ends) - self.began) * 1e3


def read(app: App, path: str, race: Race) -> None:
    """Ask again and again until three answers in a row were refusals behind the acknowledgement."""
    refused = 0
    while refused < 3 and not race.stop:
        sent = time.perf_counter()
        status = app.status("GET", path)
        race.reads.append((sent, time.perf_counter(), status))
        refused = refused + 1 if status == 404 and 0 < race.acknowledged < sent else 0


def run_race(apps: list[App], who: str, withdraw: Callable[[], None]) -> Race:
    """Let readers of both processes and one withdrawal run against each other."""
    race = Race()
    path = f"/api/v1/customers/{who}/profile?purpose={shop.PURPOSE}"
    readers = [threading.Thread(target=read, args=(app, path, race)) for app in apps]
    for one in readers:
        one.start()
    while len(race.reads) < WARM * len(apps):
        time.sleep(0.0005)
    race.began = time.perf_counter()
    try:
        withdraw()
        race.acknowledged = time.perf_counter()
        for one in readers:
            one.join(30)
    finally:
        race.stop = True
    assert not any(one.is_alive() for one in readers), "a reader is never refused"
    assert any(status == 200 for _, _, status in race.reads[:WARM]), "nothing was allowed before"
    return race


def measure(filled: Shop, races: int) -> dict[str, Any]:
    """Race on two processes of the product; a third withdraws, by the portal's own service."""
    products = [shop.serve(filled), shop.serve(filled)]
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    db = open_database(filled.url, patient=True)
    opened = vault(db, filled.home, clock=shop.Clock())

    def call(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    deps = call(opened.__aenter__())
    found = []
    try:
        apps = [App(filled, products[number % 2]) for number in range(4)]
        for who in filled.ids[:races]:
            customer = customer_of(deps.keys.service("pairwise"), shop.APP, who)

            def act(customer: CustomerId = customer) -> None:
                call(consent.withdraw(deps, customer, shop.PURPOSE))

            found.append(run_race(apps, who, act))
            if len(found) % 100 == 0:
                print(f"{len(found)} races", file=sys.stderr, flush=True)
    finally:
        call(opened.__aexit__(None, None, None))
        call(db.dispose())
        loop.call_soon_threadsafe(loop.stop)
        for one in products:
            one.stop()
    return {
        "races": len(found),
        "values_after": sum(one.after for one in found),
        "reads": sum(len(one.reads) for one in found),
        "worst_overlap_ms": max(one.late_ms for one in found),
        "refused_ms": table.spread(one.refused_ms for one in found),
    }


def run(rounds: int = 1, *, races: int = RACES) -> dict[str, Any]:
    """Race, and return the document."""
    found: list[dict[str, Any]] = []
    for number in range(rounds):
        with database.postgresql() as pg, tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
            name = pg.create_database()
            filled = asyncio.run(shop.fill(pg.url(name), Path(folder), races))
            pg.run_sql("VACUUM ANALYZE", name)
            found.append({"round": number, **measure(filled, races)})
    after = sum(one["values_after"] for one in found)
    goal = {"what": "values in reads sent after a withdrawal's answer", "value": after, "unit": ""}
    goal |= {"must": 0, "goal": 0, "met": "no" if after else "goal"}
    return table.document("withdrawal", rounds=found, goals=[goal])


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=1)
    words.add_argument("--races", type=int, default=RACES)
    words.add_argument("--json", type=Path)
    words.add_argument("--check", action="store_true", help="exit 1 when a value came after")
    words.add_argument("--quick", action="store_true", help="20 races")
    asked = words.parse_args()
    found = run(asked.rounds, races=20 if asked.quick else asked.races)
    if asked.json:
        table.write(found, asked.json)
    for one in found["rounds"]:
        print(
            f"{one['races']} races, {one['reads']} reads: {one['values_after']} values after the "
            f"answer; worst overlap {one['worst_overlap_ms']:.1f} ms; first refusal "
            f"{one['refused_ms']['median']:.1f} ms after the start"
        )
    print(table.goals(found["goals"]))
    if asked.check and found["goals"][0]["value"]:
        sys.exit("a read that was sent after a withdrawal's answer gave a value")


if __name__ == "__main__":
    main()
