"""Lend writers of the access log to transactions that change rows.

A transaction takes a lane when its work is done and its entries are to be written, and gives it
back when its COMMIT has ended. The lane's first entry is opened in that same transaction: on
SQLite, where one transaction writes at a time, a second one would wait for the first for ever.
Source: access-log note, 3.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from vault.core.errors import BusyError
from vault.services.draft import Draft, SystemDraft
from vault.services.entry import say
from vault.services.lane import Journal, Lane, Page, Placed, Promise
from vault.services.seen import Horizon, Looking
from vault.store.engine import Conn
from vault.store.errors import WriterClosedError

LANES = 4  # transactions that may append at the same time
MAX_SECONDS = 5.0  # how long a transaction may wait for a lane
DRAIN_SECONDS = 10.0  # how long the process waits for its transactions when it ends

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Appended:
    """Entries that stand in a transaction which has not been committed yet."""

    page: Page
    placed: Placed
    promise: Promise
    size: int  # of the log, as the transaction sees it


class Lanes:
    """The lanes of a process, and the transactions that may use them."""

    def __init__(self, journal: Journal, horizon: Horizon) -> None:
        self.all = [Lane(journal) for _ in range(LANES)]
        self._horizon = horizon
        # The last lane given back goes first, so that quiet processes open one writer only.
        self._free: asyncio.LifoQueue[Lane] = asyncio.LifoQueue()
        for lane in reversed(self.all):
            self._free.put_nowait(lane)
        self._running: set[asyncio.Task[Any]] = set()

    async def carry(self, transaction: Coroutine[Any, Any, T]) -> T:
        """Run a transaction to its end, also when the one who asked for it has gone."""
        task = asyncio.get_running_loop().create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # asked for here, since its caller may have gone

    async def drain(self) -> None:
        """Wait for the transactions that run."""
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_SECONDS)

    def looking(self) -> Looking:
        """Keep the size of the log that a transaction saw before its load, to its end."""
        return self._horizon.looking()

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[Lane]:
        """Lend a lane; a transaction that fails inside leaves it doubtful.

        Raises:
            BusyError: none became free in time.
        """
        try:
            async with asyncio.timeout(MAX_SECONDS):
                lane = await self._free.get()
        except TimeoutError:
            raise BusyError from None
        try:
            yield lane
        except BaseException:
            lane.doubtful = True
            raise
        finally:
            self._free.put_nowait(lane)

    async def append(
        self, conn: Conn, lane: Lane, drafts: Sequence[Draft | SystemDraft], *, batch: bool
    ) -> Appended:
        """Append entries in the transaction of `conn`.

        Raises:
            TooLargeError: an entry has no place in the log.
            WriterClosedError: the lane's writer was closed; the next try begins a fresh one.
        """
        if lane.must_settle:
            await lane.settle(conn)
        page = lane.turn(self._horizon.oldest, len(drafts))
        placed = page.add([say(draft, page.chances) for draft in drafts], batch=batch)
        promise = page.promise()
        try:
            size = await page.send(conn)
        except WriterClosedError:
            lane.doubtful = True
            raise
        return Appended(page, placed, promise, size)
