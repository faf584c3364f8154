"""Append decisions to the access log, and prove that they are durable.

Looks share commits: what queued during the last commit is the next batch, without a wait window.
Changes append in the transaction that makes them (`vault/services/unit.py`), on lanes of their
own. Only this module makes a `Recorded`, and only behind a COMMIT that returned: whoever opens a
value needs one. When a record cannot be written there is none, and nothing is opened.
Source: access-log note, 3 and 8; performance note, 5.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog

from vault.core.entry import Kind
from vault.core.errors import (
    BusyError,
    ConflictError,
    LogBrokenError,
    NotReadyError,
    StoreDefectError,
    VaultError,
)
from vault.core.ids import LogId
from vault.core.recorded import EntryId, Recorded
from vault.crypto.signing import SigningKey
from vault.services.covered import Covered
from vault.services.draft import Draft, SystemDraft
from vault.services.gate import Gate
from vault.services.lane import Journal, Lane, Page, Placed, Promise
from vault.services.lanes import Appended, Lanes
from vault.services.record_ask import Ask, Outcomes, Ready, add, sizes, staleness
from vault.services.seen import Horizon, Looking
from vault.store import integration
from vault.store.engine import Database, check_durability
from vault.store.errors import WriterClosedError
from vault.store.line import Line

WIDTH, MAX_ENTRIES = 500, 1_000  # asks and entries of one commit; a single ask may have more
REFRESH_SECONDS = 1.0  # an idle process learns the log's size this often
FIRST_PAUSE, LAST_PAUSE = 0.05, 2.0  # seconds of 503 at once after the database failed; doubles
MAIN_LOG = LogId(0)

logger = structlog.get_logger()


class Appender:
    """The process's writers: one for looks, and lanes for transactions."""

    def __init__(
        self,
        database: Database,
        *,
        origin: str,
        key: SigningKey,
        now: Callable[[], datetime],
        code: str = "",
        version: str = "",
        log_id: LogId = MAIN_LOG,
    ) -> None:
        """Prepare; nothing is written before the first record.

        Args:
            database, log_id: where the log is, and which.
            origin: the log's, as fixed at init.
            key, now: signs entry receipts; the clock.
            code, version: SHA-256 in hex of the code of ethics, and the software's, for `boot`.
        """
        boot = SystemDraft(Kind.BOOT, (("version", version), ("code", code)))
        journal = Journal(log_id, origin, key, boot, now)
        self._database, self._journal = database, journal
        self._looks, self._changes = Horizon(), Horizon()
        self._reader, self._line = Lane(journal), Line(database)
        self.lanes = Lanes(journal, self._changes)
        self.covered: Covered | None = None  # where looks wait for a checkpoint too
        self._gate: Gate[Ask, Outcomes] = Gate(self._flush, name="record", width=WIDTH)
        self._refreshing: asyncio.Task[None] | None = None
        self._quiet = self._open = self.is_behind = False
        self._down_until, self._pause = 0.0, FIRST_PAUSE  # the first in seconds of the loop's clock
        self._loop: asyncio.AbstractEventLoop | None = None  # asking costs a system call

    async def start(self) -> None:
        """Check that commits last and that the log is ours, then accept drafts.

        Raises:
            NotReadyError: no log, another origin, or a database that may forget commits.
        """
        async with self._database.connect() as conn:
            await check_durability(conn)
            head = await integration.head(conn, self._journal.log_id)
        if head is None:
            raise NotReadyError("There is no access log yet. Run `ownship init`.")
        if head.origin != self._journal.origin:
            raise NotReadyError("The access log belongs to another origin. Check OWNSHIP_ISSUER.")
        self._learn(head.size)
        self._gate.start()
        self._loop = asyncio.get_running_loop()
        self._refreshing = self._loop.create_task(self._refresh(), name="log size")
        self._open = True

    async def close(self) -> None:
        """Refuse new drafts, finish what was accepted, end every writer with `fin`."""
        if not self._open:
            return
        self._open = False
        if self._refreshing:
            self._refreshing.cancel()
        await self._gate.close()
        await self._line.close()
        await self.lanes.drain()
        for lane in (self._reader, *self.lanes.all):
            horizon = self._looks if lane is self._reader else self._changes
            try:
                await lane.finish(self._database, horizon.oldest)
            except VaultError as error:
                logger.warning("log-writer-left-open", writer=str(lane.writer), error=error.code)

    def check_open(self) -> None:
        """Refuse work before the start, near the end, and shortly after the database failed.

        Raises:
            BusyError: at once; it is a LogBrokenError where the log is behind its anchor.
        """
        if self.is_behind:
            raise LogBrokenError
        if not self._open or self._time() < self._down_until:
            raise BusyError

    @property
    def seen(self) -> int:
        """The newest size of the log that the process has learned."""
        return self._looks.newest

    @property
    def writers(self) -> frozenset[UUID]:
        """The process's own writers, whether they have begun or not."""
        return frozenset(lane.writer for lane in (self._reader, *self.lanes.all))

    def looking(self) -> Looking:
        """Give the `seen` of a look: enter before its load, leave once it is recorded.

        Whatever is recorded meanwhile says at most this size, so stay inside no longer than that.
        """
        return self._looks.looking()

    async def record(self, drafts: Sequence[Draft], *, batch: bool = False) -> list[Recorded]:
        """Make decisions durable and return the proof of each, in order.

        Args:
            drafts: each with its `seen`.
            batch: one record with a part for each draft, at most 1,000, and one receipt for all.

        Raises:
            BusyError: not recorded in time; nothing may be opened. An `OutcomeUnknownError` says
                that the record may stand all the same.
            TooLargeError: an entry has no place in the log.
        """
        found = await self._ask(Ask(tuple(drafts), batch))
        return cast("list[Recorded]", found)  # an ask fails as a whole, unless it is of each

    async def record_each(self, drafts: Sequence[Draft]) -> Outcomes:
        """Make decisions durable by one batch record; one that cannot be written fails alone.

        Returns:
            In order, the proof of each, or why that one has none; nothing of it may be opened.

        Raises:
            BusyError: as `record`; then nothing is recorded.
        """
        return await self._ask(Ask(tuple(drafts), batch=len(drafts) > 1, each=True))

    async def _ask(self, ask: Ask) -> Outcomes:
        for draft in ask.drafts:
            if draft.seen is None:
                raise ValueError("a look is recorded with the size seen before its load")
        self.check_open()
        if not ask.drafts:
            return []
        first = ask.drafts[0]
        found = await self._gate.ask(ask, lane=first.app or first.actor)
        if self.covered:
            await self.covered.wait([one for one in found if isinstance(one, Recorded)])
        return found

    def committed(self, appended: Appended) -> list[Recorded]:
        """Return the proofs of a transaction's entries, those of the system left out.

        Precondition: the transaction's COMMIT returned.
        """
        appended.page.lane.keep(appended.page)
        self._learn(appended.size)
        return _recorded(appended.page, appended.placed, appended.promise)

    def _time(self) -> float:
        """Return seconds of the loop's clock."""
        return (self._loop or asyncio.get_running_loop()).time()

    async def _flush(self, asks: Sequence[Ask]) -> list[Outcomes | VaultError]:
        return [one for group in _groups(asks) for one in await self._record(group)]

    async def _record(
        self, asks: Sequence[Ask], *, again: bool = True
    ) -> list[Outcomes | VaultError]:
        """Record asks in one commit; one that the database refuses does not fail the others."""
        try:
            outcomes = await self._commit(asks)
        except (ConflictError, StoreDefectError, WriterClosedError) as error:
            # The writer is not where we thought (a lost COMMIT stood, or somebody closed it): it
            # asks the database. Or one ask has what no table takes: the others go without it.
            if not isinstance(error, WriterClosedError):
                logger.error("log-record-refused", error=error.code, detail=error.detail)
            if again:
                return await self._record(asks, again=False)
            if len(asks) == 1:
                return [BusyError()]
            half = len(asks) // 2
            return [
                *await self._record(asks[:half], again=False),
                *await self._record(asks[half:], again=False),
            ]
        except BusyError as error:
            if isinstance(error, LogBrokenError):
                logger.critical("log-broken", log=self._journal.log_id)
            self._down_until = self._time() + self._pause
            self._pause = min(2 * self._pause, LAST_PAUSE)
            return [type(error)() for _ in asks]  # each waiter gets an exception of its own
        self._pause = FIRST_PAUSE
        return outcomes

    async def _commit(self, asks: Sequence[Ask]) -> list[Outcomes | VaultError]:
        lane = self._reader
        await lane.settle_alone(self._database)
        # A load older than what the writer said last must be made again; its `seen` would fall.
        now, last_seen = self._time(), lane.last_seen
        stale = [staleness(ask, last_seen, now) for ask in asks]
        fresh = [ask for ask, old in zip(asks, stale, strict=True) if old is None]
        seen = min([self._looks.oldest, *sizes(fresh)]) if fresh else last_seen
        page = lane.turn(seen, sum([len(ask.drafts) for ask in fresh]))
        outcomes = [old or add(page, ask) for ask, old in zip(asks, stale, strict=True)]
        if not any(isinstance(one, Ready) and one.placed.said for one in outcomes):
            return [_answer(page, one, None) for one in outcomes]
        promise = page.promise()
        self._learn(await page.write_alone(self._database, await self._line.or_none()))
        return [_answer(page, one, promise) for one in outcomes]

    def _learn(self, size: int) -> None:
        self._quiet = False
        self._looks.learn(size)
        self._changes.learn(size)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            if self._quiet:
                with contextlib.suppress(VaultError):  # the next record will tell
                    async with self._database.connect() as conn:
                        head = await integration.head(conn, self._journal.log_id)
                    if head:
                        self._learn(head.size)
            self._quiet = True


def _groups(asks: Sequence[Ask]) -> Iterator[list[Ask]]:
    """Cut a batch of asks into commits of a bounded size."""
    group: list[Ask] = []
    entries = 0
    for ask in asks:
        if group and entries + len(ask.drafts) > MAX_ENTRIES:
            yield group
            group, entries = [], 0
        group.append(ask)
        entries += len(ask.drafts)
    if group:
        yield group


def _answer(page: Page, one: Ready | VaultError, promise: Promise | None) -> Outcomes | VaultError:
    if isinstance(one, VaultError):
        return one
    outcomes: Outcomes = [*_recorded(page, one.placed, promise)] if promise else []
    for number, error in one.refused.items():  # in order, so each goes where its draft was
        outcomes.insert(number, error)
    return outcomes


def _recorded(page: Page, placed: Placed, promise: Promise) -> list[Recorded]:
    """Make the proofs; the page's COMMIT returned."""
    log_id, writer = page.lane.journal.log_id, page.lane.writer.bytes
    return [
        Recorded(EntryId(log_id, writer, seq, part), said.draft.customer, said.names, receipt)
        for said, (seq, part), receipt in zip(
            placed.said, placed.places, promise.receipts(placed), strict=True
        )
        if isinstance(said.draft, Draft)
    ]
