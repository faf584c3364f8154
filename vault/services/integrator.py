"""Give waiting records their place in the log, and publish it: the leader's loop.

Every serving process runs it; on PostgreSQL the one that leads works and the others wait for its
lease. A writer's records go in without a gap or not at all: a gap is an alarm, that writer stops
and the others go on. On SQLite the transaction that appends gives the index itself, so the loop has
nothing to integrate, nobody leads, and each process publishes.
Source: access-log note, 4 and 9; docs/log.md.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from uuid import UUID

import structlog

from vault.core.errors import LogBrokenError, StoreDefectError, VaultError
from vault.core.ids import LogId
from vault.services.deps import Deps
from vault.services.leader import Leader
from vault.services.publishing import Publisher, Publishing
from vault.services.silent import Silent
from vault.store import commit, integration, log
from vault.store.engine import Conn, Database
from vault.store.integration import Head, Record
from vault.store.log import Run, Waiting

PAUSE_SECONDS = 0.2  # at most; a busy log is not left to wait for more than MAX_ENTRIES
DRAIN_SECONDS = 10.0
MAX_ENTRIES = 1_000  # of one transaction, unless a single record has more
MIN_WAITING = 50  # rows of each writer's that are looked at in one transaction

ALARM_GAP = "log-gap"  # a writer's record is missing: its later ones wait for an operator
ALARM_RECORD = "log-record-malformed"  # a row of the outbox that no writer of ours appends
ALARM_HEAD = "log-broken"  # the head moved back, or is not what the leaves say

logger = structlog.get_logger()


class Integrator:
    """The task that drains the outbox and publishes."""

    def __init__(
        self,
        database: Database,
        *,
        log_id: LogId,
        publishing: Publishing | None = None,
        deps: Deps | None = None,
    ) -> None:
        """Prepare; nothing is asked before `start` or `integrate`.

        Args:
            database: where the log is, as the role that integrates.
            log_id: which log.
            publishing: how it is signed; None where nothing is published.
            deps: closes writers that fell silent; None where they are left open.
        """
        self._leader = Leader(database, log_id=log_id)
        self._silent = Silent(deps, database, self._leader, log_id=log_id) if deps else None
        self._publisher = Publisher(database, publishing, log_id=log_id) if publishing else None
        self._database = database
        self._log_id = log_id
        self._stopped: set[UUID] = set()
        self._sharing = 1  # writers of which something waited in the last transaction
        self._more = False  # records still wait behind those of the last transaction
        self._known: Head | None = None  # the newest head that this process saw committed
        self._since: int | None = None  # the fence under which it saw that
        self._task: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()

    @property
    def leads(self) -> bool:
        """Whether this process leads the log, as far as it knows."""
        return self._leader.fence is not None

    @property
    def stopped(self) -> frozenset[UUID]:
        """Writers whose records wait for an operator."""
        return frozenset(self._stopped)

    def start(self) -> None:
        """Start the loop; the lifespan owns it."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="integrator")

    async def close(self) -> None:
        """Integrate and publish what waits, stop, and let another lead.

        Call it after the appender's `close`.
        """
        self._closed.set()
        if self._task:
            await asyncio.wait({self._task}, timeout=DRAIN_SECONDS)
            self._task.cancel()
        try:
            await self._leader.resign()
        except VaultError as error:  # its lease ends by itself
            logger.warning("log-lease-left", error=error.code)
        if self._publisher:
            await self._publisher.close()

    async def integrate(self) -> int:
        """Integrate one transaction's worth and return how many entries got their place.

        Nothing where another process leads. Whoever leads goes on to do so until `close`.

        Raises:
            BusyError: not now.
            LogBrokenError: the log cannot be continued.
        """
        if self._database.dialect == "sqlite" or not await self._leader.leads():
            return 0
        if not await self._waits():
            return 0
        try:
            return await self._once(MAX_ENTRIES)
        except StoreDefectError:
            # One record cannot be stored: writer by writer, so that it stops its own alone.
            return await self._one_by_one()

    async def publish(self, *, at_once: bool = False) -> None:
        """Sign what is committed, when it is time and this process may.

        Raises:
            BusyError: not now.
            LogBrokenError: the log may not be signed.
        """
        if self._publisher is None:
            return
        if self._database.dialect == "sqlite":
            async with self._database.connect() as conn:
                head = await integration.head(conn, self._log_id)
            if head is not None:
                self._check(head)
                self._known = head
                await self._publisher.publish(head, self._lock, at_once=at_once)
        elif self._known is not None and await self._leader.leads():
            await self._publisher.publish(self._known, self._leader.hold, at_once=at_once)

    async def _lock(self, conn: Conn) -> Head | None:
        return await integration.lock(conn, self._log_id)

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        before = clock()
        while True:
            closed = self._closed.is_set()  # before the turn, which then sees all that waits
            entries = await self._turn()
            if closed and not entries:
                return
            pause = _pause(entries, clock() - before)
            before = clock()
            if not (entries and self._more):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), pause)

    async def _turn(self) -> int:
        entries = 0
        try:
            entries = await self.integrate()
            await self.publish(at_once=self._closed.is_set())
            if self._silent and not self._closed.is_set():
                await self._silent.close_some()
        except LogBrokenError:
            logger.critical(ALARM_HEAD, log=self._log_id)
        except VaultError as error:
            logger.warning("log-integration-waits", error=error.code)
        return entries

    async def _waits(self) -> bool:
        """Say whether there is something to do, so that an idle log locks and writes nothing."""
        if self._more or self._since != self._leader.fence:
            return True  # whoever led before may have left entries behind that nobody signed
        async with self._database.connect() as conn:
            head = await integration.head(conn, self._log_id)
            if head is not None:
                self._check(head)
            return await log.has_waiting(conn, self._log_id, without=self._stopped)

    async def _once(self, limit: int, *, only: UUID | None = None) -> int:
        """Run one transaction.

        1. lock the head's row, and stop unless the lease is ours and runs;
        2. take of each writer the unbroken run behind its newest integrated record;
        3. give the indexes, insert leaves, lists and facts, move writers and head;
        4. delete what was taken, and close the writers that ended.
        """

        async def work(conn: Conn) -> tuple[Head | None, int, bool]:
            held = await self._leader.hold(conn)
            if held is None:
                return None, 0, False
            self._check(held)
            # As many of each writer as it may have its share of; how many share is known afterwards.
            rows = max(limit // self._sharing, MIN_WAITING)
            waits = await log.waiting(conn, self._log_id, without=self._stopped, limit=rows)
            self._sharing = max(len({one.writer for one in waits}), 1)
            if only:
                waits = [one for one in waits if one.writer == only]
            done = await integration.done(conn, self._log_id, {one.writer for one in waits})
            records: list[Record] = []
            for run in self._runs(waits, done, limit):
                taken, malformed = await log.take(conn, self._log_id, run)
                records += taken
                if malformed is not None:
                    self._stop(ALARM_RECORD, run.writer, malformed)
            if not records:
                return held, 0, False
            moved = await integration.place(conn, held, records)
            await log.remove(conn, self._log_id, records)
            await log.close_finished(conn, records)
            more = len(records) < len(waits) or len(waits) >= rows
            return moved, moved.size - held.size, more

        head, entries, self._more = await commit.records(self._database, work)
        if head is not None:
            self._known, self._since = head, self._leader.fence
        return entries

    async def _one_by_one(self) -> int:
        async with self._database.connect() as conn:
            waits = await log.waiting(conn, self._log_id, without=self._stopped, limit=MIN_WAITING)
        entries = 0
        for writer, waiting in groupby(waits, key=lambda one: one.writer):
            first = next(waiting)
            try:
                entries += await self._once(first.parts, only=writer)
            except StoreDefectError:
                self._stop(ALARM_RECORD, writer, first.seq)
        return entries

    def _check(self, held: Head) -> None:
        """Refuse a head that is not behind the newest one we saw: a restore, or an edited row."""
        known = self._known
        if known is None or held.size > known.size:
            return
        if (held.size, held.root) != (known.size, known.root):
            raise LogBrokenError

    def _runs(
        self, waits: Sequence[Waiting], done: Mapping[UUID, int], limit: int
    ) -> Iterator[Run]:
        writers = [list(group) for _, group in groupby(waits, key=lambda one: one.writer)]
        for waiting in writers:
            writer, first = waiting[0].writer, waiting[0].seq
            if first == done[writer] + 1:
                # An equal share each, so that a busy writer does not keep the others waiting.
                yield Run(writer, first, unbroken(waiting, limit // len(writers)))
            else:
                self._stop(ALARM_GAP, writer, done[writer] + 1)

    def _stop(self, alarm: str, writer: UUID, seq: int) -> None:
        self._stopped.add(writer)
        logger.critical(alarm, log=self._log_id, writer=str(writer), seq=seq)


def _pause(entries: int, seconds: float) -> float:
    """Return how long to wait until MAX_ENTRIES wait, at the pace of the turn before.

    Args:
        entries: integrated in the turn before.
        seconds: from its start to the start of this one.
    """
    if not entries:
        return PAUSE_SECONDS
    return min(PAUSE_SECONDS, max(seconds, 0.001) * MAX_ENTRIES / entries)


def unbroken(waiting: Sequence[Waiting], limit: int) -> int:
    """Return the last seq of the unbroken run at the front of a writer's records.

    Args:
        waiting: of one writer, by seq, at least one.
        limit: entries at most; the first record is taken whatever its size.
    """
    last, parts = waiting[0].seq, waiting[0].parts
    for one in waiting[1:]:
        if one.seq != last + 1 or parts + one.parts > limit:
            break
        last, parts = one.seq, parts + one.parts
    return last
