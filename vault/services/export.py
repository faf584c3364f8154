"""Order a package of one's own data, see how it stands, and fetch it.

One package is made at a time, at most ten are ordered in a day, and each is gone after a week. The
id of an order comes with its form, so that a form sent twice is one order. Fetching is a look: it
is recorded first; then the whole file is checked, and only then handed over piece by piece, so
that nobody is given half of one.
Source: security note, 9 and 11; docs/export.md; GDPR 12(3), 15(3) and 20.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final
from uuid import UUID

from vault.core.errors import NotAvailableError, OpenError
from vault.core.export import LIFE, STARTS, Form, Wish, dump_parts, load_parts
from vault.core.ids import CustomerId
from vault.crypto.export import Opening
from vault.crypto.keys import Kind, new_key
from vault.services import jobs, language, limit, unit
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.export_job import KIND
from vault.services.export_look import key_of, look
from vault.services.limit import Hit
from vault.services.unit import Unit
from vault.store import commit, job
from vault.store import customer as customer_store
from vault.store import export as store
from vault.store.customer import CustomerKeyRow
from vault.store.engine import Conn
from vault.store.export import ExportRow

RATE: Final = limit.per_day("export", 10)
_START: Final = 16  # bytes that tell the form


class State(Enum):
    """How an order stands."""

    MAKING = auto()
    READY = auto()
    FAILED = auto()
    GONE = auto()  # its time is over


@dataclass(frozen=True, slots=True)
class Package:
    """One order."""

    export_id: UUID
    wish: Wish
    state: State
    size: int  # bytes
    short: bool  # whether it holds less than was asked for
    ordered_at: datetime
    fetched_at: datetime | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """A package that was checked, ready to be handed over."""

    package: Package
    pieces: AsyncIterator[bytes]


async def order(
    deps: Deps, customer: CustomerId, wish: Wish, *, export_id: UUID, request: str
) -> UUID:
    """Order a package, or return the one that is being made.

    Args:
        deps: what a use case may touch.
        customer: who orders.
        wish: what.
        export_id: of the form; the same one twice is one order.
        request: our id of the request; the entries of the look name it.

    Returns:
        The id of the order, or of the one that is under way.

    Raises:
        TooManyError: ten were ordered within a day.
        NotAvailableError, OpenError: there is no such customer, or nothing of theirs can change.
        BusyError: nothing was ordered.
    """
    under_way = _under_way(await _all(deps, customer), export_id)
    if under_way is not None:
        return under_way
    await limit.count(deps, [Hit(RATE, customer.bytes)])

    async def work(it: Unit) -> UUID:
        await hold(it, customer)
        found = _under_way(await store.load_all(it.conn, customer), export_id)
        if found is not None:
            return found
        await _add(it, customer, wish, export_id=export_id, request=request)
        return export_id

    ordered, _ = await unit.run(deps, work)
    jobs.wake()
    return ordered


async def packages(deps: Deps, customer: CustomerId) -> tuple[Package, ...]:
    """Return a customer's orders, the newest first; those that are over for a while have no row."""
    now = deps.clock.now()
    return tuple(_package(row, now) for row in await _all(deps, customer))


async def package(deps: Deps, customer: CustomerId, export_id: UUID) -> Package:
    """Return one order.

    Raises:
        NotAvailableError: this customer has no such order.
    """
    async with deps.database.connect() as conn:
        row = await store.load(conn, customer, export_id)
    if row is None:
        raise NotAvailableError
    return _package(row, deps.clock.now())


async def fetch(deps: Deps, customer: CustomerId, export_id: UUID, *, request: str) -> Fetched:
    """Record that the customer takes a package, check all of it, and hand it over.

    Raises:
        NotAvailableError: this customer has no such package, or it is not ready, or gone.
        OpenError: it is not what was sealed; nothing of it is handed over.
        BusyError: the look could not be recorded; nothing was opened.
    """
    found = await package(deps, customer, export_id)
    if found.state is not State.READY:
        raise NotAvailableError
    seen = await look(deps, customer, found.wish.parts, request=request)
    async with deps.database.connect() as conn:
        row = await store.load(conn, customer, export_id)
        if row is None:
            raise NotAvailableError
        key = await key_of(conn, customer, Kind.EXPORT, row.generation)

    def opening() -> Opening:
        return Opening(seen.recorded, deps.keys.keks, key, export_id)

    await _check(_opened(deps, row, opening()), row)
    now = deps.clock.now()

    async def note(conn: Conn) -> None:
        await store.fetched(conn, customer, export_id, at=now)

    await commit.request(deps.database, note)
    return Fetched(found, _opened(deps, row, opening()))


async def _check(pieces: AsyncIterator[bytes], row: ExportRow) -> None:
    """Read a whole package, and let it go again.

    Raises:
        OpenError: it does not open, or is not what its row says.
    """
    start, size = b"", 0
    async for piece in pieces:
        start = start or piece[:_START]
        size += len(piece)
    if size != row.size or not start.startswith(STARTS[Form(row.format)]):
        raise OpenError


async def _opened(deps: Deps, row: ExportRow, opening: Opening) -> AsyncIterator[bytes]:
    """Give a package in plain; a piece that is missing or changed ends it with an error."""
    for number in range(row.pieces):
        async with deps.database.connect() as conn:
            piece = await store.load_piece(conn, row.customer, row.export_id, number=number)
        if piece is None:
            raise OpenError
        yield opening.add(piece)
    yield opening.end()


async def _all(deps: Deps, customer: CustomerId) -> list[ExportRow]:
    async with deps.database.connect() as conn:
        return await store.load_all(conn, customer)


def _under_way(rows: list[ExportRow], export_id: UUID) -> UUID | None:
    """Return the order that stands in the way of another: itself, or one that is being made."""
    if any(row.export_id == export_id for row in rows):
        return export_id
    return next((row.export_id for row in rows if row.state == store.MAKING), None)


async def _add(
    it: Unit, customer: CustomerId, wish: Wish, *, export_id: UUID, request: str
) -> None:
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    keys = await customer_store.load_keys(it.conn, customer)
    generation = 1 + max((key.generation for key in keys if key.kind == Kind.EXPORT), default=0)
    key = new_key(it.deps.keys.keks, customer, Kind.EXPORT, generation)
    wrapped = CustomerKeyRow(
        customer=customer,
        kind=Kind.EXPORT,
        generation=generation,
        key_id=key.key_id,
        kek_id=key.kek_id,
        wrapped=key.blob,
    )
    row = ExportRow(
        customer=customer,
        export_id=export_id,
        generation=generation,
        parts=dump_parts(wish.parts),
        format=wish.form.value,
        lang=language.spoken(rulebook, wish.lang, language.PACKAGES),
        from_at=wish.since,
        until_at=wish.until,
        request=request,
        state=store.MAKING,
        attempt=0,
        pieces=0,
        size=0,
        short=False,
        ordered_at=it.now,
        ready_at=None,
        fetched_at=None,
        ends_at=it.now + LIFE,
    )
    ref = f"{customer}/{export_id}"
    await customer_store.save_keys(it.conn, [wrapped], at=it.now)
    await store.add(it.conn, row)
    work = job.new(customer.bytes, export_id, kind=KIND, ref=ref, run_at=it.now)
    await job.add(it.conn, [work])


def _package(row: ExportRow, now: datetime) -> Package:
    states = {store.MAKING: State.MAKING, store.READY: State.READY, store.FAILED: State.FAILED}
    try:
        wish, state = wish_of(row), states[row.state]
    except (KeyError, ValueError):  # edited in the database: nothing of it can be handed over
        wish, state = Wish((), Form.JSON, None, None), State.FAILED
    return Package(
        export_id=row.export_id,
        wish=wish,
        state=state if row.ends_at > now else State.GONE,
        size=row.size,
        short=row.short,
        ordered_at=row.ordered_at,
        fetched_at=row.fetched_at,
        ends_at=row.ends_at,
    )


def wish_of(row: ExportRow) -> Wish:
    """Return what a row asks for."""
    return Wish(load_parts(row.parts), Form(row.format), row.from_at, row.until_at, row.lang)
