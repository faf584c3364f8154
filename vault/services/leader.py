"""Keep this process's claim to lead a log: take the lease, renew it, give it back.

What it says between two renewals is a hope. Whoever writes or signs asks `hold` in the same
transaction, which the database answers; a process that slept past its lease learns it there.
Source: access-log note, 4.
"""

import asyncio

from vault.core.ids import LogId
from vault.crypto.random import uuid4
from vault.store import commit, head
from vault.store.engine import Conn, Database
from vault.store.integration import Head

RENEW_SECONDS = 3.0
ASK_SECONDS = 1.0  # how often one who waits for the lease looks whether it is over
# On SQLite the lease says who closes silent writers, and nothing else waits for it: each renewal
# is a write, so that they are few.
SLOWER = 10


class Leader:
    """One process's claim on one log."""

    def __init__(self, database: Database, *, log_id: LogId) -> None:
        """Prepare; nothing is asked before the first `leads`."""
        self._database = database
        self._log_id = log_id
        self._times = SLOWER if database.dialect == "sqlite" else 1
        self._length = self._times * head.LEASE
        self._holder = uuid4()
        self._fence: int | None = None
        self._due = 0.0  # seconds of the loop's clock

    @property
    def fence(self) -> int | None:
        """Of the lease that this process took and has not seen lost; None while it does not lead."""
        return self._fence

    async def leads(self) -> bool:
        """Take or renew the lease when that is due, and say whether this process leads.

        Raises:
            BusyError: the database does not answer; the lease goes on as far as it runs.
        """
        clock = asyncio.get_running_loop().time
        if clock() >= self._due:
            if self._fence is not None and not await self._renew(self._fence):
                self._fence = None
            if self._fence is None:
                self._fence = await self._take()
            pause = ASK_SECONDS if self._fence is None else RENEW_SECONDS
            self._due = clock() + self._times * pause
        return self._fence is not None

    async def hold(self, conn: Conn) -> Head | None:
        """Lock the log's head to the end of this transaction; None: this process must write nothing."""
        held = await head.hold(conn, self._log_id, fence=self._fence)
        if held is None:
            self._fence, self._due = None, 0.0
        return held

    async def resign(self) -> None:
        """Give the lease back, if this process has it."""
        fence, self._fence, self._due = self._fence, None, 0.0
        if fence is not None:

            async def work(conn: Conn) -> None:
                await head.release(conn, self._log_id, fence=fence)

            await commit.claim(self._database, work)

    async def _take(self) -> int | None:
        async with self._database.connect() as conn:
            if not await head.is_free(conn, self._log_id):
                return None

        async def work(conn: Conn) -> int | None:
            return await head.acquire(conn, self._log_id, holder=self._holder, length=self._length)

        return await commit.claim(self._database, work)

    async def _renew(self, fence: int) -> bool:
        async def work(conn: Conn) -> bool:
            return await head.renew(conn, self._log_id, fence=fence, length=self._length)

        return await commit.claim(self._database, work)
