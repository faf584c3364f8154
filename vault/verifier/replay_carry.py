"""Say what is left of a consent when a later code of ethics comes into force.

A consent goes on while each later clause asks no more than the one before it, for what both speak
of. Where one asks more, or is gone, the consent ends at that moment, and no later code brings it
back. What asks more is told part by part from the two documents. A span that is not surely as short
asks more, as of a month and 30 days either may be the longer. Where a term is of a vocabulary that
this checker does not know, it says so, and then nothing that rests on the consent is called good or
bad.
Source: consent-standards note, 5; docs/replay.md.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vault.verifier import replay_asked
from vault.verifier.replay_code import Code, Said
from vault.verifier.replay_compare import SPAN, flags, ranks, sets, spans, turned, words

ALLOWING: Final = frozenset({"given", "renewed"})
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = 2**53

_SENSITIVITY: Final = ("ordinary", "sensitive", "special")
_AUTOMATION: Final = (
    "",
    "NotAutomated",
    "AssistiveAutomation",
    "PartialAutomation",
    "ConditionalAutomation",
    "HighAutomation",
    "FullAutomation",
    "Autonomous",
)


class UndecidedError(Exception):
    """The log does not tell; the text is a short name of why."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person decided about one purpose."""

    purpose: str
    state: str
    fields: frozenset[str]
    start: int  # unix ms
    until: int  # unix ms, exclusive
    code: str  # digest of the code in force when it was written down


def carry(consent: Consent, steps: Iterable[tuple[int, Code, Code]]) -> Consent:
    """Return what is left of a consent.

    Args:
        consent: as it was written down.
        steps: of each code that came since: when, the code before it, and itself.

    Raises:
        UndecidedError: it cannot be told whether a clause asks more.
    """
    for at, old, new in steps:
        if consent.state not in ALLOWING or consent.until <= at:
            break
        found = asks(old, new, consent.purpose)
        if found == "unknown":
            raise UndecidedError("clause-not-comparable")
        if found == "same":
            continue
        clause = new.purpose(consent.purpose) or {"uses": ()}
        fields = consent.fields & {use["name"] for use in clause["uses"]}
        if found == "more" or not fields:
            return replace(consent, state="revoked", until=at)
        end = min(consent.until, after(clause.get("expiry"), consent.start))
        consent = replace(consent, fields=fields, until=end)
    return consent


def asks(old: Code, new: Code, purpose: str) -> str:
    """Return `same`, `less`, `more` or `unknown`: what a new clause asks, beside the old one."""
    before, later = old.purpose(purpose), new.purpose(purpose)
    if before is None or later is None or before["basis"] != later["basis"]:
        return "more"
    found = {answer for one in _PARTS for answer in one(old, new, before, later)}
    for worst in ("more", "unknown", "less"):
        if worst in found:
            return worst
    return "same"


def after(span: str | None, start: int) -> int:
    """Return the end of a span that begins at a moment, unix ms; the moment itself for no span."""
    match = SPAN.fullmatch(span or "")
    if not match or not any(match.groups()):
        return start
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    moment = EPOCH + timedelta(milliseconds=start)
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years + year, month + 1
    try:
        day = min(moment.day, monthrange(year, month)[1])
        moment = moment.replace(year=year, month=month, day=day)
        return (moment + timedelta(days=7 * weeks + days) - EPOCH) // timedelta(milliseconds=1)
    except (OverflowError, ValueError):
        return NEVER


def _of_clause(old: Code, new: Code, before: Said, later: Said) -> Iterable[str]:
    uses = [[use["name"] for use in one["uses"]] for one in (before, later)]
    yield sets(*uses)
    for part in ("recipients", "staff"):
        yield sets(before.get(part, ()), later.get(part, ()))
    yield words(before["types"], later["types"])
    for part in ("expiry", "delay", "keep"):
        yield spans(before.get(part), later.get(part))
    yield flags(before.get("profiling"), later.get("profiling"))
    yield turned(flags(before.get("explicit"), later.get("explicit")))
    yield turned(sets(_benefit(old, before), _benefit(new, later)))
    both = [(old, before), (new, later)]
    yield sets(*(_external(code, one) for code, one in both))
    yield sets(*(_countries(code, one) for code, one in both))
    yield sets(*(_inferred(code, one["id"]) for code, one in both))


def _of_uses(old: Code, new: Code, before: Said, later: Said) -> Iterable[str]:
    first = {use["name"]: use for use in before["uses"]}
    for use in later["uses"]:
        name = use["name"]
        if name not in first:
            continue  # more fields, which the clause's own part tells
        yield sets(first[name]["actions"], use["actions"])
        yield flags(first[name]["required"], use["required"])
        yield from _of_name(old, new, name)


def _of_name(old: Code, new: Code, name: str) -> Iterable[str]:
    one, other = old.kept(name), new.kept(name)
    if one is not None and other is not None:
        yield from _of_kept(one, other)
    elif one != other:
        yield "unknown"
    # What neither of them declares, neither says anything of.
    how, then = old.derivation(name) or {}, new.derivation(name) or {}
    yield sets(how.get("inputs", ()), then.get("inputs", ()))
    yield ranks(how.get("automation", ""), then.get("automation", ""), _AUTOMATION)
    yield flags(how.get("decides"), then.get("decides"))


def _of_kept(one: Said, other: Said) -> Iterable[str]:
    yield sets(one["sources"], other["sources"])
    yield words([one["category"]], [other["category"]])
    yield "same" if one.get("type") == other.get("type") else "more"
    yield sets(
        [one["identifies"]] if one.get("identifies") else [],
        [other["identifies"]] if other.get("identifies") else [],
    )
    yield ranks(one["sensitivity"], other["sensitivity"], _SENSITIVITY)
    yield spans(one["retention"], other["retention"])


def _external(code: Code, clause: Said) -> list[str]:
    return [app for app in clause["recipients"] if (code.recipient(app) or {}).get("external")]


def _countries(code: Code, clause: Said) -> list[str]:
    apps = [(code.recipient(app) or {}).get("country", "") for app in clause["recipients"]]
    return [code.said["publisher"]["country"], *apps]


def _inferred(code: Code, purpose: str) -> list[str]:
    found = code.said.get("derivations", ())
    return [one["field"] for one in found if purpose in one["purposes"]]


def _benefit(code: Code, clause: Said) -> list[str]:
    text = clause["benefit"][code.said["languages"][0]]
    sentences = (" ".join(one.split()) for one in text.replace("!", ".").split("."))
    return [one for one in sentences if one]


_Part = Callable[[Code, Code, Said, Said], Iterable[str]]
_PARTS: Final[tuple[_Part, ...]] = (_of_clause, _of_uses, replay_asked.of_clause)
