"""Import a file of customers: batches of rows, each one transaction with one batch record.

1. the file is counted and its digest taken, before anything is written; 2. rows are read and
judged by themselves; 3. a batch is resolved, decided and written together; what was done commits
with how far it came, so that a run that was cut goes on where it stopped.

A customer is found by an identifier or made; an identifier of somebody else refuses the row and is
never merged. A value that is stored already is no write, and one gathered later is never replaced
by an older one, so that running a file twice changes nothing.
Source: ecosystem note, 9; security note, 6; consent-standards note, 4.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from policies.model import Rulebook
from vault.core.errors import BadRequestError, BusyError, ConflictError, IdentifierTakenError
from vault.core.import_mapping import Mapping
from vault.services import unit
from vault.services.deps import Deps
from vault.services.import_batch import Done, write
from vault.services.import_new import Maker, New
from vault.services.import_refusals import Refusals
from vault.services.import_rows import Plan, plan
from vault.services.import_table import Refused, Row, Table
from vault.services.unit import Unit
from vault.store import import_progress
from vault.store.import_progress import ImportProgressRow

MAX_FILE: Final = 4 << 30  # bytes, unless the operator says otherwise
MAX_ROWS: Final = 1_000  # of a batch
# Where one transaction writes at a time, the record of every look waits for the batch.
MAX_ROWS_SQLITE: Final = 250
MAX_ENTRIES: Final = 1_000  # of a batch record
TURN: Final = 8  # rows that are made ready before the database gets its turn
TRIES: Final = 5  # of a batch that somebody else's change crossed
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; sums are of this run."""

    lines: int  # of the file, about as many as rows
    line: int  # reached
    rows: int = 0  # read, with those of an earlier run that was cut
    added: int = 0  # customers
    changed: int = 0
    unchanged: int = 0
    consents: int = 0
    refused: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import."""

    path: Path
    size: int  # bytes
    lines: int
    digest: str  # SHA-256 in hex of mapping, a zero byte, and file


def examine(path: Path, *, mapping: bytes, max_size: int = MAX_FILE) -> Source:
    """Read through a file once and say what it is; it may block.

    Raises:
        BadRequestError: it cannot be read, or is too large.
    """
    digest = hashlib.sha256(hashlib.sha256(mapping).digest())
    size = lines = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > max_size:
                    raise BadRequestError(f"The file is larger than {max_size:,} bytes.")
                lines += chunk.count(b"\n")
                digest.update(chunk)
    except OSError:
        raise BadRequestError("The file cannot be read.") from None
    return Source(path, size, lines, digest.hexdigest())


async def run(
    deps: Deps,
    mapping: Mapping,
    source: Source,
    *,
    rulebook: Rulebook,
    report: Callable[[Progress], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> Progress:
    """Import a file; returns what was done, incomplete when `stop` was set.

    Args:
        deps: what a use case may touch.
        mapping: checked against `rulebook`.
        source: from `examine`.
        rulebook: the code of ethics in force; a batch refuses to go by another one.
        report: told after each batch.
        stop: ends the run after the running batch.

    Raises:
        BadRequestError: the file has no header that the mapping fits.
        RefusedError: the file for refused rows cannot be made.
        ConflictError: another code of ethics came into force.
        BusyError: the database does not answer; run again, it goes on from there.
    """
    async with deps.database.connect() as conn:
        before = await import_progress.load(conn, source.digest)
    with source.path.open("rb") as file:
        importer = _Import(deps, mapping, source, rulebook, before)
        importer.start(file)
        while not (stop and stop.is_set()) and await importer.batch():
            report(importer.progress)
    return importer.progress


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows that are written together, judged by themselves."""

    plans: list[Plan]
    refused: list[Refused]
    made: dict[int, New]  # line -> its customer, in case that nobody knows them
    rows: int
    line: int  # reached
    last: bool


class _Import:
    """One run over one file."""

    def __init__(
        self,
        deps: Deps,
        mapping: Mapping,
        source: Source,
        rulebook: Rulebook,
        before: ImportProgressRow | None,
    ) -> None:
        self._deps = deps
        self._mapping = mapping
        self._source = source
        self._rulebook = rulebook
        # A file that was imported whole is read again from the start, as of that moment.
        self._finished_at = before.done_at if before else None
        self._resumed = before if before and before.done_at is None else None
        self.progress = Progress(source.lines, 0)
        self._maker = Maker(deps, rulebook, self._finished_at)
        self._mostly_new = True  # of the batch before: whether making customers ready pays
        self._next: _Batch | None = None

    def start(self, file: BinaryIO) -> None:
        """Read the header, and pass over the rows that an earlier run has committed."""
        self._table = Table(
            file, delimiter=self._mapping.delimiter, wanted=sorted(self._mapping.columns)
        )
        self._rows = iter(self._table)
        skipped = self._resumed.row if self._resumed else 0
        for _ in range(skipped):
            next(self._rows, None)
        line = self._table.line if skipped else 0
        self._ahead: Row | Refused | None = None
        self._line = line
        self._refusals = Refusals(
            self._source.path.with_name(self._source.path.name + ".refused.csv"), after=line
        )
        self.progress = replace(
            self.progress, rows=skipped, line=line, refused=self._refusals.count
        )

    async def batch(self) -> bool:
        """Import the next batch; False when there was nothing more to do."""
        if self.progress.complete:
            return False
        batch = self._next or await self._prepare()
        writing = asyncio.create_task(self._write(batch))
        try:
            # The database is busy meanwhile, and this process would only wait.
            self._next = None if batch.last else await self._prepare()
        finally:
            done = await writing
        self._mostly_new = 2 * done.added > batch.rows
        self._refusals.keep(done.refused)
        now, rows, line, last = self.progress, batch.rows, batch.line, batch.last
        self.progress = Progress(
            lines=now.lines,
            line=line,
            rows=now.rows + rows,
            added=now.added + done.added,
            changed=now.changed + done.changed,
            unchanged=now.unchanged + done.unchanged,
            consents=now.consents + done.consents,
            refused=self._refusals.count,
            complete=last,
        )
        return True

    async def _prepare(self) -> "_Batch":
        """Read rows until the batch is full, or one touches a customer that is in it already."""
        made: dict[int, New] = {}
        plans: list[Plan] = []
        refused: list[Refused] = []
        touched: set[object] = set()
        entries = rows = 0
        line = self._line
        row = self._ahead or next(self._rows, None)
        limit = MAX_ROWS if self._deps.database.dialect == "postgresql" else MAX_ROWS_SQLITE
        while row is not None and rows < limit:
            one = (
                row
                if isinstance(row, Refused)
                else plan(self._deps, self._rulebook, self._mapping, row)
            )
            if isinstance(one, Plan):
                keys = {identity.key for identity in one.identities}
                if entries + one.entries > MAX_ENTRIES or not touched.isdisjoint(keys):
                    break
                touched |= keys
                entries += one.entries
                plans.append(one)
                if self._mostly_new:
                    made[one.line] = self._maker.make(one)
            else:
                refused.append(one)
            rows += 1
            line = self._table.line
            if rows % TURN == 0:
                await asyncio.sleep(0)
            row = next(self._rows, None)
        self._ahead = row
        self._line = line
        return _Batch(plans, refused, made, rows, line, last=row is None)

    async def _write(self, batch: "_Batch") -> Done:
        for again in reversed(range(TRIES)):
            try:
                return await self._transaction(batch)
            except IdentifierTakenError:
                # Somebody took an identifier while the batch was under way; now it is seen.
                if not again:
                    raise BusyError from None
        raise BusyError

    async def _transaction(self, batch: "_Batch") -> Done:
        deps, source = self._deps, self._source

        async def work(it: Unit) -> Done:
            rulebook = await deps.codes.in_force(it.conn, it.now)
            if rulebook.digest != self._rulebook.digest:
                raise ConflictError("Another code of ethics came into force. Import again.")
            done = await write(it, self._maker, batch.plans, made=batch.made, file=source.digest)
            refused = [*batch.refused, *done.refused]
            done = replace(done, refused=tuple(sorted(refused, key=lambda one: one.line)))
            self._refusals.stage(done.refused)
            if self._finished_at is None:
                row = self._row(it, batch.rows, done, last=batch.last)
                await import_progress.save(it.conn, row)
            return done

        return (await unit.run(deps, work, batch=True))[0]

    def _row(self, it: Unit, rows: int, done: Done, *, last: bool) -> ImportProgressRow:
        before = self.progress
        return ImportProgressRow(
            file_digest=self._source.digest,
            row=before.rows + rows,
            written=before.added + before.changed + done.added + done.changed,
            refused=before.refused + len(done.refused),
            done_at=it.now if last else None,
        )
