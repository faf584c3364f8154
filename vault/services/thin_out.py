"""Thin out the checkpoints that the mirror keeps under their sizes, so that they do not grow for ever.

1. each hour one process goes on behind the last checkpoint that it looked at, hour by hour, and
   behind the last day that it made of hours, day by day;
2. the times of the entries say which hour a checkpoint is of, and whether a receipt needs it;
3. what may go is deleted, then how far it came is written down.

The newest checkpoint is never looked at. Twice is once: what was cut is done again, and a place that
is lost or wrong costs a second look, never a checkpoint that must stay. It holds no lock, for whoever
copies touches the newest checkpoint alone.
Source: `vault/core/thinning.py`; docs/log.md.
"""

import asyncio
import contextlib
import re
import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice, pairwise
from typing import Final

import structlog

from vault.core.errors import VaultError
from vault.core.log_errors import MirrorDamagedError
from vault.core.thinning import STEPS, Span, groups, spare
from vault.core.tiles import ENTRIES, WIDTH, Tile
from vault.crypto.random import uuid4
from vault.services import anchor
from vault.services.deps import Deps
from vault.services.log_folder import Folder
from vault.services.situation import unix_ms
from vault.store import commit, lease
from vault.store.engine import Conn

EVERY: Final = timedelta(hours=1)
LOOK_SECONDS: Final = 60.0  # between two looks whether it is time
PART: Final = 1_000_000  # entries of one run: seconds, and it is given back to others
PLACE: Final = ".thinned"  # sizes up to which each step is done
LEASE: Final = "checkpoints"

_PLACE: Final = re.compile(rb"(0|[1-9][0-9]{0,18}) (0|[1-9][0-9]{0,18})\n")
_HEAD: Final = struct.Struct(">H8xQ")  # length of an entry in its bundle, then its time

logger = structlog.get_logger()


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Thin out once an hour, by one of the processes, until told to stop."""
    while not stop.is_set():
        try:
            if await _mine(deps):
                while not stop.is_set() and await thin_out(deps):
                    pass
        except VaultError as error:  # the database or the folder is away: the loop outlives it
            logger.warning("checkpoints-not-thinned", error=error.code)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def thin_out(deps: Deps) -> bool:
    """Look at some of the checkpoints of the log that entries go to; say whether there are more.

    Raises:
        MirrorForgedError, MirrorForeignError: the mirror is not this log's; nothing was deleted.
        MirrorDamagedError: entries that a checkpoint covers are not there.
        MirrorDownError: the folder cannot be read.
    """
    async with deps.database.connect() as conn:
        held = await anchor.read(deps, conn, deps.log_id)
    if held is None:
        return False
    where = anchor.folder(deps, deps.log_id)
    now = unix_ms(deps.clock.now())
    return await asyncio.to_thread(_thin_out, where, held.checkpoint.size, now)


def _thin_out(where: Folder, newest: int, now: int) -> bool:
    places = _places(where)
    for number, step in enumerate(STEPS):
        # Days are made of hours: what the step before has not seen is not this one's yet.
        end = places[number - 1] if number else newest - 1
        sizes = [size for size in where.sizes() if places[number] < size <= end]
        spans = _spans(where, [places[number], *sizes], newest)
        begin = places[number]
        for group in groups(spans, width=step.width, until=now - step.age):
            where.forget(spare(group))
            places[number] = group[-1].size
            where.replace(PLACE, f"{places[0]} {places[1]}\n".encode())
            if places[number] - begin >= PART:
                return True
    return False


def _spans(where: Folder, sizes: Sequence[int], newest: int) -> Iterator[Span]:
    times = _times(where, sizes[0], newest)
    for before, size in pairwise(sizes):
        found = list(islice(times, size - before))
        yield Span(size, min(found), max(found))


def _times(where: Folder, start: int, size: int) -> Iterator[int]:
    """Give the time of each entry from an index on, unix ms.

    Raises:
        MirrorDamagedError: a bundle is missing, or is none.
    """
    for n in range(start // WIDTH, -(-size // WIDTH)):
        data = where.tile(Tile.at(ENTRIES, n, size))
        index, at = n * WIDTH, 0
        while at < len(data):
            if at + _HEAD.size > len(data):
                raise MirrorDamagedError
            length, moment = _HEAD.unpack_from(data, at)
            if index >= start:
                yield moment
            at += 2 + length
            index += 1
        if at != len(data) or index != min((n + 1) * WIDTH, size):
            raise MirrorDamagedError


def _places(where: Folder) -> list[int]:
    """Return how far each step has come; from the beginning where nothing says so."""
    found = _PLACE.fullmatch(where.read(PLACE) or b"")
    return [int(found[1]), int(found[2])] if found else [0, 0]


async def _mine(deps: Deps) -> bool:
    async def work(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, LEASE, holder=uuid4(), length=EVERY) is not None

    return await commit.claim(deps.database, work)
