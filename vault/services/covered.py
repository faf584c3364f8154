"""Wait until a checkpoint covers what was recorded, for those who want a proof with each answer.

The record stands before the wait, and nothing is opened before its end: a look that is not covered
in time was decided and recorded, and its answer is 503. All who wait in a process share one question.
Source: access-log note, 8; docs/log.md.
"""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from vault.core.errors import BusyError, VaultError
from vault.core.ids import LogId
from vault.core.recorded import Recorded
from vault.store import checkpoint
from vault.store.engine import Database

MAX_SECONDS = 5.0
POLL_SECONDS: Final = 0.1

logger = structlog.get_logger()


class Covered:
    """The looks of one process that wait for a checkpoint."""

    def __init__(self, database: Database, *, log_id: LogId) -> None:
        """Prepare; nothing is asked before somebody waits."""
        self._database = database
        self._log_id = log_id
        self._waiting: dict[asyncio.Future[None], tuple[UUID, int, int]] = {}
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
                async with self._database.connect() as conn:
                    found = await checkpoint.covered(conn, self._log_id, set(asked.values()))
            except VaultError as error:  # each waits on, until its own end
                logger.warning("log-cover-waits", error=error.code)
                found = set()
            for future, entry in asked.items():
                if entry in found and not future.done():
                    future.set_result(None)
                    self._waiting.pop(future, None)
            await asyncio.sleep(POLL_SECONDS)
