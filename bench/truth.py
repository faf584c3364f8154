"""Say whether a round counts: right values, and for each answer an entry in the log.

Between rounds the log is integrated, one-time claims are emptied and a checkpoint is made, so that
no round pays for the one before. While one runs, nobody else has the lease of the log's leader, and
jobs wait for the next day: records are durable without them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.database import Bench
from bench.shop import Shop
from vault.services import replay_job, retention_job

WAITS = "SELECT count(*) FROM log_outbox"
# The leader loses nothing that it has not committed: it locks the same row, and asks for its fence.
TAKE = (
    "UPDATE log_head SET holder = gen_random_uuid(), fence = coalesce(fence, 0) + 1,"
    " until = clock_timestamp() + interval '1 hour' RETURNING fence"
)
GIVE = "UPDATE log_head SET until = clock_timestamp() - interval '1 millisecond'"
# A new vault's nightly work begins at once: it looks at every customer and decides every read again.
LATER = "UPDATE job SET run_at = clock_timestamp() + interval '1 day' WHERE parked_at IS NULL"
# Whoever holds these leases begins the nightly work; here it is nobody who works.
NIGHTLY = ("barrier", replay_job.KIND, retention_job.KIND)
HOLD = (
    "INSERT INTO lease (name, holder, fence, until)"
    " VALUES ('{name}', gen_random_uuid(), 1, clock_timestamp() + interval '1 day')"
    " ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until"
)
PATIENCE = 300.0  # seconds in which what waits must be integrated


def values(shop: Shop, samples: list[list[Any]]) -> None:
    """Compare answers with what was imported."""
    places = {one: number for number, one in enumerate(shop.ids)}
    assert samples, "no answer came"
    for path, body in samples:
        wanted = shop.values(places[path.split("/")[4]])
        found = {name: one["value"] for name, one in body["fields"].items()}
        assert wanted.items() <= found.items(), (path, found, wanted)
        assert len(found) == 10, body
        assert not body["withheld"], body
        assert body["receipt"].startswith("ownship-receipt@v1\n"), body


def settle(pg: Bench, name: str) -> None:
    """Wait until the log has taken in what waits, then give each round the same ground."""
    deadline = time.monotonic() + PATIENCE
    while int(pg.run_sql(WAITS, name)):
        if time.monotonic() > deadline:
            raise RuntimeError("the log does not integrate what waits")
        time.sleep(0.1)
    pg.run_sql("TRUNCATE once", name)
    pg.run_sql("VACUUM log_outbox", name)
    pg.run_sql("CHECKPOINT")


def put_off(pg: Bench, name: str) -> None:
    """Put the nightly work of a vault off that is about to be served for longer than a minute."""
    for lease in NIGHTLY:
        pg.run_sql(HOLD.format(name=lease), name)
    pg.run_sql(LATER, name)


@contextmanager
def paused(pg: Bench, name: str) -> Iterator[None]:
    """Keep the log's leader waiting: hold its lease, as a process of the vault would that leads."""
    pg.run_sql(LATER, name)
    fence = pg.run_sql(TAKE, name)
    try:
        yield
    finally:
        pg.run_sql(f"{GIVE} WHERE fence = {int(fence)}", name)


def log(pg: Bench, name: str, answers: int) -> dict[str, int]:
    """Say how many reads the log holds; every answer must have its entry.

    Precondition: the servers have stopped, so nothing waits.
    """
    waits = int(pg.run_sql(WAITS, name))
    reads = int(pg.run_sql("SELECT count(*) FROM access_fact WHERE kind = 1", name))
    size = int(pg.run_sql("SELECT size FROM log_head", name))
    assert waits == 0, "records still wait"
    assert reads >= answers, f"{answers} answers and {reads} entries"
    return {"answers": answers, "reads": reads, "size": size, "lost": max(0, answers - reads)}
