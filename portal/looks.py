"""Put lines of "who looked" into words: who, what for, which details, allowed or refused and why.

Names are those of the code of ethics that a line was decided under, and its clause is linked in
that version. The customer's own looks, one after the other, are folded under "you". A line that
does not open is shown as such and never left out; one that is sealed says only when it opens.
Source: portal note, 2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from policies.model import ConsentState, Rulebook
from policies.names import AUDIT, FOLLOW_UP, REQUEST
from portal import ended, reasons, state, term_words, traits
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, day, moment, of_ms
from vault.core.consent_record import PUBLISHER
from vault.core.entry import Kind
from vault.core.look import CUSTOMER, STAFF, Line
from vault.services.reach import ACTOR

_OWN: Final = {
    Kind.OWN_LOOK: N_("looked at your own page"),
    Kind.EXPORT: N_("took a copy of your data along"),
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
    Kind.MAY_REACH: N_("Asked whether it may reach you by"),
    Kind.GIVEN: N_("Took over your consent for"),
}
_RESTRICTED: Final = (N_("Use of your data restricted"), "off", "off")
_BY_PUBLISHER: Final = {
    Kind.GIVEN: (N_("Goes on with less"), "on", "on"),
    Kind.WITHDRAWN: (N_("Stopped: the rules changed"), "off", "off"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """Fields that were withheld for one reason."""

    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the code of ethics, linked in its version."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class OwnLook:
    """The customer's own look."""

    at: Moment | None
    words: str
    request: str
    href: str = ""  # the line alone


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked about a look."""

    href: str
    number: str
    due: Moment | None  # None when nothing is owed any more


@dataclass(frozen=True, slots=True)
class Look:
    """One line; `own` alone is filled for looks of the customer, folded."""

    own: tuple[OwnLook, ...]
    href: str  # the line alone
    who: str
    at: Moment | None
    state: Badge | None
    opens: Moment | None  # of a sealed line
    purpose: str
    case: str
    allowed: tuple[str, ...]
    allowed_words: str
    refused: tuple[Refused, ...]
    clause: Clause | None
    request: str
    ask: str = ""  # token of the form that asks why; "" where it cannot be asked
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The looks of one day."""

    date: Moment | None  # None for lines whose time cannot be read
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the code in force, and of those that lines were decided under."""

    labels: Labels
    books: Mapping[str, Rulebook]  # by digest
    asked: Mapping[int, Asked] = field(default_factory=dict)  # by place in the log
    csrf: Callable[[str], str] | None = None  # token of a form by its path; None: nothing to ask

    def of(self, line: Line) -> Labels:
        """Return the names of a line's own code; of the one in force where that is not proven."""
        book = self.books.get(line.code)
        return Labels(book, self.labels.lang) if book else self.labels


def by_day(lines: Sequence[Line], names: Names) -> tuple[Day, ...]:
    """Group lines by day, and within a day the customer's own that follow each other."""
    days: list[Day] = []
    lang = names.labels.lang
    for date, of_day in groupby(lines, key=lambda line: of_ms(line.at).date() if line.at else None):
        looks: list[Look] = []
        for own, run in groupby(of_day, key=is_own):
            found = list(run)
            looks.extend([_folded(found, names)] if own else [look(one, names) for one in found])
        days.append(Day(day(date, lang) if date else None, tuple(looks)))
    return tuple(days)


def outcome(line: Line, lang: str) -> Badge:
    """Return whether something was allowed, in words."""
    if line.opens is not None:
        return Badge(translate(lang, N_("Sealed")), "end", "law")
    if line.kind is None:
        return Badge(translate(lang, N_("Cannot be read")), "wrong", "off")
    if (rule := ended.badge(line, lang)) is not None:
        return rule
    by_us = _BY_PUBLISHER.get(line.kind) if line.actor == PUBLISHER else None
    if line.kind is Kind.RESTRICTED and not is_own(line):
        by_us = _RESTRICTED
    if by_us is not None:
        words, icon, tone = by_us
        return Badge(translate(lang, words), icon, tone)
    # A whole refusal denies each name; a look without names at all shows what its kind says.
    allowed = bool(line.allowed) or (not line.withheld and line.kind is not Kind.DENIED)
    return state.outcome(lang, allowed=allowed, refused=bool(line.withheld))


def who(line: Line, labels: Labels) -> str:
    """Return who looked, under a name that a person knows."""
    if line.opens is not None:
        return translate(
            labels.lang,
            N_("A sealed look, opens on {date}"),
            date=moment(of_ms(line.opens), labels.lang).text,
        )
    if line.app:
        return labels.app(line.app)
    if line.kind is None:
        return translate(labels.lang, N_("Unknown"))
    if line.actor == CUSTOMER:
        return translate(labels.lang, N_("You"))
    name = labels.rulebook.code.publisher.name
    if ended.is_deleted(line):
        return translate(labels.lang, N_("{name}, by its own rules"), name=name)
    if line.actor == ACTOR and line.purpose:
        found = ", ".join(traits.of_line(line, labels))
        return translate(labels.lang, N_("{name}, to work out: {traits}"), name=name, traits=found)
    if line.actor == ACTOR:
        return translate(labels.lang, N_("{name}, to write to you"), name=name)
    if line.actor == PUBLISHER:
        return translate(labels.lang, N_("{name}, because its rules changed"), name=name)
    if line.actor.startswith(STAFF):
        handle = line.actor.removeprefix(STAFF)
        return translate(labels.lang, N_("Staff {handle}"), handle=handle)
    return translate(labels.lang, N_("{name}, by its operator"), name=name)


def is_own(line: Line) -> bool:
    """Say whether the customer acted."""
    return line.actor == CUSTOMER and line.kind is not None


def look(line: Line, names: Names, own: tuple[OwnLook, ...] = ()) -> Look:
    """Return one line in words."""
    labels = names.of(line)
    lang = labels.lang
    did = _DID.get(line.kind) if line.kind else None
    return Look(
        own=own,
        href=place(line),
        who=who(line, labels),
        at=_moment(line.at, lang),
        state=outcome(line, lang),
        opens=_moment(line.opens, lang),
        purpose=labels.purpose(line.purpose) if line.purpose else "",
        case=line.case or "",
        allowed=ended.names(line, labels),
        allowed_words=ended.what(line, labels) or translate(lang, did or N_("Read")),
        refused=refusals(line, labels),
        clause=clause(line, names),
        request=line.request or "",
        ask=_ask(line, names),
        asked=names.asked.get(line.place),
    )


def place(line: Line) -> str:
    """Return the path of a line alone, where a question about it is sent too."""
    return f"/who-looked/{line.place}"


def _ask(line: Line, names: Names) -> str:
    """Return the token of the question: each look of somebody else may be asked about, once."""
    closed = is_own(line) or line.opens is not None or line.place in names.asked
    return "" if closed or names.csrf is None else names.csrf(place(line))


def refusals(line: Line, labels: Labels) -> tuple[Refused, ...]:
    """Return what was withheld, by reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in line.withheld:
        by_reason.setdefault(reason, []).append(labels.of(name))
    return tuple(
        Refused(reasons.sentence(reason, labels.lang), tuple(fields))
        for reason, fields in by_reason.items()
    )


def clause(line: Line, names: Names) -> Clause | None:
    """Return the clause that allowed a look, or that a refused one was for, where it has a place.

    Purposes have a place on the page of their version. The customer's own look, the vault's
    letters and a write by field have none of their own.
    """
    labels = names.of(line)
    known = labels.rulebook.purposes
    found = {clause for _, clause in line.allowed} & set(known)
    if not found and line.purpose in known:
        found = {line.purpose or ""}
    if not found:
        return None
    name = min(found)
    version = f"/{labels.rulebook.version}" if line.code in names.books else ""
    return Clause(labels.purpose(name), f"/code{version}#{name}")


def _folded(lines: Sequence[Line], names: Names) -> Look:
    own = tuple(
        OwnLook(
            at=_moment(line.at, names.labels.lang),
            words=_own_words(line, names.of(line)),
            request=line.request or "",
            href=place(line),
        )
        for line in lines
    )
    return look(lines[0], names, own=own)


def _own_words(line: Line, labels: Labels) -> str:
    if line.kind is Kind.TERMS and (words := term_words.entry(line.allowed, labels)):
        return words
    said = _OWN.get(line.kind) if line.kind else None
    if line.consent == ConsentState.DEFERRED:
        said = N_("put off deciding on “{purpose}”")
    elif line.kind is Kind.WRITTEN and {name for name, _ in line.allowed} == {REQUEST}:
        said = N_("made, added to or ended a request")
    elif line.kind is Kind.WRITTEN and {name for name, _ in line.allowed} == {FOLLOW_UP}:
        said = N_("said whether something is settled")
    elif line.kind is Kind.EXPORT and {name for name, _ in line.allowed} == {AUDIT}:
        said = N_("took the key of this list")
    elif line.kind is Kind.LIFTED and line.purpose:
        said = N_("took back an objection to “{purpose}”")
    purpose = labels.purpose(line.purpose) if line.purpose else ""
    return translate(labels.lang, said or N_("used this page"), purpose=purpose)


def _moment(at: int | None, lang: str) -> Moment | None:
    return None if at is None else moment(of_ms(at), lang)
