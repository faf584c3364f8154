"""Import a file: batches of rows, each one transaction with one batch record.

1. the file is counted, looked at and its digest taken, before anything is written; 2. rows are read
and judged by themselves; 3. a batch is resolved, decided and written together; what was done commits
with how far it came, so that a run that was cut goes on where it stopped. A dry run does all but
writing: it has no more than a connection that can read.

A customer is found by a key or an identifier, or made; an identifier of somebody else refuses the
row and is never merged. A value or an event that is stored already is no write, and a value gathered
later is never replaced by an older one, so that running a file twice changes nothing.
Source: ecosystem note, 9; security note, 6; consent-standards note, 4.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from policies.model import Rulebook
from vault.core.errors import BusyError, ConflictError, IdentifierTakenError
from vault.core.import_mapping import File
from vault.services import import_batch, import_events, import_history, unit
from vault.services.deps import Deps
from vault.services.import_done import Done, Progress, Run
from vault.services.import_events import EventPlan
from vault.services.import_form import Form
from vault.services.import_new import Maker, New
from vault.services.import_reader import Reader, reader
from vault.services.import_refusals import Refusals
from vault.services.import_rows import Plan, Planner
from vault.services.import_sheet import Sheet
from vault.services.import_source import Source, opened
from vault.services.import_table import Refused, Row
from vault.services.unit import Unit
from vault.store import import_progress
from vault.store.import_progress import ImportProgressRow

MAX_ROWS: Final = 1_000  # of a batch
# Where one transaction writes at a time, the record of every look waits for the batch.
MAX_ROWS_SQLITE: Final = 250
MAX_ENTRIES: Final = 1_000  # of a batch record
TURN: Final = 8  # rows that are made ready before the database gets its turn
PREVIEW: Final = 3  # rows whose form is shown
TRIES: Final = 5  # of a batch that somebody else's change crossed
TWICE: Final = "key-twice"


async def run(
    deps: Deps,
    mapping: File,
    source: Source,
    *,
    form: Form,
    rulebook: Rulebook,
    together: Run | None = None,
    report: Callable[[Progress], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> Progress:
    """Import a file; returns what was done, incomplete when `stop` was set.

    Args:
        deps: what a use case may touch.
        mapping: checked against `rulebook`.
        source: from `examine`.
        form: from `look`.
        rulebook: the code of ethics in force; a batch refuses to go by another one.
        together: what is known of the files before; with `dry`, nothing is written.
        report: told after each batch.
        stop: ends the run after the running batch.

    Raises:
        BadRequestError: the file has no header that the mapping fits, or has changed.
        RefusedError: the file for refused rows cannot be made.
        ConflictError: another code of ethics came into force.
        BusyError: the database does not answer; run again, it goes on from there.
    """
    async with deps.database.connect() as conn:
        before = await import_progress.load(conn, source.digest)
    with opened(source) as file:
        importer = _Import(deps, mapping, source, rulebook, before, together or Run())
        importer.start(file, form)
        while not (stop and stop.is_set()) and await importer.batch():
            report(importer.progress)
    return importer.progress


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows that are written together, judged by themselves."""

    plans: list[Plan | EventPlan]
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
        mapping: File,
        source: Source,
        rulebook: Rulebook,
        before: ImportProgressRow | None,
        run: Run,
    ) -> None:
        self._deps = deps
        self._mapping = mapping
        self._source = source
        self._rulebook = rulebook
        self._run = run
        # A file that was imported whole is read again from the start, as of that moment.
        self._finished_at = before.done_at if before else None
        going_on = before and before.done_at is None and not run.dry
        self._resumed = before if going_on else None
        self.progress = Progress(source.lines, 0)
        self._planner = Planner(deps, rulebook, mapping)
        self._maker = Maker(deps, rulebook, self._finished_at, source.digest)
        # Of the batch before: whether making customers ready pays. A dry run makes none.
        self._mostly_new = not run.dry and mapping.event is None
        self._next: _Batch | None = None
        self._keys: set[bytes] = set()  # of the rows so far: no two have the same one

    def start(self, file: BinaryIO, form: Form) -> None:
        """Read the header, and pass over the rows that an earlier run has committed."""
        self._table: Reader = reader(file, form, self._mapping)
        if isinstance(self._table, Sheet):  # whose lines are not the file's
            self.progress = replace(self.progress, lines=self._table.lines)
        self._rows = iter(self._table)
        skipped = self._resumed.row if self._resumed else 0
        for _ in range(skipped):
            row = next(self._rows, None)
            if isinstance(row, Row):
                self._plan(row)  # for its key alone
        line = self._table.line if skipped else 0
        self._ahead: Plan | EventPlan | Refused | None = None
        self._line = line
        self._refusals: Refusals | None = None
        if not self._run.dry:
            path = self._source.path
            self._refusals = Refusals(path.with_name(path.name + ".refused.csv"), after=line)
        count = self._refusals.count if self._refusals else 0
        self.progress = replace(self.progress, rows=skipped, line=line, refused=count)

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
        self._mostly_new = self._mostly_new and 2 * done.added > batch.rows
        now = self.progress
        refused = now.refused + len(done.refused)
        if self._refusals:
            self._refusals.keep(done.refused)
            refused = self._refusals.count
        self.progress = now.after(
            done, rows=batch.rows, line=batch.line, refused=refused, last=batch.last
        )
        return True

    async def _prepare(self) -> _Batch:
        """Read rows until the batch is full, or one touches a customer that is in it already."""
        plans: list[Plan | EventPlan] = []
        refused: list[Refused] = []
        made: dict[int, New] = {}
        touched: set[object] = set()
        entries = rows = 0
        line = self._line
        row = self._ahead or self._following()
        limit = MAX_ROWS if self._deps.database.dialect == "postgresql" else MAX_ROWS_SQLITE
        while row is not None and rows < limit:
            if isinstance(row, Refused):
                refused.append(row)
            else:
                if entries + row.entries > MAX_ENTRIES or not touched.isdisjoint(row.touches):
                    break
                touched |= row.touches
                entries += row.entries
                plans.append(row)
                if self._mostly_new and isinstance(row, Plan) and row.owner is None:
                    made[row.line] = self._maker.make(row)
            rows += 1
            line = self._table.line
            if rows % TURN == 0:
                await asyncio.sleep(0)
            row = self._following()
        self._ahead = row
        self._line = line
        if not self.progress.preview:
            first = tuple(one.form(self._rulebook) for one in plans[:PREVIEW])
            self.progress = replace(self.progress, preview=first)
        return _Batch(plans, refused, made, rows, line, last=row is None)

    def _following(self) -> Plan | EventPlan | Refused | None:
        row = next(self._rows, None)
        return self._plan(row) if isinstance(row, Row) else row

    def _plan(self, row: Row) -> Plan | EventPlan | Refused:
        """Judge a row by itself, and by the keys of those before."""
        deps, file = self._deps, self._mapping
        one = (
            import_events.plan(deps, file, file.event, row)
            if file.event
            else self._planner.plan(row)
        )
        if isinstance(one, Refused) or file.shape.key is None or one.key is None:
            return one
        if one.key.idx in self._keys:
            return Refused(row.line, file.shape.key, TWICE)
        self._keys.add(one.key.idx)
        return one

    async def _write(self, batch: _Batch) -> Done:
        for again in reversed(range(TRIES)):
            try:
                return await (self._look(batch) if self._run.dry else self._transaction(batch))
            except IdentifierTakenError:
                # Somebody took an identifier while the batch was under way; now it is seen.
                if not again:
                    raise BusyError from None
        raise BusyError

    async def _look(self, batch: _Batch) -> Done:
        """Do all of a batch but the writing, on a connection that can read alone."""
        async with self._deps.database.connect() as conn:
            return await self._work(Unit(conn, self._deps.clock.now(), self._deps), batch)

    async def _transaction(self, batch: _Batch) -> Done:
        async def work(it: Unit) -> Done:
            done = await self._work(it, batch)
            if self._refusals:
                self._refusals.stage(done.refused)
            if self._finished_at is None:
                row = self._row(it, batch.rows, done, last=batch.last)
                await import_progress.save(it.conn, row)
            return done

        return (await unit.run(self._deps, work, batch=True))[0]

    async def _work(self, it: Unit, batch: _Batch) -> Done:
        rulebook = await it.deps.codes.in_force(it.conn, it.now)
        if rulebook.digest != self._rulebook.digest:
            raise ConflictError("Another code of ethics came into force. Import again.")
        events = [one for one in batch.plans if isinstance(one, EventPlan)]
        if events:
            done = await import_history.write(it, rulebook, events, run=self._run)
        else:
            done = await import_batch.write(
                it,
                self._maker,
                [one for one in batch.plans if isinstance(one, Plan)],
                made=batch.made,
                file=self._source.digest,
                run=self._run,
            )
        refused = [*batch.refused, *done.refused]
        return replace(done, refused=tuple(sorted(refused, key=lambda one: one.line)))

    def _row(self, it: Unit, rows: int, done: Done, *, last: bool) -> ImportProgressRow:
        before = self.progress
        written = before.added + before.changed + before.events_added + before.events_changed
        return ImportProgressRow(
            file_digest=self._source.digest,
            row=before.rows + rows,
            written=written + done.added + done.changed + done.events_added + done.events_changed,
            refused=before.refused + len(done.refused),
            done_at=it.now if last else None,
        )
