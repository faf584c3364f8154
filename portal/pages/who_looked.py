"""Show each look at the customer's values, allowed or refused, newest first.

The customer's own looks and decisions, one after the other, are folded under "you". A line that
does not open is shown as such and never left out.
Source: portal note, 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from portal import reasons, state, term_words
from portal.answers import Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, day, moment, of_ms
from vault.core.entry import Kind
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import published
from vault.services.entries import Line
from vault.services.reach import ACTOR
from vault.services.who_looked import PAGE, who_looked

HERE: Final = "/who-looked"
_CUSTOMER: Final = "customer"
_OWN: Final = {
    Kind.OWN_LOOK: N_("looked at your own page"),
    Kind.WRITTEN: N_("changed your details"),
    Kind.MARKED: N_("said what is right or wrong, or saw what others told us"),
    Kind.GIVEN: N_("allowed “{purpose}”"),
    Kind.REFUSED: N_("said no to “{purpose}”"),
    Kind.WITHDRAWN: N_("stopped “{purpose}”"),
    Kind.TERMS: N_("changed your terms"),
    Kind.OBJECTED: N_("objected to “{purpose}”"),
    Kind.RESTRICTED: N_("restricted the use of your data"),
    Kind.LIFTED: N_("lifted a restriction"),
}
_DID: Final = {
    Kind.WRITTEN: N_("Wrote"),
    Kind.RESOLVE: N_("Looked you up by"),
    Kind.GIVEN: N_("Took over your consent for"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """Fields that were withheld for one reason."""

    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the code of ethics, linked."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class OwnLook:
    """The customer's own look."""

    at: Moment
    words: str
    request: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line; `own` alone is filled for looks of the customer, folded."""

    own: tuple[OwnLook, ...]
    who: str
    at: Moment
    state: Badge | None
    purpose: str
    case: str
    allowed: tuple[str, ...]
    allowed_words: str
    refused: tuple[Refused, ...]
    clause: Clause | None
    request: str


@dataclass(frozen=True, slots=True)
class Day:
    """The looks of one day."""

    date: Moment
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class WhoLookedPage:
    """Everything of `/who-looked`."""

    title: str
    days: tuple[Day, ...]
    older: str  # path of the next page; "" on the last


async def show(visit: Visit) -> Page:
    """Show a page of lines; the look at the list becomes a line of its own."""
    customer = visit.customer
    place = f"who-looked/{customer}"
    key = visit.deps.keys.service("cursor")
    cursor = visit.query.get("before")
    before = int.from_bytes(open_cursor(key, place, cursor)) if cursor else None
    lines = await who_looked(visit.deps, customer, request=visit.request_id, before=before)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    older = ""
    if len(lines) == PAGE:
        older = f"{HERE}?before={seal_cursor(key, place, lines[-1].index.to_bytes(8))}"
    page = WhoLookedPage(
        title=translate(visit.lang, N_("Who looked")), days=by_day(lines, labels), older=older
    )
    return Page("who_looked.html", page, HERE)


def by_day(lines: Sequence[Line], labels: Labels) -> tuple[Day, ...]:
    """Group lines by day, and within a day the customer's own that follow each other."""
    days: list[Day] = []
    known = [line for line in lines if line.at is not None]
    for date, of_day in groupby(known, key=lambda line: of_ms(line.at or 0).date()):
        looks: list[Look] = []
        for own, run in groupby(of_day, key=_is_own):
            found = list(run)
            looks.extend([_folded(found, labels)] if own else [_look(one, labels) for one in found])
        days.append(Day(day(date, labels.lang), tuple(looks)))
    return tuple(days)


def outcome(line: Line, lang: str) -> Badge:
    """Return whether something was allowed, in words."""
    if line.kind is None:
        return Badge(translate(lang, N_("Cannot be read")), "wrong", "off")
    # A whole refusal denies each name; a look without names at all shows what its kind says.
    allowed = bool(line.allowed) or (not line.withheld and line.kind is not Kind.DENIED)
    return state.outcome(lang, allowed=allowed, refused=bool(line.withheld))


def who(line: Line, labels: Labels) -> str:
    """Return who looked, under a name that a person knows."""
    if line.app:
        return labels.app(line.app)
    if line.kind is None:
        return translate(labels.lang, N_("Unknown"))
    if line.actor == _CUSTOMER:
        return translate(labels.lang, N_("You"))
    name = labels.rulebook.code.publisher.name
    if line.actor == ACTOR:
        return translate(labels.lang, N_("{name}, to write to you"), name=name)
    if line.actor.startswith("staff:"):
        handle = line.actor.removeprefix("staff:")
        return translate(labels.lang, N_("Staff {handle}"), handle=handle)
    return translate(labels.lang, N_("{name}, by its operator"), name=name)


def _is_own(line: Line) -> bool:
    return line.actor == _CUSTOMER and line.kind is not None


def _folded(lines: Sequence[Line], labels: Labels) -> Look:
    own = tuple(
        OwnLook(
            at=moment(of_ms(line.at or 0), labels.lang),
            words=_own_words(line, labels),
            request=line.request or "",
        )
        for line in lines
    )
    return _blank(lines[0], labels, own=own)


def _own_words(line: Line, labels: Labels) -> str:
    if line.kind is Kind.TERMS and (words := term_words.entry(line.allowed, labels)):
        return words
    said = _OWN.get(line.kind) if line.kind else None
    purpose = labels.purpose(line.purpose) if line.purpose else ""
    return translate(labels.lang, said or N_("used this page"), purpose=purpose)


def _look(line: Line, labels: Labels) -> Look:
    return _blank(line, labels, own=())


def _blank(line: Line, labels: Labels, *, own: tuple[OwnLook, ...]) -> Look:
    lang = labels.lang
    by_reason: dict[str, list[str]] = {}
    for name, reason in line.withheld:
        by_reason.setdefault(reason, []).append(labels.of(name))
    did = _DID.get(line.kind) if line.kind else None
    return Look(
        own=own,
        who=who(line, labels),
        at=moment(of_ms(line.at or 0), lang),
        state=outcome(line, lang),
        purpose=labels.purpose(line.purpose) if line.purpose else "",
        case=line.case or "",
        allowed=labels.all_of(name for name, _ in line.allowed),
        allowed_words=translate(lang, did or N_("Read")),
        refused=tuple(
            Refused(reasons.sentence(reason, lang), tuple(names))
            for reason, names in by_reason.items()
        ),
        clause=_clause(line, labels),
        request=line.request or "",
    )


def _clause(line: Line, labels: Labels) -> Clause | None:
    """Return the clause that allowed it, when it is a purpose of the code: those have a place."""
    found = {clause for _, clause in line.allowed} & set(labels.rulebook.purposes)
    if not found:
        return None
    clause = min(found)
    return Clause(labels.purpose(clause), f"/code#{clause}")
