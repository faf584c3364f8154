"""Read the filter of the console's log from an address, and write it back: as links and as a form.

The address alone holds the filter, so that a search can be kept and sent to a colleague. What is
none is left out, and the page says so. Times are UTC, to the minute.
Source: portal note, 8.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from policies.names import APP, PURPOSE
from portal.console.log_words import CLAUSES, DECISIONS, KINDS
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Active, Option
from portal.words import moment
from vault.core.log_filter import Decision, Sought
from vault.core.staff import CASE, HANDLE

_NAMES: Final = {
    "app": N_("App"),
    "purpose": N_("Purpose"),
    "clause": N_("Clause"),
    "decision": N_("Decision"),
    "kind": N_("What happened"),
    "staff": N_("Staff pseudonym"),
    "case": N_("Case"),
    "from": N_("From"),
    "to": N_("To"),
    "first": N_("From number"),
    "last": N_("To number"),
}
_KIND_OF: Final = {kind.name.lower().replace("_", "-"): kind for kind in KINDS}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MINUTE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_NUMBER: Final = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class LogForm:
    """The filter as a form, and as links that take its parts away."""

    app: tuple[Option, ...]
    purpose: tuple[Option, ...]
    clause: tuple[Option, ...]
    decision: tuple[Option, ...]
    kind: tuple[Option, ...]
    staff: str
    case: str
    start: str
    end: str
    first: str
    last: str
    active: tuple[Active, ...]
    left_out: bool
    query: str


@dataclass(frozen=True, slots=True)
class LogFilter:
    """A filter as it was read."""

    sought: Sought
    given: tuple[tuple[str, str], ...]
    left_out: bool

    @property
    def query(self) -> str:
        """Return the filter as an address has it."""
        return urlencode(self.given)

    def address(self, path: str, **more: str) -> str:
        """Return a path with this filter."""
        query = urlencode([*self.given, *more.items()])
        return f"{path}?{query}" if query else path


def read(query: Mapping[str, str]) -> LogFilter:
    """Read a filter; what cannot be read wants everything."""
    values: dict[str, Any] = {}
    given, left_out = [], False
    for name, (attribute, reader) in _PARTS.items():
        text = query.get(name, "").strip()
        found = reader(text) if text else None
        if found is not None:
            values[attribute] = found
            given.append((name, text))
        left_out = left_out or bool(text and found is None)
    return LogFilter(Sought(**values), tuple(given), left_out)


def _like(grammar: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if grammar.fullmatch(text) else None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _decision(text: str) -> Decision | None:
    return Decision(text) if text in set(Decision) else None


def _time(text: str, *, end: bool) -> int | None:
    """Return a time as unix ms; the end of a day or minute is the first moment after it."""
    if _DAY.fullmatch(text):
        span = timedelta(days=1)
    elif _MINUTE.fullmatch(text):
        span = timedelta(minutes=1)
    else:
        return None
    try:
        moment_ = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return (moment_ + (span if end else timedelta()) - _EPOCH) // _MS
    except (ValueError, OverflowError):
        return None


# Part of an address -> the attribute of a filter, and how its text is read; None for one that is none.
_PARTS: Final[Mapping[str, tuple[str, Callable[[str], object | None]]]] = {
    "app": ("app", _like(APP)),
    "purpose": ("purpose", _like(PURPOSE)),
    "clause": ("clause", _like(PURPOSE)),
    "decision": ("decision", _decision),
    "kind": ("kind", _KIND_OF.get),
    "staff": ("handle", _like(HANDLE)),
    "case": ("case", _like(CASE)),
    "from": ("start", lambda text: _time(text, end=False)),
    "to": ("end", lambda text: _time(text, end=True)),
    "first": ("first", _number),
    "last": ("last", _number),
}


def form(found: LogFilter, path: str, labels: Labels) -> LogForm:
    """Return a filter as a page shows it."""
    given, code, lang = dict(found.given), labels.rulebook.code, labels.lang
    purposes = {one.id: one.label.get(lang) for one in code.purposes}
    own = {name: translate(lang, words) for name, words in CLAUSES.items()}
    known = {
        "app": {one.id: labels.app(one.id) for one in code.recipients},
        "purpose": purposes | {name: own[name] for name in own if "." in name},
        "clause": purposes | {name: own[name] for name in own if "." not in name},
        "decision": {one.value: translate(lang, words) for one, words in DECISIONS.items()},
        "kind": {name: translate(lang, KINDS[kind]) for name, kind in _KIND_OF.items()},
    }
    for name, text in given.items():
        if name in known:
            # A name that this code has no more is still a filter: the past may hold it.
            known[name].setdefault(text, text)
    options = {
        name: tuple(Option(value, label, value == given.get(name)) for value, label in all_.items())
        for name, all_ in known.items()
    }
    return LogForm(
        **options,
        staff=given.get("staff", ""),
        case=given.get("case", ""),
        start=_local(given.get("from", ""), "T00:00"),
        end=_local(given.get("to", ""), "T23:59"),
        first=given.get("first", ""),
        last=given.get("last", ""),
        active=tuple(
            Active(
                f"{translate(lang, _NAMES[name])}: {_said(known, name, text, lang)}",
                replace(found, given=tuple(one for one in found.given if one[0] != name)).address(
                    path
                ),
            )
            for name, text in found.given
        ),
        left_out=found.left_out,
        query=found.query,
    )


def _local(text: str, time: str) -> str:
    """Return a day as the minute that a form's input takes."""
    return text + time if _DAY.fullmatch(text) else text


def _said(known: Mapping[str, Mapping[str, str]], name: str, text: str, lang: str) -> str:
    if name in known:
        return known[name][text]
    if name not in {"from", "to"}:
        return text
    whole = datetime.fromisoformat(_local(text, "T00:00" if name == "from" else "T23:59"))
    return moment(whole.replace(tzinfo=UTC), lang).text
