"""Let staff search the access log without opening an entry: compliance all of it, each their own.

Facts name no customer, so a search shows nobody's data and is no look; the log has no kind for it.
To open one entry is a look, in `vault/services/log_entry.py`.
Source: security note, 8; portal note, 8.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vault.core import place
from vault.core.errors import BadRequestError, NotAvailableError
from vault.core.ids import LogId
from vault.core.log_filter import Decision, Known, Sought
from vault.core.place import index_of, log_of
from vault.core.staff import Right
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.store import log_search as store
from vault.store import logs
from vault.store.log_search import MOST_COUNTED, Bar, Bars

__all__ = ["MOST_COUNTED", "Bar", "Bars", "Found"]

PAGE: Final = 50  # entries of a page
PIECE: Final = 1_000  # entries that an export holds at once
DAY: Final = 86_400_000  # ms
HOUR: Final = 3_600_000  # ms
_HOURS_UP_TO: Final = 2 * DAY  # a shorter time is counted by the hour


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries."""

    rows: tuple[Known, ...]
    older: str | None  # a sealed cursor; None at the end
    full: bool  # a whole page was found; else the search stopped at its bounds, or at the end


@dataclass(frozen=True, slots=True)
class Counted:
    """How many entries a filter wants, over time."""

    bars: tuple[Bar, ...]
    period: int  # ms
    capped: bool  # there may be more than `MOST_COUNTED`
    whole: bool  # every entry was looked at

    @property
    def total(self) -> int:
        """Return how many were counted."""
        return sum(one.count for one in self.bars)


async def search(
    deps: Deps, member: Member, sought: Sought, *, before: str = "", limit: int = PAGE
) -> Found:
    """Return a page of entries, the newest first.

    Args:
        deps: what a use case may touch.
        member: who asks.
        sought: the filter.
        before: the cursor of the page before; "" for the newest.
        limit: entries of a page.

    Raises:
        NotAvailableError: this member may not search for that.
        BadRequestError: the cursor is not this member's.
    """
    _may(member, sought)
    end = _read(deps, member, before) if before else None
    rows: list[Known] = []
    async with deps.database.connect() as conn:
        for log_id, below in _from(await logs.all_(conn), end):
            if len(rows) == limit:
                return Found(tuple(rows), _sealed(deps, member, rows[-1].place), full=True)
            narrowed = await store.between(conn, log_id, sought)
            if narrowed is None:
                continue
            page = await store.page(conn, log_id, narrowed, before=below, limit=limit - len(rows))
            rows += page.rows
            if page.older is not None:
                older = _sealed(deps, member, place.at(log_id, page.older))
                return Found(tuple(rows), older, len(rows) == limit)
    return Found(tuple(rows), None, full=False)


async def count(deps: Deps, member: Member, sought: Sought) -> Counted:
    """Count what a filter wants, by the day, or by the hour of a short time; errors as `search`."""
    _may(member, sought)
    timed = sought.start is not None and sought.end is not None
    short = timed and (sought.end or 0) - (sought.start or 0) <= _HOURS_UP_TO
    period = HOUR if short else DAY
    several: Counter[tuple[int, Decision]] = Counter()
    capped, whole = False, True
    async with deps.database.connect() as conn:
        for log_id in await logs.all_(conn):
            narrowed = await store.between(conn, log_id, sought)
            if narrowed is not None:
                found = await store.bars(conn, log_id, narrowed, period=period)
                several.update({(one.period, one.decision): one.count for one in found.bars})
                capped, whole = capped or found.capped, whole and found.whole
    bars = tuple(Bar(at, decision, number) for (at, decision), number in several.items())
    return Counted(bars, period, capped, whole)


def pages(deps: Deps, member: Member, sought: Sought) -> AsyncIterator[tuple[Known, ...]]:
    """Give all that a filter wants by bounded pages, the newest first; errors as `search`, at once.

    No connection is held between two pages, however slowly they are taken, and what is recorded
    meanwhile is newer than the first page and so in none.
    """
    _may(member, sought)
    return _pages(deps, sought)


async def _pages(deps: Deps, sought: Sought) -> AsyncIterator[tuple[Known, ...]]:
    async with deps.database.connect() as conn:
        every = await logs.all_(conn)
    for log_id in every:
        async with deps.database.connect() as conn:
            narrowed = await store.between(conn, log_id, sought)
        below: int | None = None
        while narrowed is not None:
            async with deps.database.connect() as conn:
                page = await store.page(conn, log_id, narrowed, before=below, limit=PIECE)
            if page.rows:
                yield page.rows
            if page.older is None:
                break
            below = page.older


def _from(every: Sequence[LogId], end: int | None) -> Iterator[tuple[LogId, int | None]]:
    """Give the logs in which a search goes on, the newest first, and below which index."""
    for log_id in every:
        if end is None or log_id < log_of(end):
            yield log_id, None
        elif log_id == log_of(end):
            yield log_id, index_of(end)


async def find(deps: Deps, member: Member, where: int) -> Known:
    """Return the facts of one entry.

    Raises:
        NotAvailableError: no customer's entry stands there, or the member may not see it.
    """
    member.need(Right.SEARCH_LOG)
    async with deps.database.connect() as conn:
        found = await store.find(conn, where)
    if found is None:
        raise NotAvailableError
    return found


def own(member: Member) -> Sought:
    """Return the filter of a member's own looks."""
    return Sought(handle=member.handle)


def _may(member: Member, sought: Sought) -> None:
    """Let everybody see what they did themselves, and compliance the rest."""
    if sought.handle != member.handle:
        member.need(Right.SEARCH_LOG)


def _place(member: Member) -> str:
    return f"console-log/{member.handle}"


def _sealed(deps: Deps, member: Member, older: int) -> str:
    return seal_cursor(deps.keys.service("cursor"), _place(member), older.to_bytes(8))


def _read(deps: Deps, member: Member, cursor: str) -> int:
    older = open_cursor(deps.keys.service("cursor"), _place(member), cursor)
    if len(older) != 8:
        raise BadRequestError
    return int.from_bytes(older)
