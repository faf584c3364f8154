"""Delete what the code of ethics does not let us keep any longer, and say what that would be.

Rows that may be over are found by name, in pages over all customers, the oldest first; each customer
among them is held under lock and looked at again by `vault/services/retention_delete.py`. Nothing
is opened. A run that was cut leaves whole customers, and the next one finds the rest; two
runs at once find each row once. Deleting is no erasure: the same detail may be gathered anew.
Source: GDPR 5(1)(e); DESIGN 5; security note, V14.2.7.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.model import Rulebook
from vault.core import retention
from vault.core.ids import CustomerId
from vault.core.retention import GRACE, Stays, Why
from vault.services import code_sweep
from vault.services.deps import Deps
from vault.services.retention_delete import delete_over, keeps_of
from vault.store import job, sweeps, sweeps_retention
from vault.store.disclosure import load_many
from vault.store.engine import Conn
from vault.store.sweeps_retention import Row

PAGE: Final = 200  # rows that are found at once


@dataclass(slots=True)
class Tally:
    """What a sweep deleted, or would; it grows while the sweep goes on."""

    gone: Counter[tuple[str, Why]] = field(default_factory=Counter)
    stays: Counter[tuple[str, Stays]] = field(default_factory=Counter)
    customers: set[UUID] = field(default_factory=set)  # of whom something goes
    whole: bool = True  # False: there are more rows than were looked at

    def add(self, customer: CustomerId, gone: Counter[tuple[str, Why]]) -> None:
        """Count what goes of one customer."""
        if gone:
            self.gone.update(gone)
            self.customers.add(customer)


@dataclass(frozen=True, slots=True)
class Clause:
    """How long one name is kept, and what there is of it."""

    name: str
    lasts: str  # ISO 8601 duration; "" for a name that the code no longer has
    rows: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk over what may be over has come to."""

    name: str = ""
    after: tuple[datetime, UUID] | None = None


async def clauses(deps: Deps) -> tuple[Clause, ...]:
    """Return what is kept for how long, in the code's order, then what the code no longer names."""
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        stored = {one.name: one for one in await sweeps_retention.counts(conn)}
    lasting = {one.name: one.retention for one in rulebook.code.fields}
    lasting |= {name: one.retention for name, one in rulebook.interactions.items()}
    lasting |= {name: "" for name in sorted(stored) if name not in lasting}
    return tuple(
        Clause(
            name=name,
            lasts=lasts,
            rows=stored[name].rows if name in stored else 0,
            oldest=stored[name].oldest if name in stored else None,
        )
        for name, lasts in lasting.items()
    )


async def survey(deps: Deps, *, now: datetime | None = None, most: int | None = None) -> Tally:
    """Say what a sweep would delete, and change nothing.

    Args:
        deps: what a use case may touch.
        now: as if it were that time; None for this moment.
        most: rows to look at; None for all.
    """
    tally, looked = Tally(), 0
    at = now or deps.clock.now()
    async for name, rows, rulebook, _ in _walk(deps, at):
        if most is not None and looked >= most:
            tally.whole = False
            break
        looked += len(rows)
        async with deps.database.connect() as conn:
            owners = list(dict.fromkeys(row.customer for row in rows))
            found = await load_many(conn, owners, fields=())
        keeps = {
            customer: keeps_of(deps, customer, one.standing, at=at)
            for customer, one in zip(owners, found, strict=True)
            if one is not None
        }
        for row in rows:
            reason = _why(rulebook, name, row, at)
            if reason is None or row.customer not in keeps:
                continue
            stay = retention.stays(keeps[row.customer], name)
            if stay is not None:
                tally.stays[name, stay] += 1
            else:
                tally.add(row.customer, Counter({(name, reason): 1}))
    return tally


async def left(deps: Deps, *, most: int | None = None) -> tuple[tuple[str, int], ...]:
    """Return each name of which something is a day over and still there, with how many rows.

    What a legal hold or a restriction keeps is where it should be; what is broken is not. What the
    code no longer has is late a day after the code in force took effect.

    Args:
        deps: what a use case may touch.
        most: rows to look at; None for all.
    """
    at = deps.clock.now() - GRACE
    tally = await survey(deps, now=at, most=most)
    async with deps.database.connect() as conn:
        since = deps.codes.since(await deps.codes.in_force(conn, deps.clock.now()))
    late: Counter[str] = Counter()
    for (name, reason), rows in tally.gone.items():
        late[name] += rows if reason is Why.OVER or since <= at else 0
    for (name, stay), rows in tally.stays.items():
        late[name] += rows if stay is Stays.BROKEN else 0
    return tuple(sorted((name, rows) for name, rows in late.items() if rows))


async def sweep(deps: Deps, *, told: Callable[[Tally], None] | None = None) -> Tally:
    """Delete all that is over.

    Args:
        deps: what a use case may touch.
        told: is called after each page.

    Raises:
        BusyError: the rest is deleted by the next run.
    """
    tally = Tally()
    async for name, rows, rulebook, dropped in _walk(deps, deps.clock.now()):
        await _page(deps, name, rows, rulebook, dropped, tally)
        if told is not None:
            told(tally)
    return tally


async def sweep_some(deps: Deps, start: Place, *, most: int) -> Place | None:
    """Delete a part of what is over; returns where the next part begins, None at the end."""
    tally, looked = Tally(), 0
    async for name, rows, rulebook, dropped in _walk(deps, deps.clock.now(), start):
        await _page(deps, name, rows, rulebook, dropped, tally)
        looked += len(rows)
        if looked >= most:
            return Place(name, (rows[-1].gathered_at, rows[-1].row_id))
    return None


async def _walk(
    deps: Deps, now: datetime, start: Place | None = None
) -> AsyncIterator[tuple[str, list[Row], Rulebook, frozenset[str]]]:
    """Give pages of rows that may be over, name by name in their order."""
    start = start or Place()
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        dropped = await _dropped(conn, rulebook, deps.clock.now())
    for name in sorted({*rulebook.sources, *dropped}):
        if name < start.name:
            continue
        after = start.after if name == start.name else None
        before = retention.latest(rulebook, name, now)
        while True:
            async with deps.database.connect() as conn:
                rows = await sweeps_retention.rows_before(
                    conn, name, before=before, after=after, limit=PAGE
                )
            if rows:
                yield name, rows, rulebook, dropped
                after = rows[-1].gathered_at, rows[-1].row_id
            if len(rows) < PAGE:
                break


async def _dropped(conn: Conn, rulebook: Rulebook, now: datetime) -> frozenset[str]:
    """Return names with rows that the code no longer has, once their customers were written to."""
    if await job.waits(conn, code_sweep.KIND, now=now):
        return frozenset()
    return await sweeps.stored_names(conn) - set(rulebook.sources)


async def _page(
    deps: Deps,
    name: str,
    rows: Sequence[Row],
    rulebook: Rulebook,
    dropped: frozenset[str],
    tally: Tally,
) -> None:
    over = [row for row in rows if _why(rulebook, name, row, deps.clock.now())]
    for customer in dict.fromkeys(row.customer for row in over):
        gone, keeps = await delete_over(deps, customer, dropped)
        tally.add(customer, gone)
        stay = retention.stays(keeps, name)
        if stay is not None:
            tally.stays[name, stay] += sum(row.customer == customer for row in over)


def _why(rulebook: Rulebook, name: str, row: Row, now: datetime) -> Why | None:
    start = retention.counts_from(row.gathered_at, row.verified_at)
    return retention.why(rulebook, name, start, now=now)
