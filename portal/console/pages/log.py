"""Search the access log by what is known beside it: nothing is opened, and no customer is named.

The filter lives in the address. The first page counts what it lists in a plot, with the same numbers
beside it. Everybody sees their own looks by the same search; compliance sees all.
Source: portal note, 8 and 13.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from portal.answers import Page, Stream
from portal.console import log_file, log_filter, log_words
from portal.console.log_filter import LogFilter, LogForm
from portal.console.log_words import Entry
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.plot import Plot, over_time
from portal.words import of_ms
from vault.core.errors import BadRequestError
from vault.core.log_filter import Decision, Known
from vault.core.staff import Right
from vault.services import log_search, published
from vault.services.log_search import Counted, Found
from vault.services.look_search import Count

HERE: Final = "/console/log"
OWN: Final = "/console/looks"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LogPage:
    """Everything of `/console/log` and `/console/looks`."""

    title: str
    lead: str
    here: str
    mine: bool  # only the member's own; there is no form then
    opens: bool  # whether this member may open an entry
    form: LogForm
    entries: tuple[Entry, ...]
    total: str  # "" on later pages
    plot: Plot | None
    stopped: bool  # the search ended at its bounds with an unfull page
    newest: str
    older: str


async def show(visit: StaffVisit) -> Page:
    """Show a page of what is sought."""
    given = log_filter.read(visit.query)
    lead = N_("Each look and each change, newest first. A search opens nothing and names nobody.")
    return await _shown(visit, given, HERE, N_("Access log"), lead)


async def own(visit: StaffVisit) -> Page:
    """Show what the member did, as the log has it."""
    given = log_filter.read({})
    given = replace(given, sought=log_search.own(visit.member))
    lead = N_("What the access log has under your pseudonym. Customers see these looks too.")
    return await _shown(visit, given, OWN, N_("Your looks"), lead)


async def csv(visit: StaffVisit) -> Stream:
    """Hand out what is sought as a table."""
    found = log_file.csv(_exported(visit, "csv"))
    return Stream(found, None, "text/csv; charset=utf-8", "access-log.csv")


async def ndjson(visit: StaffVisit) -> Stream:
    """Hand out what is sought for programs."""
    found = log_file.ndjson(_exported(visit, "ndjson"))
    return Stream(found, None, "application/x-ndjson", "access-log.ndjson")


def _exported(visit: StaffVisit, kind: str) -> AsyncIterator[tuple[Known, ...]]:
    """Return what is sought; what is no filter is an error here, for nobody would read a note.

    Raises:
        BadRequestError: part of the address is no filter.
    """
    given = log_filter.read(visit.query)
    if given.left_out:
        raise BadRequestError
    found = log_search.pages(visit.deps, visit.member, given.sought)
    logger.warning("log-exported", kind=kind, request=visit.request_id)
    return found


async def _shown(visit: StaffVisit, given: LogFilter, here: str, title: str, lead: str) -> Page:
    before = visit.query.get("before", "")
    found = await log_search.search(visit.deps, visit.member, given.sought, before=before)
    counted = None
    if not before:
        counted = await log_search.count(visit.deps, visit.member, given.sought)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    books = await published.of_digests(visit.deps, {one.code for one in found.rows if one.code})
    page = LogPage(
        title=translate(visit.lang, title),
        lead=translate(visit.lang, lead),
        here=here,
        mine=here == OWN,
        opens=visit.member.may(Right.SEARCH_LOG),
        form=log_filter.form(given, here, labels),
        entries=tuple(log_words.entry(one, labels, books) for one in found.rows),
        total=total(counted, visit.lang) if counted else "",
        plot=drawn(counted, visit.lang) if counted else None,
        stopped=found.older is not None and not found.full,
        newest=given.address(here) if before else "",
        older=_older(given, here, found),
    )
    return Page("console/log.html", page, here)


def _older(given: LogFilter, here: str, found: Found) -> str:
    return given.address(here, before=found.older) if found.older else ""


def total(counted: Counted, lang: str) -> str:
    """Return how many entries were found, as far as was counted."""
    if counted.capped:
        return translate(lang, N_("More than {count} entries."), count=log_search.MOST_COUNTED)
    if not counted.whole:
        return translate(
            lang, N_("{count} entries so far; the oldest were not counted."), count=counted.total
        )
    if counted.total == 1:
        return translate(lang, N_("1 entry."))
    return translate(lang, N_("{count} entries."), count=counted.total)


def drawn(counted: Counted, lang: str) -> Plot | None:
    """Return the plot of what was counted, by the hour or by the day."""
    found: dict[int, Count] = {}
    for bar in counted.bars:
        one = found.setdefault(bar.period * counted.period, Count())
        if bar.decision is Decision.REFUSED:
            one.refused += bar.count
        else:
            one.allowed += bar.count
    length = timedelta(milliseconds=counted.period)
    return over_time({of_ms(at): count for at, count in found.items()}, length, lang)
