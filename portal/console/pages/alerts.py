"""List the alerts of the access log, and note who looks into one, under which case.

An alert names an app or a pseudonym, a time and two counts; what lies behind it is a search away.
Source: portal note, 8; security note, 9.
"""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Go, Page
from portal.console.pages import barrier
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import Moment, moment, of_ms
from vault.core.alert import APP, STAFF, AlertKind
from vault.core.errors import ConflictError, NotAvailableError, WrongValueError
from vault.core.staff import Right
from vault.services import alert, published
from vault.services.alert import AlertRow

HERE: Final = "/console/alerts"
FIRST: Final = "log:"  # of the subject of a replay: then the first entry's place
_LAST: Final = 253_370_764_800_000  # unix ms of the year 9999
_KINDS: Final = {
    AlertKind.SWEEP: N_("An app looks at many more customers than usual"),
    AlertKind.SPIKE: N_("Many more refusals than usual"),
    AlertKind.STAFF: N_("A member of staff looks at many customers"),
    AlertKind.REPLAY: N_("The replay of the access log finds looks that should have been refused"),
    AlertKind.UNKNOWN_IDS: N_("An app asks about many whom the vault does not know"),
    AlertKind.BARRIER: N_("The access log shows looks under what had ended, or hidden changes"),
}


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True)

    alert: str = Field(max_length=100)
    case: str = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as the list shows it."""

    id: str
    what: str
    who: str
    start: Moment
    end: Moment
    count: int
    usual: int
    search: str  # address of the search; "" for whom it is closed
    rule: bool  # whether a rule of the log is broken, so that there is nothing to search
    seen_by: str
    seen_at: Moment | None
    case: str


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """Everything of `/console/alerts`."""

    title: str
    alerts: tuple[Alert, ...]
    acts: bool  # whether this member may note that one was seen
    wrong: str
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """Show the alerts."""
    return await _page(visit)


async def see(visit: StaffVisit) -> Page | Go:
    """Note that the member looks into one."""
    form = visit.form.read(_Seen)
    try:
        await alert.see(visit.deps, visit.member, _id(form.alert), case=form.case)
    except WrongValueError:
        return await _page(
            visit, wrong=N_("Write the number of the request, or the reference of the ticket.")
        )
    except ConflictError:  # a colleague was faster: the page says who
        return Go(HERE)
    return Go(HERE)


async def _page(visit: StaffVisit, *, wrong: str = "") -> Page:
    rows = await alert.list_(visit.deps, visit.member)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    acts = visit.member.may(Right.SEARCH_LOG)
    page = AlertsPage(
        title=translate(visit.lang, N_("Alerts")),
        alerts=tuple(_alert(one, labels, searches=acts) for one in rows),
        acts=acts,
        wrong=translate(visit.lang, wrong) if wrong else "",
        csrf=visit.csrf(HERE),
    )
    return Page("console/alerts.html", page, HERE, status=422 if wrong else 200)


def _alert(row: AlertRow, labels: Labels, *, searches: bool) -> Alert:
    lang = labels.lang
    # No MAC covers these rows: one that somebody edited must not hide the others.
    known = row.kind in set(AlertKind)
    row = replace(row, start_ms=_in_time(row.start_ms), end_ms=_in_time(row.end_ms))
    by_app = row.subject.startswith(APP)
    name = row.subject.removeprefix(APP if by_app else STAFF)
    return Alert(
        id=str(row.id),
        what=translate(lang, _KINDS[AlertKind(row.kind)] if known else N_("Not intact")),
        who=labels.app(name) if by_app else name,
        start=moment(of_ms(row.start_ms), lang),
        end=moment(of_ms(row.end_ms), lang),
        count=row.count,
        usual=row.usual,
        search=_search(row, name, by_app=by_app) if searches else "",
        rule=row.kind == AlertKind.BARRIER,
        seen_by=row.seen_by or "",
        seen_at=moment(row.seen_at, lang) if row.seen_at else None,
        case=row.case or "",
    )


def _search(row: AlertRow, name: str, *, by_app: bool) -> str:
    """Return where what is behind an alert is searched: entries, a rule, the first of a replay."""
    if row.kind == AlertKind.BARRIER:
        return barrier.HERE
    if row.kind == AlertKind.REPLAY:
        return f"/console/log/{name.removeprefix(FIRST)}"
    parts = {
        "app" if by_app else "staff": name,
        "from": f"{of_ms(row.start_ms):%Y-%m-%dT%H:%M}",
        "to": f"{of_ms(row.end_ms - 1):%Y-%m-%dT%H:%M}",
    }
    return f"/console/log?{urlencode(parts)}"


def _in_time(ms: int) -> int:
    return min(max(ms, 0), _LAST)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotAvailableError from None
