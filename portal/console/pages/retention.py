"""Show how long what is kept, what is over and waits, and what stays all the same: counts alone.

Source: GDPR 5(1)(e) and 5(2); portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from portal.answers import Page
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import Moment, day, lasting, moment
from vault.core.staff import Right
from vault.services import published, retention_view
from vault.services.retention_view import Kept

HERE: Final = "/console/retention"


@dataclass(frozen=True, slots=True)
class Line:
    """One detail or kind of contact event."""

    name: str
    label: str
    lasts: str
    rows: int
    oldest: Moment | None
    waits: int
    held: int
    restricted: int
    broken: int
    late: int


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """Everything of `/console/retention`."""

    title: str
    lines: tuple[Line, ...]
    late: tuple[Line, ...]
    whole: bool
    last: Moment | None
    next: Moment | None


async def show(visit: StaffVisit) -> Page:
    """Show the table."""
    visit.member.need(Right.SEE_RECORDS)
    found = await retention_view.show(visit.deps)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    lines = tuple(_line(one, labels) for one in found.kept)
    page = RetentionPage(
        title=translate(visit.lang, N_("How long we keep things")),
        lines=lines,
        late=tuple(one for one in lines if one.late),
        whole=found.whole,
        last=moment(found.last, visit.lang) if found.last else None,
        next=moment(found.next, visit.lang) if found.next else None,
    )
    return Page("console/retention.html", page, HERE)


def _line(one: Kept, labels: Labels) -> Line:
    lang, clause = labels.lang, one.clause
    no_longer = translate(lang, N_("not in the code of ethics any more: it goes"))
    return Line(
        name=clause.name,
        label=labels.of(clause.name),
        lasts=lasting(clause.lasts, lang) if clause.lasts else no_longer,
        rows=clause.rows,
        oldest=day(clause.oldest, lang) if clause.oldest else None,
        waits=one.waits,
        held=one.held,
        restricted=one.restricted,
        broken=one.broken,
        late=one.late,
    )
