"""List what has to follow contacts: whose it is, by when, and how it stands; what is due first first.

The list names nobody and opens nothing: numbers, kinds, roles and dates. To read one is a look.
Source: portal note, 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from policies.model import StaffRole
from portal import follow_up_words as words
from portal.answers import Page
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Option
from portal.state import Badge
from portal.words import Moment, day
from vault.core.follow_up import State
from vault.core.staff import Right
from vault.services import follow_up_owed, interaction, published
from vault.services.follow_up_owed import Owed

E = TypeVar("E", bound=StrEnum)
HERE: Final = "/console/follow-ups"
MOST: Final = 200  # of one page; what is due later waits


@dataclass(frozen=True, slots=True)
class Line:
    """One follow-up."""

    href: str  # "" for who only sees the list
    number: str
    kind: str
    state: Badge
    owner: str
    begun: Moment
    due: Moment
    refusals: int  # how often the customer said no


@dataclass(frozen=True, slots=True)
class FollowUpsPage:
    """Everything of `/console/follow-ups`."""

    title: str
    states: tuple[Option, ...]
    owners: tuple[Option, ...]
    lines: tuple[Line, ...]
    overdue: int
    more: bool


async def show(visit: StaffVisit) -> Page:
    """Show the queue; what is no filter of ours is left out."""
    lang = visit.lang
    state = _member(State, visit.query.get("state", "")) or State.OPEN
    owner = _member(StaffRole, visit.query.get("owner", ""))
    found = await follow_up_owed.owed(visit.deps, state=state, owner=owner, most=MOST + 1)
    labels = Labels(await published.in_force(visit.deps), lang)
    page = FollowUpsPage(
        title=translate(lang, N_("What follows contacts")),
        states=tuple(Option(one.value, words.state_name(one, lang), one is state) for one in State),
        owners=tuple(Option(one.value, words.role(one, lang), one is owner) for one in StaffRole),
        lines=tuple(_line(visit, one, labels) for one in found[:MOST]),
        overdue=sum(one.overdue for one in found[:MOST]),
        more=len(found) > MOST,
    )
    return Page("console/follow_ups.html", page, HERE)


def _line(visit: StaffVisit, owed: Owed, labels: Labels) -> Line:
    lang, case, one = visit.lang, owed.case, owed.case.follow_up
    works = visit.member.may(Right.WORK_FOLLOW_UPS)
    return Line(
        href=f"{HERE}/{case.number}" if works else "",
        number=case.number,
        kind=labels.of(interaction.name(case.kind)),
        state=words.state_for_staff(one, lang, now=visit.now),
        owner=words.role(one.owner, lang) if one else "",
        begun=day(case.begun, lang),
        due=day(owed.due, lang),
        refusals=one.refusals if one else 0,
    )


def _member(kind: type[E], text: str) -> E | None:
    return kind(text) if text in set(kind) else None
