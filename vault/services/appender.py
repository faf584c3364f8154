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
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
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
from vault.services.load import LoadTooOldError, is_too_old
from vault.services.seen import Horizon
from vault.store import integration
from vault.store.engine import Database, check_durability
from vault.store.errors import WriterClosedError
from vault.store.line import Line

WIDTH, MAX_ENTRIES = 500, 1_000  # asks and entries of one commit; a single ask may have more
REFRESH_SECONDS = 1.0  # an idle process learns the log's size this often
FIRST_PAUSE, LAST_PAUSE = 0.05, 2.0  # seconds of 503 at once after the database failed; doubles
MAIN_LOG = LogId(0)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Ask:
    drafts: tuple[Draft, ...]
    batch: bool


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
        self._gate: Gate[_Ask, list[Recorded]] = Gate(self._flush, name="record", width=WIDTH)
        self._refreshing: asyncio.Task[None] | None = None
        self._quiet = self._open = self.is_behind = False
        self._down_until, self._pause = 0.0, FIRST_PAUSE  # the first in seconds of the loop's clock

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
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh(), name="log size")
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
        down = self.is_behind or asyncio.get_running_loop().time() < self._down_until
        if down or not self._open:
            raise LogBrokenError if self.is_behind else BusyError

    @property
    def seen(self) -> int:
        """The newest size of the log that the process has learned."""
        return self._looks.newest

    @property
    def writers(self) -> frozenset[UUID]:
        """The process's own writers, whether they have begun or not."""
        return frozenset(lane.writer for lane in (self._reader, *self.lanes.all))

    @contextmanager
    def looking(self) -> Iterator[int]:
        """Give the `seen` of a look: enter before its load, leave once it is recorded.

        Whatever is recorded meanwhile says at most this size, so stay inside no longer than that.
        """
        with self._looks.looking() as seen:
            yield seen

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
        if any(draft.seen is None for draft in drafts):
            raise ValueError("a look is recorded with the size seen before its load")
        self.check_open()
        if not drafts:
            return []
        ask = _Ask(tuple(drafts), batch)
        recorded = await self._gate.ask(ask, lane=drafts[0].app or drafts[0].actor)
        if self.covered:
            await self.covered.wait(recorded)
        return recorded

    def committed(self, appended: Appended) -> list[Recorded]:
        """Return the proofs of a transaction's entries, those of the system left out.

        Precondition: the transaction's COMMIT returned.
        """
        appended.page.lane.keep(appended.page)
        self._learn(appended.size)
        return _recorded(appended.page, appended.placed, appended.promise)

    async def _flush(self, asks: Sequence[_Ask]) -> list[list[Recorded] | VaultError]:
        return [one for group in _groups(asks) for one in await self._record(group)]

    async def _record(
        self, asks: Sequence[_Ask], *, again: bool = True
    ) -> list[list[Recorded] | VaultError]:
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
            self._down_until = asyncio.get_running_loop().time() + self._pause
            self._pause = min(2 * self._pause, LAST_PAUSE)
            return [type(error)() for _ in asks]  # each waiter gets an exception of its own
        self._pause = FIRST_PAUSE
        return outcomes

    async def _commit(self, asks: Sequence[_Ask]) -> list[list[Recorded] | VaultError]:
        lane = self._reader
        await lane.settle_alone(self._database)
        # A load older than what the writer said last must be made again; its `seen` would fall.
        stale = [_staleness(ask, lane.last_seen) for ask in asks]
        fresh = [ask for ask, old in zip(asks, stale, strict=True) if old is None]
        sizes = [draft.seen or 0 for ask in fresh for draft in ask.drafts]
        page = lane.turn(min([self._looks.oldest, *sizes]) if fresh else lane.last_seen)
        outcomes = [old or _add(page, ask) for ask, old in zip(asks, stale, strict=True)]
        if not any(isinstance(one, Placed) for one in outcomes):
            return [one for one in outcomes if isinstance(one, VaultError)]
        promise = page.promise()
        self._learn(await page.write_alone(self._database, await self._line.or_none()))
        return [
            _recorded(page, one, promise) if isinstance(one, Placed) else one for one in outcomes
        ]

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


def _groups(asks: Sequence[_Ask]) -> Iterator[list[_Ask]]:
    """Cut a batch of asks into commits of a bounded size."""
    group: list[_Ask] = []
    entries = 0
    for ask in asks:
        if group and entries + len(ask.drafts) > MAX_ENTRIES:
            yield group
            group, entries = [], 0
        group.append(ask)
        entries += len(ask.drafts)
    if group:
        yield group


def _staleness(ask: _Ask, last_seen: int) -> BusyError | None:
    """Say why the load of an ask is too old to be recorded; None when it is not."""
    if any((draft.seen or 0) < last_seen for draft in ask.drafts):
        return BusyError()
    now = asyncio.get_running_loop().time()
    return LoadTooOldError() if any(is_too_old(one.taken, now) for one in ask.drafts) else None


def _add(page: Page, ask: _Ask) -> Placed | VaultError:
    try:
        return page.add(ask.drafts, batch=ask.batch)
    except VaultError as error:
        return error
    except Exception as error:  # noqa: BLE001  an ask that cannot be written fails alone
        logger.error("log-entry-not-written", error=type(error).__name__)
        return BusyError()


def _recorded(page: Page, placed: Placed, promise: Promise) -> list[Recorded]:
    """Make the proofs; the page's COMMIT returned."""
    log_id, writer = page.lane.journal.log_id, page.lane.writer.bytes
    return [
        Recorded(
            entry=EntryId(log_id, writer, seq, part),
            customer=draft.customer,
            allowed=frozenset(field for field, _ in draft.allowed),
            receipt=receipt,
        )
        for draft, (seq, part), receipt in zip(
            placed.drafts, placed.places, promise.receipts(placed), strict=True
        )
        if isinstance(draft, Draft)
    ]
