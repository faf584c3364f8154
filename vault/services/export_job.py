"""Make a package behind the order: look, read, write, seal, keep; and let what is over go.

1. the worker takes the export, which takes it from a worker before it, and begins anew;
2. the look is recorded; what cannot be recorded is not opened;
3. records come in pages, are written in the form that was ordered, sealed and kept in pieces, each
   piece in a transaction that also prolongs the lease; so nothing is held whole, and a worker that
   was overtaken, or whose customer was erased, stops at its next piece;
4. the last piece, the state and the letter come with one commit.

A worker that dies leaves pieces that nobody can take for a package: the next one begins anew.
Source: docs/export.md; ecosystem note, 10.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from vault.core.errors import BusyError, NotAvailableError
from vault.core.export import MOST_BYTES, MOST_RECORDS, Cut, Form, Part, Wish, load_parts
from vault.core.ids import CustomerId
from vault.crypto.export import seal_export
from vault.crypto.keys import Kind
from vault.crypto.pairwise import pairwise_id
from vault.services import export_records as records
from vault.services import mail, unit
from vault.services.consent_change import SECTOR
from vault.services.deps import Deps
from vault.services.export_book import Book, book
from vault.services.export_look import Look, key_of, look
from vault.services.export_parts import SOURCES
from vault.services.unit import Unit
from vault.store import commit, job
from vault.store import export as store
from vault.store.engine import Conn
from vault.store.export import ExportRow
from vault.store.job import JobRow
from vault.store.sweeps import ended_exports

KIND: Final = "export"  # of the job
PIECE: Final = 262_144  # bytes sealed, of one row
TRIES: Final = 8  # before an export is given up; well within the loop's own
LETTER: Final = "export-ready"  # a template

logger = structlog.get_logger()


class _OvertakenError(Exception):
    """The export is gone, or another worker makes it."""


@dataclass(slots=True)
class _Written:
    """What a package holds so far."""

    size: int = 0
    cuts: list[Cut] = field(default_factory=list)


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Make the package of a job; one that is gone or was made before is left alone.

    Raises:
        VaultError: not this time; the job is tried again.
    """
    customer, export_id = (UUID(text) for text in work.ref.split("/"))
    row = await _begin(deps, CustomerId(customer), export_id, work)
    if row is None:
        return
    try:
        await _make(deps, row, work)
    except (_OvertakenError, NotAvailableError):
        logger.info("export-left")
    except Exception as error:
        # Whatever it is, the customer must not wait for ever.
        if work.tries < TRIES and isinstance(error, BusyError):
            raise
        logger.error("export-failed", error=type(error).__name__)
        await _give_up(deps, row)


async def forget(deps: Deps) -> int:
    """Delete packages whose time is over, with their keys; returns how many."""
    async with deps.database.connect() as conn:
        rows = await ended_exports(conn, now=deps.clock.now())
    for row in rows:
        await commit.request(deps.database, partial(store.remove, row=row))
    return len(rows)


async def _begin(
    deps: Deps, customer: CustomerId, export_id: UUID, work: JobRow
) -> ExportRow | None:
    async def begin(conn: Conn) -> ExportRow | None:
        return await store.take(conn, customer, export_id, attempt=work.lease_epoch)

    return await commit.request(deps.database, begin)


async def _give_up(deps: Deps, row: ExportRow) -> None:
    async def give_up(conn: Conn) -> None:
        await store.fail(conn, row)

    await commit.request(deps.database, give_up)


async def _make(deps: Deps, row: ExportRow, work: JobRow) -> None:
    parts = load_parts(row.parts)
    wish = Wish(parts, Form(row.format), row.from_at, row.until_at, row.lang)
    seen = await look(deps, row.customer, parts, request=row.request)
    async with deps.database.connect() as conn:
        key = await key_of(conn, row.customer, Kind.EXPORT, row.generation)
    head, sealer = seal_export(deps.keys.keks, key, row.export_id)
    held, number = bytearray(head), 0
    written = _Written()
    async with aclosing(_text(deps, row, wish, seen, written)) as blocks:
        async for block in blocks:
            held += sealer.add(block)
            while len(held) >= PIECE:
                await _keep(deps, row, work, number, bytes(held[:PIECE]))
                del held[:PIECE]
                number += 1
    held += sealer.end()
    await _finish(deps, row, number, bytes(held), written)


async def _text(
    deps: Deps, row: ExportRow, wish: Wish, seen: Look, written: _Written
) -> AsyncGenerator[bytes, None]:
    """Give a package in plain, in blocks; what it holds is counted in `written`."""
    made = book(wish.form, wish.lang)
    principal = pairwise_id(deps.keys.service("pairwise"), SECTOR, row.customer)
    head = records.head(
        seen.rulebook,
        wish,
        issuer=deps.issuer,
        package=row.export_id,
        customer=principal,
        made=seen.at,
    )
    yield _counted(written, made.start(head))
    for part in wish.parts:
        yield _counted(written, made.part(part))
        async with aclosing(_pages(deps, wish, seen, made, written, part)) as blocks:
            async for block in blocks:
                yield block
    yield _counted(written, made.end([records.of_cut(cut) for cut in written.cuts]))


async def _pages(
    deps: Deps, wish: Wish, seen: Look, made: Book, written: _Written, part: Part
) -> AsyncGenerator[bytes, None]:
    """Give the records of a part as far as a package may hold them, and note what it cannot."""
    taken, oldest = 0, None
    async with aclosing(SOURCES[part](deps, seen, wish)) as pages:
        async for page in pages:
            room = MOST_RECORDS - taken if written.size < MOST_BYTES else 0
            kept = page[:room]
            if kept:
                # A page of text takes milliseconds to write, in which others are served.
                yield _counted(written, await asyncio.to_thread(made.records, kept))
                taken, oldest = taken + len(kept), records.moment_of(kept[-1])
            if len(kept) < len(page):
                written.cuts.append(Cut(part, taken, oldest))
                return


def _counted(written: _Written, block: bytes) -> bytes:
    written.size += len(block)
    return block


async def _keep(deps: Deps, row: ExportRow, work: JobRow, number: int, sealed: bytes) -> None:
    async def keep(conn: Conn) -> None:
        mine = await job.renew(conn, work, now=deps.clock.now())
        if not (mine and await store.add_piece(conn, row, number, sealed)):
            raise _OvertakenError

    await commit.request(deps.database, keep)


async def _finish(
    deps: Deps, row: ExportRow, number: int, sealed: bytes, written: _Written
) -> None:
    async def finish(it: Unit) -> None:
        kept = await store.add_piece(it.conn, row, number, sealed)
        short = bool(written.cuts)
        if not kept or not await store.finish(
            it.conn, row, size=written.size, short=short, at=it.now
        ):
            raise _OvertakenError
        await mail.to_customer(it, row.customer, LETTER)

    await unit.run(deps, finish)
