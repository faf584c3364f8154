"""Put lost entries back into the log that is retired, at the places that they had.

The anchor proves them, so they are the log's own whatever the database knew: customers read them in
"who looked" again, `/log/…` serves all that was signed, and no change of a customer is missing. Only a
restored log that the mirror continues is completed; one that went on beside it stays as it is. Facts
for the search of staff are not made again. Twice is once: it goes on from the head.
Source: access-log note, 4 and 9; docs/recovery.md.
"""

from itertools import islice
from typing import Final
from uuid import UUID

from vault.core.ids import NOBODY
from vault.core.merkle import leaf_hash
from vault.services.deps import Deps
from vault.services.lost import Entry, Proof
from vault.services.situation import unix_ms
from vault.store import checkpoint, commit, integration, logs
from vault.store.checkpoint import CheckpointRow
from vault.store.engine import Conn
from vault.store.integration import Head
from vault.store.leaf import Leaf

PAGE: Final = 1_000  # entries of one transaction


async def bring_back(deps: Deps, old: Head, proof: Proof) -> int:
    """Complete the old log up to the anchor; return how many entries came back.

    Precondition: `proof` was walked to its end, and whose entries they are stands in the lists.

    Raises:
        MirrorDamagedError: a bundle is not what was proven.
        BusyError: not now; what came back stays.
    """
    if proof.start != min(old.size, proof.size):
        return 0
    lost = (one for one in proof.entries() if one.index >= old.size)
    count = 0
    while page := list(islice(lost, PAGE)):
        leaves = [_leaf(one) for one in page]

        async def work(conn: Conn, leaves: list[Leaf] = leaves) -> Head:
            return await integration.restore(conn, old.log_id, leaves)

        await commit.records(deps.database, work)
        count += len(page)
    row = CheckpointRow(
        old.log_id, proof.size, unix_ms(deps.clock.now()), proof.anchor.text.decode()
    )

    async def publish(conn: Conn) -> None:
        await checkpoint.add(conn, row)
        await logs.forget_waiting(conn, old.log_id)

    await commit.records(deps.database, publish)
    return count


def _leaf(one: Entry) -> Leaf:
    entry = one.packed + one.payload
    header = one.header
    return Leaf(
        idx=one.index,
        entry=entry,
        hash=leaf_hash(entry),
        writer=UUID(bytes=header.writer),
        seq=header.seq,
        part=header.part,
        customer=NOBODY,  # the lists were completed when the owners were found
        fact=None,
    )
