"""Say how an app stands: what it may do by purpose, what it used of that, its budget and its review.

Source: portal note, 8 and 13; consent-standards note, 9.8 ("asked 9, used 2").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from babel import Locale

from policies.model import Action
from portal.labels import Labels
from portal.language import LANGUAGES, N_, translate
from portal.plot import HEIGHT, Mark, Plot, Row
from portal.state import Badge
from portal.words import Moment, day
from vault.core.freezing import FreezeReason
from vault.core.registration import Registration
from vault.services.app_view import SHOWN, Approval, AppView

SOON: Final = timedelta(days=30)
_STEP: Final = 20  # from bar to bar
_WIDTH: Final = 14  # of a bar
ACTIONS: Final = {Action.READ: N_("read"), Action.WRITE: N_("change"), Action.APPEND: N_("add")}
REASONS: Final[Mapping[FreezeReason, str]] = {
    FreezeReason.KEY_LOST: N_("Its key may be in other hands"),
    FreezeReason.ASKS_TOO_MUCH: N_("It asks for more than its work needs"),
    FreezeReason.WRONG_USE: N_("What it got was used for something else"),
    FreezeReason.NOT_USED: N_("Nobody works with it any more"),
    FreezeReason.OWNER_ASKED: N_("Its owner asked for it"),
    FreezeReason.OTHER: N_("Another reason, told elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """The last day on which the app gets tokens, and what that means today."""

    day: Moment
    words: str
    late: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an app may do, or did ask for."""

    label: str
    name: str
    action: str
    asked: int
    given: int
    last: Moment | None
    remark: str


@dataclass(frozen=True, slots=True)
class PurposeTable:
    """What an app may do for one purpose."""

    id: str
    label: str
    clause: str  # address in the code of ethics; "" where the code has no such clause
    sum: str
    lines: tuple[Line, ...]


def badge(view: AppView, lang: str, now: datetime) -> Badge:
    """Say how an app stands, in a word."""
    if view.app is None:
        return Badge(translate(lang, N_("Not intact")), "wrong", "open")
    if view.app.frozen:
        return Badge(translate(lang, N_("Frozen")), "off", "off")
    if view.app.registered.registration.review_by < now.astimezone(UTC).date():
        return Badge(translate(lang, N_("Review overdue")), "end", "open")
    return Badge(translate(lang, N_("Live")), "on", "on")


def review(said: Registration, lang: str, now: datetime) -> Review:
    """Say until when an app gets tokens."""
    left = said.review_by - now.astimezone(UTC).date()
    words = ""
    if left < timedelta(0):
        words = translate(lang, N_("Overdue: it gets no tokens until somebody reviews it."))
    elif left <= SOON:
        words = translate(lang, N_("Due within 30 days."))
    return Review(day(said.review_by, lang), words, late=left < timedelta(0))


def tables(view: AppView, labels: Labels) -> tuple[PurposeTable, ...]:
    """Return what an app may do, by purpose, in the order of the code of ethics."""
    book, lang = labels.rulebook, labels.lang
    found: dict[str, list[Approval]] = {}
    for one in view.approvals:
        found.setdefault(one.permission.purpose, []).append(one)
    order = [*book.purposes, *sorted(found.keys() - book.purposes.keys())]
    return tuple(
        PurposeTable(
            id=purpose,
            label=labels.purpose(purpose),
            clause=f"/code/{book.version}#{purpose}" if purpose in book.purposes else "",
            sum=_sum(found[purpose], lang),
            lines=tuple(_line(one, labels) for one in found[purpose]),
        )
        for purpose in order
        if purpose in found
    )


def country(code: str, lang: str) -> str:
    """Return the name of a country; an id that is none as it is."""
    return str(Locale.parse(LANGUAGES[lang].locale).territories.get(code, code))


def used_plot(view: AppView, lang: str, today: date) -> Plot | None:
    """Return the plot of what an app used of its budget, a bar a day; None where it used nothing."""
    most = max(view.days.values(), default=0)
    if most == 0:
        return None
    days = [today - timedelta(days=back) for back in range(SHOWN - 1, -1, -1)]
    rows = [(day(one, lang).text, view.days.get(one, 0)) for one in days]
    title = translate(
        lang,
        N_("Customers asked about each day, {first} to {last}"),
        first=rows[0][0],
        last=rows[-1][0],
    )
    marks = (
        Mark(
            series="allowed",
            x=_STEP * place + (_STEP - _WIDTH) // 2,
            y=round(HEIGHT - HEIGHT * count / most, 2),
            width=_WIDTH,
            height=round(HEIGHT * count / most, 2),
            title=f"{label}: {count}",
        )
        for place, (label, count) in enumerate(rows)
        if count
    )
    return Plot(
        title=title,
        width=_STEP * len(rows),
        height=HEIGHT,
        marks=tuple(marks),
        columns=(translate(lang, N_("Customers")),),
        rows=tuple(Row(label, (count,)) for label, count in rows),
        most=most,
    )


def _sum(approvals: list[Approval], lang: str) -> str:
    approved = [one for one in approvals if one.approved]
    return translate(
        lang,
        N_("In 30 days: asked for {asked} of {approved} that it may, was given {given}."),
        asked=sum(one.asked > 0 for one in approved),
        approved=len(approved),
        given=sum(one.given > 0 for one in approved),
    )


def _line(one: Approval, labels: Labels) -> Line:
    lang, permission = labels.lang, one.permission
    remark = ""
    if not one.approved:
        remark = translate(lang, N_("Asked for, and not approved."))
    elif not one.covered:
        remark = translate(lang, N_("The code of ethics in force does not give it any more."))
    elif one.unused:
        remark = translate(lang, N_("Not asked for in 90 days: could be taken away."))
    return Line(
        label=labels.of(permission.name),
        name=permission.name,
        action=translate(lang, ACTIONS[permission.action]),
        asked=one.asked,
        given=one.given,
        last=day(one.last, lang) if one.last else None,
        remark=remark,
    )
