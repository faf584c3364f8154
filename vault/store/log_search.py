"""Search the facts of the access log: by app, purpose, clause, decision, time, handle and case.

The rarest thing that is asked for leads, each by an index of its own, the newest entry first; what
else is asked for is looked at behind it, in a window of bounded size. So a search for what hardly
ever happened ends, and says where to go on, instead of reading a log of years.
Source: portal note, 8; docs/scale.md, schema rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Row, Select, Subquery, and_, func, or_, select

from vault.core import canonical, place
from vault.core.entry import Kind
from vault.core.ids import LogId
from vault.core.log_filter import Decision, Known, Sought
from vault.core.place import index_of, log_of
from vault.store.engine import Conn
from vault.store.leaf import access_fact

PASSES: Final = 20_000  # entries that one page looks through
COUNT_PASSES: Final = 100_000  # entries that a count looks through
MOST_COUNTED: Final = 10_000
_LEADING: Final = ("case_ref", "handle", "app", "purpose")  # the rarest first


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first."""

    rows: tuple[Known, ...]
    older: int | None  # the search goes on below this index; None at its end
    full: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """How many entries of one period came to one decision."""

    period: int  # unix ms // length of the period
    decision: Decision
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """What was counted, the newest entries first."""

    bars: tuple[Bar, ...]
    capped: bool  # `MOST_COUNTED` were found, and there may be more
    whole: bool  # the count came to the end of the log


async def between(conn: Conn, log_id: LogId, sought: Sought) -> Sought | None:
    """Return a filter with its time as a range of indexes too; None when nothing is of that time.

    Indexes follow the order of recording, times the arrival, so the range is only as wide as it
    must be, and each entry's own time still counts.
    """
    if sought.start is None and sought.end is None:
        return sought
    fact = access_fact.c
    wanted = select(fact.idx).where(fact.log_id == log_id)
    if sought.start is not None:
        wanted = wanted.where(fact.at >= sought.start)
    if sought.end is not None:
        wanted = wanted.where(fact.at < sought.end)
    # Fenced off: alone, PostgreSQL would seek the least index along the log, not along the time.
    of_time = wanted.order_by(fact.at).offset(0).subquery()
    ends = select(func.min(of_time.c.idx), func.max(of_time.c.idx))
    first, last = (await conn.execute(ends)).one()
    if first is None:
        return None
    return _narrowed(sought, first, last)


async def page(
    conn: Conn, log_id: LogId, sought: Sought, *, before: int | None, limit: int
) -> Page:
    """Return a page of entries.

    Args:
        conn: a connection.
        log_id: the log.
        sought: the filter, from `between`.
        before: only indexes below this one; None for the newest.
        limit: entries of a page.
    """
    base = _leading(log_id, sought, before)
    window = base.limit(PASSES).subquery()
    found = (
        select(window).where(*_rest(window, sought)).order_by(window.c.idx.desc()).limit(limit + 1)
    )
    rows = [known_of(row) for row in await conn.execute(found)]
    if len(rows) > limit:
        return Page(tuple(rows[:limit]), index_of(rows[limit - 1].place), full=True)
    behind = base.with_only_columns(access_fact.c.idx).offset(PASSES).limit(1)
    next_: int | None = (await conn.execute(behind)).scalar_one_or_none()
    return Page(tuple(rows), None if next_ is None else next_ + 1, full=False)


async def bars(conn: Conn, log_id: LogId, sought: Sought, *, period: int) -> Bars:
    """Count what a filter wants by period and decision, the newest first, within bounds.

    Args:
        conn: a connection.
        log_id: the log.
        sought: the filter, from `between`.
        period: ms.
    """
    base = _leading(log_id, sought, None)
    window = base.limit(COUNT_PASSES).subquery()
    found = (
        select(window.c.at, window.c.kind, window.c.allowed, window.c.withheld)
        .where(*_rest(window, sought))
        .order_by(window.c.idx.desc())
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    allowed, refused = _outcome(found)
    start = found.c.at // period
    counted = select(start, allowed, refused, func.count()).group_by(start, allowed, refused)
    several = [
        Bar(at, _decision(allowed=bool(yes), refused=bool(no)), count)
        for at, yes, no, count in await conn.execute(counted)
    ]
    capped = sum(one.count for one in several) > MOST_COUNTED
    behind = base.with_only_columns(access_fact.c.idx).offset(COUNT_PASSES).limit(1)
    whole = not capped and (await conn.execute(behind)).scalar_one_or_none() is None
    return Bars(tuple(several), capped, whole)


async def find(conn: Conn, where: int) -> Known | None:
    """Return the facts at a place; None for the system's entries and for none."""
    statement = select(access_fact).where(
        access_fact.c.log_id == log_of(where), access_fact.c.idx == index_of(where)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else known_of(row)


def _narrowed(sought: Sought, first: int, last: int) -> Sought:
    lowest = first if sought.first is None else max(first, sought.first)
    highest = last if sought.last is None else min(last, sought.last)
    return replace(sought, first=lowest, last=highest)


def _leading(log_id: LogId, sought: Sought, before: int | None) -> Select[Any]:
    """Return what one index answers, the newest first."""
    fact = access_fact.c
    wanted = select(access_fact).where(fact.log_id == log_id)
    asked = {
        "case_ref": sought.case,
        "handle": sought.handle,
        "app": sought.app,
        "purpose": sought.purpose,
    }
    leads = next((name for name in _LEADING if asked[name] is not None), None)
    if leads is not None:
        wanted = wanted.where(fact[leads] == asked[leads])
    if sought.first is not None:
        wanted = wanted.where(fact.idx >= sought.first)
    if sought.last is not None:
        wanted = wanted.where(fact.idx <= sought.last)
    if before is not None:
        wanted = wanted.where(fact.idx < before)
    return wanted.order_by(fact.idx.desc())


def _rest(window: Subquery, sought: Sought) -> Sequence[ColumnElement[bool]]:
    """Return every condition on the entries of a window; what led is asked again, at no cost."""
    fact = window.c
    exact = {
        "app": sought.app,
        "purpose": sought.purpose,
        "handle": sought.handle,
        "case_ref": sought.case,
        "kind": None if sought.kind is None else int(sought.kind),
    }
    found = [fact[name] == value for name, value in exact.items() if value is not None]
    if sought.start is not None:
        found.append(fact.at >= sought.start)
    if sought.end is not None:
        found.append(fact.at < sought.end)
    if sought.clause is not None:
        # Clauses are a canonical list of names; the quotes around one are in no name.
        found.append(
            fact.clauses.contains(canonical.dumps(sought.clause).decode(), autoescape=True)
        )
    if sought.decision is not None:
        allowed, refused = _outcome(window)
        found.append(
            {
                Decision.ALLOWED: and_(allowed, ~refused),
                Decision.PARTLY: and_(allowed, refused),
                Decision.REFUSED: and_(~allowed, refused),
            }[sought.decision]
        )
    return found


def _outcome(facts: FromClause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return whether anything was allowed and anything refused: `Known.decision` in SQL."""
    fact = facts.c
    refused = or_(fact.withheld > 0, fact.kind == int(Kind.DENIED))
    return or_(fact.allowed > 0, ~refused), refused


def _decision(*, allowed: bool, refused: bool) -> Decision:
    if allowed and refused:
        return Decision.PARTLY
    return Decision.REFUSED if refused else Decision.ALLOWED


def known_of(row: Row[Any]) -> Known:
    """Return the facts of a row."""
    return Known(
        place=place.at(row.log_id, row.idx),
        at=row.at,
        kind=row.kind,
        app=row.app,
        purpose=row.purpose,
        clauses=tuple(canonical.loads(row.clauses.encode())),
        code=row.code,
        allowed=row.allowed,
        withheld=row.withheld,
        handle=row.handle,
        case=row.case_ref,
    )
