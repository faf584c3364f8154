"""Measure the page "who looked" of a customer with many entries in a long log.

    python -m bench.portal_pages [--rounds 5] [--json FILE] [--check] [--quick]

1,000,000 entries, 10,000 of them the customer's: those are sealed for them like any other, the rest
are headers with random bytes behind, about nobody. All are integrated as usual. Then the customer
signs in and loads the page, and pages further back, 200 times a round alone, and 200 times while
an app reads by 32 connections from the same two processes.
"""

import asyncio
import os
import random
import re
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2

from bench import command, consented_read, cpu, database, shop, table, truth
from bench.database import Bench
from bench.shop import Process, Shop
from tests.portal.person import SAME, forms
from tests.stories.shop_app import newest_mail
from tests.vaults import vault
from vault.core.entry import EntryClass, Header, Kind, Suite
from vault.core.ids import NOBODY, CustomerId
from vault.crypto.pairwise import customer_of
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.entry import Place, say, write
from vault.services.integrator import Integrator
from vault.store import commit, log
from vault.store.engine import open_database
from vault.store.integration import Record
from vault.store.leaf import Fact

ENTRIES = 1_000_000
OWN = 10_000
PARTS = 1_000  # entries of one record
TOGETHER = 20  # records between two turns of the integration
PAYLOAD = 584  # bytes of an ordinary look's payload
LOADS = 200
READ_SECONDS = 10.0  # of the read load; it begins again until the loads are done
DAY = 86_400_000  # ms
PAGE = "/who-looked"
FLOOR = 400.0  # ms; --check fails above it
MORE = re.compile(r'href="(/who-looked\?[^"]*)"')


async def grow(filled: Shop, *, entries: int, own: int) -> None:
    """Fill the log of a vault that is not served."""
    db = open_database(filled.url, patient=True)
    try:
        async with vault(db, filled.home, clock=shop.Clock()) as deps:
            who = customer_of(deps.keys.service("pairwise"), shop.APP, filled.ids[0])
            load = await deps.loads.ask(who, lane="bench")
            key, code = audit_key(deps, load)[1], load.rulebook.digest
            integrator = Integrator(db, log_id=deps.log_id)
            writer = uuid.uuid4()
            await commit.request(db, lambda conn: log.open_writer(conn, deps.log_id, writer))
            began = int(time.time() * 1000) - 90 * DAY
            for seq in range(entries // PARTS):
                at = began + 90 * DAY * seq * PARTS // entries
                record = _record(deps, who, key, code, writer, seq, at, own * PARTS // entries)

                async def work(conn: Any, record: Record = record) -> int:
                    return await log.append(conn, [record], at_least=0)

                await commit.records(db, work)
                if seq % TOGETHER == TOGETHER - 1:
                    while await integrator.integrate():
                        pass
                    print(f"{(seq + 1) * PARTS:,} entries", file=sys.stderr, end="\r", flush=True)
            while await integrator.integrate():
                pass
            assert not integrator.stopped
            await integrator.close()
    finally:
        await db.dispose()


def _record(
    deps: Deps, who: CustomerId, key: bytes, code: str,
    writer: uuid.UUID, seq: int, at: int, own: int,
) -> Record:  # fmt: skip
    mine = frozenset(random.sample(range(PARTS), own))
    entries, facts = [], []
    for part in range(PARTS):
        place = Place(deps.log_id, deps.origin, writer, seq, part, PARTS, at, 0)
        if part in mine:
            said = say(_draft(who, key, code))
            entries.append(write(said, place))
            facts.append(said.fact)
            continue
        entries.append(_noise(place))
        facts.append(_FACT)
    owners = tuple(who if part in mine else NOBODY for part in range(PARTS))
    return Record(deps.log_id, writer, seq, tuple(entries), owners, tuple(facts))


def _draft(who: CustomerId, key: bytes, code: str) -> Draft:
    allowed = tuple((name, shop.PURPOSE) for name in shop.FIELDS)
    return Draft(
        customer=who, audit_key=key, kind=Kind.READ, epoch=3, actor=f"app:{shop.APP}", code=code,
        app=shop.APP, purpose=shop.PURPOSE, allowed=allowed, registration="a" * 64,
        token="b" * 64, request=uuid.uuid4().hex[:22], seen=0,
    )  # fmt: skip


_FACT = Fact(bytes(16), int(Kind.READ), shop.APP, shop.PURPOSE, (shop.PURPOSE,), "c" * 64, 10, 0,
             None, None)  # fmt: skip


def _noise(place: Place) -> bytes:
    chance = os.urandom(57 + PAYLOAD)
    header = Header(
        log_id=place.log_id, entry_class=EntryClass.CUSTOMER, suite=Suite.COMMITTED, at=place.at,
        writer=place.writer.bytes, seq=place.seq, part=place.part, parts=place.parts,
        seen=place.seen, tag=chance[:16], veil=chance[16:25], facts=chance[25:57], length=PAYLOAD,
    )  # fmt: skip
    return header.pack() + chance[57:]


def sign_in(filled: Shop, product: Process) -> httpx2.Client:
    """Sign the customer in by the mailed code."""
    mails = filled.home / "mail"
    mails.mkdir(exist_ok=True)
    base = f"http://127.0.0.1:{product.port}"
    client = httpx2.Client(base_url=base, headers={"host": shop.HOST}, timeout=60)
    known = set(mails.glob("*.eml"))
    sent = _send(client, "/sign-in", ("email", str(filled.values(0)["contact.email"])))
    assert sent.status_code == 303, sent.text
    code = re.search(rb"^(\d{6})\r?$", newest_mail(mails, known), re.MULTILINE)
    assert code
    entered = _send(client, "/sign-in/code", ("code", code[1].decode()))
    assert entered.headers.get("location") == "/home", entered.text
    return client


def _send(client: httpx2.Client, page: str, *fields: tuple[str, str]) -> httpx2.Response:
    hidden: Any = forms
    pairs = [*hidden(client.get(page).text)[page], *fields]
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return client.post(page, content=str(httpx2.QueryParams(pairs)), headers=kind | SAME)


def loads(client: httpx2.Client, count: int, goes_on: Callable[[], bool]) -> list[float]:
    """Load the page, and those further back by turns; returns milliseconds."""
    took: list[float] = []
    path = PAGE
    while len(took) < count and goes_on():
        start = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - start) * 1e3)
        assert answer.status_code == 200, answer.status_code
        assert shop.PURPOSE in answer.text or "Loyalty" in answer.text
        further = [
            one.replace("&amp;", "&") for one in MORE.findall(answer.text) if "before" in one
        ]
        path = further[-1] if further and len(took) % 20 else PAGE
    return took


def beside(client: httpx2.Client, filled: Shop, products: list[Process]) -> list[float]:
    """Load the page while an app reads as fast as it can; a load that ended after it counts none."""
    took: list[float] = []
    while len(took) < LOADS:
        begun = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(
                consented_read.ask, filled, products, consented_read.MAIN,
                seconds=READ_SECONDS, trees={}, begun=begun,
            )  # fmt: skip
            while not begun.wait(0.1):
                if reading.done():
                    break  # it failed, and says how
            found = loads(client, LOADS - len(took), lambda reading=reading: not reading.done())
            if reading.done():
                found = found[:-1]
            reading.result()
        took += found
    return took


def measure(
    client: httpx2.Client, filled: Shop, products: list[Process], pg: Bench, rounds: int
) -> Iterator[dict[str, Any]]:
    """Load the page, alone and beside the read load."""
    trees = {"product": [one.pid for one in products], "postgresql": [pg.pid]}
    for number in range(rounds):
        for kind in ("alone", "beside"):
            noise = cpu.noise()
            before = {part: cpu.used(roots) for part, roots in trees.items()}
            if kind == "alone":
                took = loads(client, LOADS, lambda: True)
            else:
                took = beside(client, filled, products)
            used = {part: cpu.used(roots) - before[part] for part, roots in trees.items()}
            noise = max(noise, cpu.noise())
            took.sort()
            found = {
                "round": number,
                "kind": kind,
                "p50_ms": took[len(took) // 2],
                "p95_ms": took[len(took) * 95 // 100],
                "max_ms": took[-1],
                "noise": noise,
                "dirty": noise > cpu.DIRTY,
            }
            if kind == "alone":
                found["cpu_us"] = {part: value / LOADS * 1e6 for part, value in used.items()}
            print(found, file=sys.stderr, flush=True)
            yield found


def run(rounds: int = 5, *, entries: int = ENTRIES, own: int = OWN) -> dict[str, Any]:
    """Measure, and return the document."""
    with database.postgresql() as pg, tempfile.TemporaryDirectory(dir=database.PLACE) as folder:
        name = pg.create_database()
        filled = asyncio.run(shop.fill(pg.url(name), Path(folder), 1_000))
        start = time.perf_counter()
        asyncio.run(grow(filled, entries=entries, own=own))
        print(f"filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        pg.run_sql("VACUUM ANALYZE", name)
        size = int(pg.run_sql("SELECT size FROM log_head", name))
        assert size >= entries
        truth.put_off(pg, name)
        products = [shop.serve(filled), shop.serve(filled)]
        filled.token_port = products[0].port
        try:
            with closing(sign_in(filled, products[0])) as client:
                loads(client, 5, lambda: True)
                found = list(measure(client, filled, products, pg, rounds))
        finally:
            for one in products:
                one.stop()
        settings = pg.settings()
    goals = []
    for kind, words in (("alone", ""), ("beside", " beside the read load")):
        p95 = table.median(one["p95_ms"] for one in found if one["kind"] == kind)
        what = f"who looked, {size:,} entries{words}, p95"
        goals.append(table.goal(what, p95, must=200, goal=100, unit=" ms"))
    return table.document("portal_pages", rounds=found, size=size, settings=settings, goals=goals)


def main() -> None:
    quick = {"entries": 20_000, "own": 2_000}
    command.run(run, __doc__.splitlines()[0], quick=quick, floor=FLOOR)


if __name__ == "__main__":
    main()
