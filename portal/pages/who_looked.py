"""Show each look at the customer's values, allowed or refused, newest first, as far as wanted.

The filter lives in the address; a page goes on where the last one ended, by a sealed cursor. The
first page counts what it lists in a plot, with the same numbers beside it. Each look at the list
is recorded, and becomes a line of its own. The same lines are handed out as CSV and JSON.
Source: portal note, 2 and 13.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from portal import look_filter, look_rows, looks
from portal.answers import Document, Go, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Filter, FilterForm
from portal.looks import Asked, Day, Look, Names
from portal.plot import Plot, plot
from portal.visit import Visit
from portal.words import day
from vault.core import canonical
from vault.core.errors import BadRequestError, NotAvailableError, WrongValueError
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import jobs, published, request, who_looked
from vault.services.entries import Line
from vault.services.look_search import Found

HERE: Final = "/who-looked"
MOST_IN_FILE: Final = 1_000  # lines
MOST_USAGE: Final = 100  # lines of one answer
_BIGGEST: Final = 2**63 - 1  # what a place in the log can be


@dataclass(frozen=True, slots=True)
class WhoLookedPage:
    """Everything of `/who-looked`."""

    title: str
    form: FilterForm
    days: tuple[Day, ...]
    plot: Plot | None
    counted_all: bool
    passed: int  # lines that were looked through for a page that is not full; 0 for a full one
    newest: str  # path of the first page; "" where this is it
    older: str  # path of the next page; "" on the last


@dataclass(frozen=True, slots=True)
class LookPage:
    """Everything of `/who-looked/{index}`."""

    title: str
    look: Look


async def show(visit: Visit) -> Page:
    """Show a page of lines; the look at the list becomes a line of its own."""
    given = look_filter.read(visit.query)
    before = _before(visit)
    found = await who_looked.who_looked(
        visit.deps,
        visit.customer,
        request=visit.request_id,
        wanted=given.wanted,
        before=before,
        count=before is None,
    )
    names = await _askable(visit, found.lines)
    page = WhoLookedPage(
        title=translate(visit.lang, N_("Who looked")),
        form=look_filter.form(given, HERE, names.labels),
        days=looks.by_day(found.lines, names),
        plot=plot(found.days, visit.lang),
        counted_all=found.counted_all,
        passed=0 if found.full or found.older is None else found.passed,
        newest="" if before is None else _address(given),
        older=_older(visit, given, found),
    )
    return Page("who_looked.html", page, HERE)


async def show_one(visit: Visit) -> Page:
    """Show one line alone."""
    line = await who_looked.one(
        visit.deps, visit.customer, index_of(visit.params), request=visit.request_id
    )
    names = await _askable(visit, [line])
    look = looks.look(line, names)
    return Page("look.html", LookPage(translate(visit.lang, N_("One look")), look), HERE)


async def ask_why(visit: Visit) -> Go:
    """Ask why somebody looked, once for each line; again leads to the same request."""
    asked = await request.ask_about(
        visit.deps, visit.customer, index_of(visit.params), request=visit.request_id
    )
    jobs.wake()
    return Go(f"/requests/{asked}")


async def csv(visit: Visit) -> Document:
    """Hand out the lines that the filter wants, the newest first, as a table."""
    lines, names, _ = await _file(visit)
    body = look_rows.table(lines, names, issuer=visit.deps.issuer)
    return Document(body, "text/csv; charset=utf-8", "page", filename="who-looked.csv")


async def json(visit: Visit) -> Document:
    """Hand out the lines that the filter wants, the newest first, and where to go on."""
    lines, names, older = await _file(visit)
    deps = visit.deps
    said = {
        "lines": [look_rows.members(line, names, issuer=deps.issuer) for line in lines],
        "older": f"{deps.issuer}{HERE}.json{older.removeprefix(HERE)}" if older else None,
    }
    body = canonical.dumps(said)
    return Document(body, "application/json", "page", filename="who-looked.json")


async def usage(visit: Visit) -> Document:
    """Hand out the lines by number, from 1, the newest first; a full page means that more follow."""
    lines = await who_looked.usage(
        visit.deps,
        visit.customer,
        request=visit.request_id,
        offset=_number(visit, "offset", 1),
        limit=_number(visit, "limit", MOST_USAGE, most=MOST_USAGE),
        before=_number(visit, "before", 0, least=0) if "before" in visit.query else None,
    )
    names = await _names(visit, lines)
    deps = visit.deps
    said = [look_rows.members(line, names, issuer=deps.issuer) for line in lines]
    return Document(canonical.dumps(said), "application/json", "page")


def index_of(params: Mapping[str, str]) -> int:
    """Return the place in the log that a path names.

    Raises:
        NotAvailableError: it names none.
    """
    text = params["index"]
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _BIGGEST):
        raise NotAvailableError
    return int(text)


def _number(visit: Visit, name: str, default: int, *, least: int = 1, most: int = _BIGGEST) -> int:
    text = visit.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise WrongValueError
    return int(text)


async def _file(visit: Visit) -> tuple[tuple[Line, ...], Names, str]:
    given = look_filter.read(visit.query)
    found = await who_looked.who_looked(
        visit.deps,
        visit.customer,
        request=visit.request_id,
        wanted=given.wanted,
        before=_before(visit),
        limit=MOST_IN_FILE,
    )
    return found.lines, await _names(visit, found.lines), _older(visit, given, found)


async def _names(visit: Visit, lines: Sequence[Line]) -> Names:
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    codes = {line.code for line in lines if line.code}
    return Names(labels, await published.of_digests(visit.deps, codes))


async def _askable(visit: Visit, lines: Sequence[Line]) -> Names:
    """Return the names with what was asked about these lines."""
    names = await _names(visit, lines)
    found = await request.about(visit.deps, visit.customer, [line.place for line in lines])
    asked = {
        index: Asked(
            href=f"/requests/{case.request_id}",
            number=case.number,
            due=day(case.request.due, visit.lang)
            if case.request and case.request.is_open
            else None,
        )
        for index, case in found.items()
    }
    return replace(names, asked=asked, csrf=visit.csrf)


def _before(visit: Visit) -> int | None:
    cursor = visit.query.get("before")
    if not cursor:
        return None
    place = open_cursor(visit.deps.keys.service("cursor"), _place(visit), cursor)
    if len(place) != 8:
        raise BadRequestError
    return int.from_bytes(place)


def _older(visit: Visit, given: Filter, found: Found) -> str:
    if found.older is None:
        return ""
    key = visit.deps.keys.service("cursor")
    cursor = seal_cursor(key, _place(visit), found.older.to_bytes(8))
    return _address(given, before=cursor)


def _place(visit: Visit) -> str:
    return f"who-looked/{visit.customer}"


def _address(given: Filter, **more: str) -> str:
    query = urlencode([*given.given, *more.items()])
    return f"{HERE}?{query}" if query else HERE
