"""Read the filter of "who looked" from an address, and write it back: as links and as a form.

The address alone holds the filter, so a page can be kept and sent. What is not a name of the code
of ethics, a day or one of the words here is left out, and the page says so.
Source: portal note, 1 and 2.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from policies.names import APP, FIELD, PURPOSE
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import day
from vault.core.look import EVERYTHING, Outcome, Wanted, Who

_APP: Final = "app:"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHO: Final = {
    Who.OTHERS: N_("Everybody but you"),
    Who.YOU: N_("You"),
    Who.STAFF: N_("Staff"),
    Who.US: N_("The publisher itself"),
    Who.SEALED: N_("Sealed looks"),
}
_OUTCOMES: Final = {
    Outcome.ALLOWED: N_("Allowed, all or part"),
    Outcome.REFUSED: N_("Refused, all or part"),
}
_NAMES: Final = {
    "who": N_("Who"),
    "purpose": N_("What for"),
    "outcome": N_("What came of it"),
    "field": N_("Detail"),
    "from": N_("From"),
    "to": N_("To"),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Active:
    """A part of the filter that is set, and the address without it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filter as a form, and as links that take its parts away."""

    who: tuple[Option, ...]
    purpose: tuple[Option, ...]
    outcome: tuple[Option, ...]
    field: tuple[Option, ...]
    start: str
    end: str
    active: tuple[Active, ...]
    left_out: bool  # something in the address was no filter
    query: str  # "" or what follows a question mark


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was read."""

    wanted: Wanted
    given: tuple[tuple[str, str], ...]  # names and texts of the parts that were understood
    left_out: bool

    @property
    def query(self) -> str:
        """Return the filter as an address has it."""
        return urlencode(self.given)


def read(query: Mapping[str, str]) -> Filter:
    """Read a filter; what cannot be read wants everything."""
    wanted, given, left_out = EVERYTHING, [], False
    for name in _NAMES:
        text = query.get(name, "").strip()
        found = _part(wanted, name, text) if text else None
        if found is not None:
            wanted = found
            given.append((name, text))
        left_out = left_out or bool(text and found is None)
    return Filter(wanted, tuple(given), left_out)


def _part(wanted: Wanted, name: str, text: str) -> Wanted | None:
    """Return a filter with one part more; None for a text that is none."""
    if name == "who" and text.startswith(_APP):
        app = text.removeprefix(_APP)
        return replace(wanted, app=app) if APP.fullmatch(app) else None
    if name == "who":
        return replace(wanted, who=Who(text)) if text in set(Who) else None
    if name == "purpose":
        return replace(wanted, purpose=text) if PURPOSE.fullmatch(text) else None
    if name == "field":
        return replace(wanted, field=text) if FIELD.fullmatch(text) else None
    if name == "outcome":
        return replace(wanted, outcome=Outcome(text)) if text in set(Outcome) else None
    if not _DATE.fullmatch(text):
        return None
    try:
        moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        if name == "from":
            return replace(wanted, start=(moment - _EPOCH) // _MS)
        return replace(wanted, end=(moment + _DAY - _EPOCH) // _MS)  # the day itself is in it
    except (ValueError, OverflowError):
        return None


def form(found: Filter, path: str, labels: Labels) -> FilterForm:
    """Return a filter as a page shows it."""
    given, code, lang = dict(found.given), labels.rulebook.code, labels.lang
    who = {one.value: translate(lang, words) for one, words in _WHO.items()}
    who |= {f"{_APP}{one.id}": labels.app(one.id) for one in code.recipients}
    purposes = {one.id: one.label.get(lang) for one in code.purposes}
    outcomes = {one.value: translate(lang, words) for one, words in _OUTCOMES.items()}
    fields = {
        name: labels.of(name) for name in (*labels.rulebook.fields, *labels.rulebook.interactions)
    }
    known = {"who": who, "purpose": purposes, "outcome": outcomes, "field": fields}
    for name, text in given.items():
        if name in known:
            # A name that this code has no more is still a filter: the past may hold it.
            known[name].setdefault(text, text.removeprefix(_APP))
    return FilterForm(
        who=_options(known["who"], given.get("who")),
        purpose=_options(known["purpose"], given.get("purpose")),
        outcome=_options(known["outcome"], given.get("outcome")),
        field=_options(known["field"], given.get("field")),
        start=given.get("from", ""),
        end=given.get("to", ""),
        active=tuple(
            Active(
                f"{translate(lang, _NAMES[name])}: {_said(known, name, text, lang)}",
                _address(path, (pair for pair in found.given if pair[0] != name)),
            )
            for name, text in found.given
        ),
        left_out=found.left_out,
        query=found.query,
    )


def _said(known: Mapping[str, Mapping[str, str]], name: str, text: str, lang: str) -> str:
    return known[name][text] if name in known else day(date.fromisoformat(text), lang).text


def _options(known: Mapping[str, str], chosen: str | None) -> tuple[Option, ...]:
    return tuple(Option(value, label, value == chosen) for value, label in known.items())


def _address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs))
    return f"{path}?{query}" if query else path
