"""List the requests that customers made and that are still owed an answer, what is due first first.

The list opens nothing: numbers, kinds and dates. To read one is a look.
Source: GDPR 12(3); portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from portal import request_words as words
from portal.answers import Page
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, day
from vault.core.staff import Right
from vault.services import request_staff
from vault.services.request_staff import Owed

HERE: Final = "/console/requests"
MOST: Final = 200  # of one page; what is due later waits


@dataclass(frozen=True, slots=True)
class Line:
    """One request that is owed an answer."""

    href: str
    number: str
    kind: str
    state: Badge
    made: Moment
    due: Moment
    overdue: bool


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """Everything of `/console/requests`."""

    title: str
    lines: tuple[Line, ...]
    overdue: int
    more: bool
    may_work: bool


async def show(visit: StaffVisit) -> Page:
    """Show the queue."""
    found = await request_staff.owed(visit.deps, most=MOST + 1)
    page = RequestsPage(
        title=translate(visit.lang, N_("Requests of customers")),
        lines=tuple(_line(visit, one) for one in found[:MOST]),
        overdue=sum(one.overdue for one in found[:MOST]),
        more=len(found) > MOST,
        may_work=visit.member.may(Right.WORK_REQUESTS),
    )
    return Page("console/requests.html", page, HERE)


def _line(visit: StaffVisit, owed: Owed) -> Line:
    one = owed.case.request
    return Line(
        href=f"{HERE}/{owed.case.number}",
        number=owed.case.number,
        kind=words.kind(one.kind, visit.lang) if one else "",
        state=words.state(one, visit.lang, now=visit.now),
        made=day(owed.case.made, visit.lang),
        due=day(owed.due, visit.lang),
        overdue=owed.overdue,
    )
