"""Measure the proof of one entry in a log of 1,000,000, from the tiles in the database.

    python -m bench.log_proof [--rounds 5] [--json FILE] [--check] [--quick]

The leaves go in as rows, the tiles by the log's own growth, and the newest checkpoint is signed as
always. Then proofs of entries drawn by chance are made, each with its entry and the checkpoint, each
checked before it leaves, and some again by the independent checker. CPU is this process's and, of
PostgreSQL, the server's beside it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import update

from bench import cpu, table
from bench.database import PLACE, postgresql
from tests.published import LOG, publish
from tests.store import records
from tests.vaults import RunningClock, vault
from vault.core.merkle import Frontier, leaf_hash
from vault.services import log_proof
from vault.services.deps import Deps
from vault.store import bulk, commit, tile
from vault.store.engine import open_database
from vault.store.integration import log_head
from vault.store.leaf import log_leaf
from vault.store.migrate import upgrade
from vault.verifier import merkle as independent

ENTRIES = 1_000_000
PROOFS = 400  # of a round
STEP = 20_000  # leaves of one transaction
PAYLOAD = bytes(138)  # with the header 250 bytes: an entry of one or two fields
MUST, GOAL = 5.0, 1.0  # ms


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row of `log_leaf`."""

    log_id: int
    idx: int
    hash: bytes
    entry: bytes
    writer: UUID
    seq: int
    part: int


async def fill(deps: Deps, entries: int) -> None:
    """Grow the log to so many entries, and sign."""
    writer, frontier = records.new_writer(), Frontier()
    for first in range(0, entries, STEP):
        rows = [row(writer, idx) for idx in range(first, min(first + STEP, entries))]
        await commit.request(deps.database, partial(add, rows=rows))
        frontier.extend(one.hash for one in rows)
        print(f"\r{frontier.size:,} of {entries:,} leaves", end="", file=sys.stderr)
    moved = update(log_head).values(size=entries, root=frontier.root(), edge=frontier.edge)
    await commit.request(deps.database, lambda conn: conn.execute(moved))
    await publish(deps)
    print(file=sys.stderr)


def row(writer: UUID, idx: int) -> Leaf:
    entry = records.entry(writer, idx, payload=PAYLOAD)
    return Leaf(LOG, idx, leaf_hash(entry), entry, writer, idx, 0)


async def add(conn, *, rows: list[Leaf]) -> None:
    await bulk.add(conn, log_leaf, rows)
    await tile.grow(conn, LOG, rows[0].idx, [one.hash for one in rows])


async def measure(deps: Deps, entries: int, server: int | None) -> dict[str, float]:
    """Prove entries drawn by chance; ms of CPU and of the clock for each."""
    places = [random.randrange(entries) for _ in range(PROOFS)]
    took = []
    before, used = time.process_time(), cpu.used([server]) if server else 0.0
    for place in places:
        began = time.perf_counter()
        proof = await log_proof.proof(deps, place)
        took.append(time.perf_counter() - began)
    spent = time.process_time() - before
    beside = cpu.used([server]) - used if server else 0.0
    signed = proof.signed.checkpoint
    leaf = independent.leaf(proof.entry)
    independent.check_inclusion(leaf, place, signed.size, proof.path, signed.root)
    return {
        "cpu_ms": 1_000 * spent / PROOFS,
        "server_cpu_ms": 1_000 * beside / PROOFS,
        "p50_ms": 1_000 * sorted(took)[PROOFS // 2],
        "p99_ms": 1_000 * sorted(took)[PROOFS * 99 // 100],
    }


async def on(url: str, entries: int, rounds: int, server: int | None) -> dict[str, float]:
    """Fill a database and measure; the median of each figure over the rounds."""
    await upgrade(url)
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=PLACE)))
        database = open_database(url, slack=20)
        stack.push_async_callback(database.dispose)
        deps = await stack.enter_async_context(vault(database, home, clock=RunningClock()))
        await fill(deps, entries)
        found = [await measure(deps, entries, server) for _ in range(rounds)]
    return {name: table.median(one[name] for one in found) for name in found[0]}


def run(rounds: int, entries: int = ENTRIES) -> dict[str, object]:
    """Measure on both databases, and return the document."""
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        sqlite = asyncio.run(on(f"sqlite:///{folder}/vault.db", entries, rounds, None))
    with postgresql() as server:
        url = server.url(server.create_database())
        postgres = asyncio.run(on(url, entries, rounds, server.pid))
    found = {"sqlite": sqlite, "postgresql": postgres}
    goals = [
        table.goal(
            f"inclusion proof at {entries:,} entries, CPU, {name}",
            round(one["cpu_ms"] + one["server_cpu_ms"], 2),
            must=MUST,
            goal=GOAL,
            unit=" ms",
        )
        for name, one in found.items()
    ]
    return table.document("log_proof", entries=entries, rounds=rounds, goals=goals, **found)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--entries", type=int, default=ENTRIES)
    words.add_argument("--json", type=Path)
    words.add_argument("--check", action="store_true", help="exit 1 above the floor")
    words.add_argument("--quick", action="store_true", help="one round of a small log")
    asked = words.parse_args()
    found = run(1, 70_000) if asked.quick else run(asked.rounds, asked.entries)
    table.write(found, asked.json)
    print(table.goals(found["goals"]))
    if asked.check and any(one["value"] > MUST for one in found["goals"]):
        sys.exit("above the floor: see the table")


if __name__ == "__main__":
    main()
