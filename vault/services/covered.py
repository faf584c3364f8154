"""Wait until a checkpoint covers what was recorded, for those who want a proof with each answer.

The record stands before the wait, and nothing is opened before its end: a look that is not covered
in time was decided and recorded, and its answer is 503. What may still be opened behind a long wait
is for `second_look.py`. All who wait in a process share one question, and a checkpoint counts when
its signature is ours: rows can be edited.
Source: access-log note, 8; docs/log.md.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import structlog

from vault.core.errors import BusyError, VaultError
from vault.core.ids import LogId
from vault.core.recorded import Recorded
from vault.store import checkpoint
from vault.store.checkpoint import CheckpointRow
from vault.store.engine import Database

MAX_SECONDS = 5.0
POLL_SECONDS: Final = 0.1

# Raises LogBrokenError for a row whose note the log's own key has not signed, over that size.
Believe = Callable[[CheckpointRow], object]
Entry = tuple[UUID, int, int]  # writer, seq, part

logger = structlog.get_logger()


class Covered:
    """The looks of one process that wait for a checkpoint."""

    def __init__(self, database: Database, *, log_id: LogId, believe: Believe) -> None:
        """Prepare; nothing is asked before somebody waits."""
        self._database, self._believe = database, believe
        self._log_id = log_id
        self._waiting: dict[asyncio.Future[None], Entry] = {}
        self._asking: asyncio.Task[None] | None = None

    async def wait(self, recorded: Sequence[Recorded]) -> None:
        """Wait until the newest checkpoint covers the last of these records.

        Raises:
            BusyError: it did not in time; the records stand, and nothing may be opened.
        """
        if not recorded:
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        # Records of one call are of one writer and in order, so that the last is covered last.
        last = recorded[-1].entry
        self._waiting[future] = (UUID(bytes=last.writer), last.seq, last.part)
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(self._ask(), name="covered")
        try:
            await asyncio.wait_for(future, MAX_SECONDS)
        except TimeoutError:
            raise BusyError from None
        finally:
            self._waiting.pop(future, None)

    async def _ask(self) -> None:
        while self._waiting:
            asked = dict(self._waiting)
            try:
                found = await self._covered(set(asked.values()))
            except VaultError as error:  # each waits on, until its own end
                logger.warning("log-cover-waits", error=error.code)
                found = set()
            for future, entry in asked.items():
                if entry in found and not future.done():
                    future.set_result(None)
                    self._waiting.pop(future, None)
            await asyncio.sleep(POLL_SECONDS)

    async def _covered(self, entries: set[Entry]) -> set[Entry]:
        async with self._database.connect() as conn:
            newest = await checkpoint.newest(conn, self._log_id)
            if newest is None:
                return set()
            self._believe(newest)
            return await checkpoint.covered(conn, newest, entries)
