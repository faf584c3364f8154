"""Close writers that fell silent, so that nobody can append in the name of a process that died.

A writer is closed when nothing of it waited and its place did not move for 60 s; the log tells of it
by `close`, an entry of the closing process. A living process that was only idle begins a fresh
writer with its next record. Who closes remembers by itself since when each is silent, and a new
leader begins to count anew. It leaves its own writers alone: it lives, and would otherwise tell of
its own telling for ever.
Source: access-log note, 2 and 4.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from vault.core.entry import Kind
from vault.core.ids import LogId
from vault.services import unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.leader import Leader
from vault.services.unit import Unit
from vault.store import log_writers
from vault.store.engine import Database

SILENT_SECONDS = 60.0
LOOK_SECONDS = 5.0
MAX_CLOSED: Final = 100  # writers of one transaction

logger = structlog.get_logger()


class Silent:
    """What one process knows of the silence of writers."""

    def __init__(self, deps: Deps, database: Database, leader: Leader, *, log_id: LogId) -> None:
        """Prepare.

        Args:
            deps: appends `close` by lanes of this process.
            database: the database as the role that may close writers.
            leader: who closes must lead.
            log_id: which log.
        """
        self._deps = replace(deps, database=database)
        self._leader = leader
        self._log_id = log_id
        self._since: dict[tuple[UUID, int], float] = {}  # (writer, newest seq) -> loop's seconds
        self._due = 0.0

    async def close_some(self, *, after: float | None = None) -> list[UUID]:
        """Close writers that are silent for so many seconds (60), when it is time to look.

        Raises:
            BusyError: not now.
        """
        after = SILENT_SECONDS if after is None else after
        now = asyncio.get_running_loop().time()
        if now < self._due or not await self._leader.leads():
            return []
        self._due = now + min(LOOK_SECONDS, after)
        async with self._deps.database.connect() as conn:
            quiet = await log_writers.quiet(conn, self._log_id)
        others = [one for one in quiet.items() if one[0] not in self._deps.appender.writers]
        self._since = {one: self._since.get(one, now) for one in others}
        silent = [one for one, since in self._since.items() if now - since >= after]
        return await self._close(dict(silent[:MAX_CLOSED])) if silent else []

    async def _close(self, silent: Mapping[UUID, int]) -> list[UUID]:
        async def work(it: Unit) -> list[UUID]:
            if await self._leader.hold(it.conn) is None:
                return []
            closed = await log_writers.close(it.conn, self._log_id, silent)
            for writer in closed:
                it.log(SystemDraft(Kind.CLOSE, (("writer", str(writer)),)))
            return closed

        closed, _ = await unit.run(self._deps, work)
        for writer in closed:
            logger.warning("log-writer-closed", log=self._log_id, writer=str(writer))
        return closed
