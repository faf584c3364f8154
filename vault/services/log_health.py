"""Say whether the log goes on: writers that are stuck, and entries that nobody signs.

It is read from the rows alone, by any process, and changes nothing.
Source: access-log note, 4; docs/log.md.
"""

from typing import Final

from vault.core.ids import LogId
from vault.store import checkpoint, integration, leaf, log_writers
from vault.store.engine import Conn, now

WAITS_MS: Final = 60_000  # a record that waits longer for its index waits for an operator
UNSIGNED_MS: Final = 30_000  # an entry without a checkpoint; a new leader takes 11 s at most


async def stopped(conn: Conn, log_id: LogId) -> list[str]:
    """Return a sentence for each writer whose records cannot go on without an operator."""
    return [
        f"Writer {one.writer} is stopped at its record {one.wanted}: docs/log.md, stopped writers."
        for one in await log_writers.oldest(conn, log_id)
        if one.seq != one.wanted or one.at is None
    ]


async def late(conn: Conn, log_id: LogId) -> list[str]:
    """Return what a leader would have done by now, so that there seems to be none."""
    moment = int((await now(conn)).timestamp() * 1000)
    oldest = [one.at for one in await log_writers.oldest(conn, log_id) if one.at is not None]
    found = []
    if oldest and moment - min(oldest) > WAITS_MS:
        found.append("Records have waited for their index for more than a minute.")
    head = await integration.head(conn, log_id)
    newest = await checkpoint.newest(conn, log_id)
    signed = newest.size if newest else 0
    if head is not None and head.size > signed:
        at = await leaf.at(conn, log_id, signed)
        if at is None or moment - at > UNSIGNED_MS:
            found.append(f"{head.size - signed:,} entries have no checkpoint.")
    if found:
        found.append("Let `serve` or `jobs` run, and look for log-broken in what they write.")
    return found
