"""Keep one writer of the access log: its sequence, and the entries of its next commit.

A writer belongs to one transaction at a time, from taking a seq to the end of COMMIT, so honest
work leaves no gap. Whatever goes wrong leaves the writer *doubtful*: before it is used again, the
database says how far it came; so it does behind a long rest, for a writer that is silent for 60 s is closed.
What a commit proves is for the appender alone to say.
Source: access-log note, 3.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from vault.core import entry_receipt
from vault.core.entry import MAX_PARTS, Kind
from vault.core.errors import BusyError
from vault.core.ids import LogId
from vault.core.merkle import leaf_hash, levels
from vault.crypto.random import Chances, uuid4
from vault.crypto.signing import SigningKey, sign_note
from vault.services.draft import SystemDraft
from vault.services.entry import CHANCE_BYTES, Place, Said, say, write
from vault.store import commit, log, log_line
from vault.store.engine import Conn, Database
from vault.store.errors import WriterClosedError
from vault.store.integration import Record
from vault.store.line import Line

RESTED_SECONDS = 50.0  # before a writer that is silent is closed


@dataclass(frozen=True, slots=True)
class Journal:
    """What all writers of a process share."""

    log_id: LogId
    origin: str
    key: SigningKey  # of entry receipts
    boot: SystemDraft  # the first entry of each writer
    now: Callable[[], datetime]


class Lane:
    """One writer, with a UUID of its own; its seq 0 is `boot`, in the commit of its first entries."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.doubtful = False
        self.last_at = 0  # unix ms; time and `seen` never fall within a writer
        self.last_seen = 0
        self._begin()

    def _begin(self) -> None:
        self.writer = uuid4()
        self.next_seq = 0
        self._used = 0.0  # seconds of the loop's clock

    @property
    def must_settle(self) -> bool:
        """Whether the database is to be asked before the writer is used."""
        rests = asyncio.get_running_loop().time() - self._used
        return self.doubtful or (self.next_seq > 0 and rests > RESTED_SECONDS)

    async def settle(self, conn: Conn) -> None:
        """Ask the database how far a doubtful writer came; begin a fresh one if it never did."""
        newest = await log.newest(conn, self.journal.log_id, self.writer)
        if newest is None:
            self._begin()
        else:
            self.next_seq = newest + 1
        self.doubtful = False

    async def settle_alone(self, database: Database) -> None:
        """Settle a doubtful or rested writer outside a transaction."""
        if self.must_settle:
            async with database.connect() as conn:
                await self.settle(conn)

    def turn(self, seen: int, entries: int) -> "Page":
        """Begin the entries of the next commit, about so many.

        Precondition: the writer is not doubtful.

        Raises:
            BusyError: the writer has said a newer `seen`: the load is too old to be recorded.
        """
        if seen < self.last_seen:
            raise BusyError
        self.last_seen = seen
        page = Page(self, int(self.journal.now().timestamp() * 1000), seen, entries)
        if page.opens:
            page.add([say(self.journal.boot)])
        return page

    def keep(self, page: "Page") -> None:
        """Move on behind a page that is committed."""
        self.next_seq = page.next_seq
        self._used = asyncio.get_running_loop().time()

    async def finish(self, database: Database, seen: int) -> None:
        """End the writer with `fin`, unless it never committed or was closed.

        Raises:
            BusyError: the log does not know that the writer ended.
        """
        await self.settle_alone(database)
        if self.next_seq:
            page = self.turn(seen, 0)
            page.add([say(SystemDraft(Kind.FIN))])
            with contextlib.suppress(WriterClosedError):  # it is ended, and the log says so
                await page.write_alone(database)


class Placed(NamedTuple):
    """Where the entries of one call stand in their commit."""

    said: Sequence[Said]
    places: Sequence[tuple[int, int]]  # (seq, part) of each
    first: int  # the leaf hash of the first; the others follow
    batch: bool


class Promise:
    """The signed promise that the entries of one commit will be in the log; secret until COMMIT."""

    __slots__ = ("_note", "_singles", "_tree")

    def __init__(self, tree: Sequence[Sequence[bytes]], note: str) -> None:
        self._tree, self._note = tree, note
        self._singles: Sequence[str] = ()

    def receipts(self, placed: Placed) -> Sequence[str]:
        """Return the receipt of each entry of one call; one for all where it was a batch."""
        count, first = len(placed.said), placed.first
        if placed.batch:
            return [entry_receipt.together(self._tree[0], first, count, self._note)] * count
        if not self._singles:
            self._singles = entry_receipt.singles(self._tree, self._note)
        return self._singles[first : first + count]


class Page:
    """The entries of one commit of one writer, built before it and thrown away when it fails."""

    __slots__ = ("chances", "lane", "leaves", "now", "records", "seen")

    def __init__(self, lane: Lane, now: int, seen: int, entries: int) -> None:
        """Begin a page.

        Args:
            lane: its writer.
            now: unix ms.
            seen: what its entries say.
            entries: how many chance is drawn for; a page lives for one commit, and its chance too.
        """
        self.lane, self.now, self.seen = lane, now, seen
        self.records: list[Record] = []
        self.leaves: list[bytes] = []
        self.chances = Chances(entries * CHANCE_BYTES)

    @property
    def opens(self) -> bool:
        """Whether this is the writer's first commit."""
        return self.lane.next_seq == 0

    @property
    def next_seq(self) -> int:
        """The seq behind this page."""
        return self.lane.next_seq + len(self.records)

    def add(self, said: Sequence[Said], *, batch: bool = False) -> Placed:
        """Write entries as one batch record, or as one record each; a failure takes no seq.

        Raises:
            ValueError: more parts than a batch record holds.
        """
        if batch and len(said) > MAX_PARTS:
            raise ValueError("a batch record holds at most 1,000 customers")
        log_id, writer = self.lane.journal.log_id, self.lane.writer
        records: list[Record] = []
        leaves: list[bytes] = []
        places: list[tuple[int, int]] = []
        for seq, group in enumerate([said] if batch else [(one,) for one in said], self.next_seq):
            entries = []
            for part, one in enumerate(group):
                entry = write(one, self._place(one, seq, part, len(group)), self.chances)
                entries.append(entry)
                leaves.append(leaf_hash(entry))
                places.append((seq, part))
            customers = tuple([one.owner for one in group])
            facts = tuple([one.fact for one in group])
            records.append(Record(log_id, writer, seq, tuple(entries), customers, facts))
        placed = Placed(said, places, len(self.leaves), batch)
        self.records += records
        self.leaves += leaves
        return placed

    def promise(self) -> Promise:
        """Sign for all entries of the page at once."""
        journal = self.lane.journal
        tree = levels(self.leaves)
        text = entry_receipt.promise(
            journal.origin,
            log_id=journal.log_id,
            writer=self.lane.writer.bytes,
            seqs=(self.lane.next_seq, self.next_seq - 1),
            size=len(self.leaves),
            root=tree[-1][0],
            integrate_by=self.now + entry_receipt.INTEGRATE_WITHIN,
        )
        note = sign_note(journal.key, entry_receipt.key_name(journal.origin), text)
        return Promise(tree, note)

    async def send(self, conn: Conn) -> int:
        """Append the page in the transaction of `conn`; return the log's size as it sees it."""
        if self.opens:
            await log.open_writer(conn, self.lane.journal.log_id, self.lane.writer)
        return await log.append(conn, self.records, at_least=self.seen)

    async def write_alone(self, database: Database, line: Line | None = None) -> int:
        """Append the page in a transaction of its own; return the log's size as it sees it.

        Args:
            database: where the log is.
            line: where one statement does it; a writer's first page takes two.

        Raises:
            BusyError: it is not appended; `OutcomeUnknownError`: it may be.
        """
        try:
            if line and not self.opens:
                size = await log_line.append(line, self.records, at_least=self.seen)
            else:
                size = await commit.records(database, self.send)
        except BaseException:
            self.lane.doubtful = True
            raise
        self.lane.keep(self)
        return size

    def _place(self, said: Said, seq: int, part: int, parts: int) -> Place:
        lane = self.lane
        at = self.now if said.draft.at is None else said.draft.at
        lane.last_at = max(lane.last_at, at)
        journal = lane.journal
        return Place(
            journal.log_id, journal.origin, lane.writer, seq, part, parts, lane.last_at, self.seen
        )
