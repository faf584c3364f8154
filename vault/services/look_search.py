"""Find the lines of "who looked" that a filter wants, and count them, within bounds.

1. a stretch of the customer's list is read, and what is known of each entry beside the log;
2. what the filter surely does not want is passed by, without being opened;
3. the rest is opened and judged as it is shown, so that a wrong fact can show no wrong line;
4. the search ends with a full page, at the end of the list or at its bounds, and says where to
   go on.

A list without a filter is read from the entries alone: no fact that was edited can hide a line.
Source: portal note, 2; docs/scale.md, schema rules 2 and 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from policies.model import Rulebook
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.core.look import (
    EVERYTHING,
    Known,
    Line,
    Outcome,
    Wanted,
    judge,
    known_of,
    matches,
    opens_at,
    outcomes,
)
from vault.services import published
from vault.services.deps import Deps
from vault.services.entries import opened
from vault.services.situation import unix_ms
from vault.store import leaf
from vault.store.engine import Conn

STRETCH: Final = 500  # entries of one statement
MOST_PASSED: Final = 10_000  # entries that one search passes
MOST_COUNTED: Final = 5_000  # entries whose looks are counted
MOST_OPENED: Final = 1_000  # entries that one search opens
_BATCH: Final = 50
_FIRST_CHANGE: Final = 16
_OWN: Final = frozenset({Kind.OWN_LOOK, Kind.MARKED})
_LAST: Final = 32_503_680_000_000  # unix ms of the year 3000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Count:
    """The looks of one day that a filter wants."""

    own: int = 0  # the customer's own looks, and changes of what they decided
    allowed: int = 0  # all or part
    refused: int = 0
    sealed: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    lines: tuple[Line, ...]
    older: int | None  # place below which the search goes on; None at the end of the list
    passed: int  # entries that were passed, wanted or not
    full: bool  # a whole page was found
    days: Mapping[date, Count] = field(default_factory=dict)  # UTC; empty where not counted
    counted_all: bool = True  # False: there are older entries than those that were counted


@dataclass(slots=True)
class _Search:
    """A search under way."""

    deps: Deps
    conn: Conn
    key: bytes
    wanted: Wanted
    limit: int
    count: bool
    now: int
    lines: list[Line] = field(default_factory=list)
    place: int | None = None  # place of the last entry passed before the page was full
    passed: int = 0
    opened: int = 0
    more: bool = False  # an entry stands behind a full page
    days: dict[date, Count] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Say whether the page is full."""
        return len(self.lines) >= self.limit


def _over(it: _Search) -> bool:
    """Say whether a search has done its work, or all that it may."""
    if it.opened >= MOST_OPENED or it.passed >= MOST_PASSED:
        return True
    return it.full and it.more and (not it.count or it.passed >= MOST_COUNTED)


async def search(
    deps: Deps,
    customer: CustomerId,
    audit_key: bytes,
    wanted: Wanted,
    *,
    before: int | None = None,
    limit: int,
    count: bool = False,
) -> Found:
    """Return a page of wanted lines, the newest first.

    Args:
        deps: what a use case may touch.
        customer: whose list.
        audit_key: the customer's, unwrapped.
        wanted: the filter.
        before: only lines at a smaller place; None for the newest.
        limit: lines of a page.
        count: count the wanted lines by day too, as far as the bounds reach.

    Precondition: the caller has recorded the customer's look.

    Raises:
        BusyError: the database does not answer.
    """
    now = unix_ms(deps.clock.now())
    async with deps.database.connect() as conn:
        it = _Search(deps, conn, audit_key, wanted, limit, count, now)
        place, ended = before, False
        while not (ended or _over(it)):
            places = await leaf.places_of(conn, customer, before=place, limit=STRETCH)
            known = await leaf.facts_at(conn, places)
            for start in range(0, len(places), _BATCH):
                if _over(it):
                    break
                place = places[min(start + _BATCH, len(places)) - 1]
                await _pass(it, places[start : start + _BATCH], known)
            ended = len(places) < STRETCH and (not places or place == places[-1])
    goes_on = it.more if it.full else not ended
    return Found(
        lines=tuple(it.lines),
        older=it.place if goes_on else None,
        passed=it.passed,
        full=it.full,
        days=it.days,
        counted_all=ended,
    )


async def _pass(it: _Search, places: Sequence[int], known: Mapping[int, Known]) -> None:
    """Pass some entries, and take those that are wanted."""
    codes = {known[place].code for place in places if place in known and known[place].purpose}
    books = await published.proven(it.deps, it.conn, codes)
    verdicts = {place: _judged(it, known.get(place), books) for place in places}
    asked = [
        place for place, verdict in verdicts.items() if verdict is None or (verdict and not it.full)
    ]
    lines = await opened(it.deps, it.conn, asked, it.key)
    found: dict[int, Line] = {line.place: line for line in lines}
    it.opened += len(lines)
    for place in places:
        it.passed += 1
        it.more = it.more or it.full
        line = found.get(place)
        wanted = verdicts[place] is not False if line is None else matches(line, it.wanted)
        if not it.full:
            it.place = place
            if wanted and line is not None:
                it.lines.append(line)
        if wanted and it.count:
            _note(it, line, known.get(place), books)


def _judged(it: _Search, known: Known | None, books: Mapping[str, Rulebook]) -> bool | None:
    if it.wanted == EVERYTHING:
        return True
    if known is None:
        return None
    return judge(known, it.wanted, is_sealed=_is_sealed(it, known, books))


def _is_sealed(it: _Search, known: Known, books: Mapping[str, Rulebook]) -> bool:
    opens = opens_at(books.get(known.code), purpose=known.purpose, kind=known.kind, at=known.at)
    return opens is not None and opens > it.now


def _note(
    it: _Search, line: Line | None, known: Known | None, books: Mapping[str, Rulebook]
) -> None:
    """Count a wanted line: as it was opened, or else as the facts beside the log have it."""
    at = line.at if line else known.at if known else None
    day = _day(at)
    if day is None:
        return
    count = it.days.setdefault(day, Count())
    told = known_of(line) if line else known
    if (line and line.opens is not None) or (
        line is None and told is not None and _is_sealed(it, told, books)
    ):
        count.sealed += 1
    elif told is None:
        count.unreadable += 1
    elif told.kind in _OWN or told.kind >= _FIRST_CHANGE:
        count.own += 1
    elif Outcome.ALLOWED in outcomes(told):
        count.allowed += 1
    else:
        count.refused += 1


def _day(at: int | None) -> date | None:
    """Return a time's day; None for one that no entry of a vault has."""
    if at is None or not 0 <= at < _LAST:
        return None
    return (_EPOCH + timedelta(milliseconds=at)).date()
