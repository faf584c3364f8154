"""Say what is left of a consent when a later code of ethics comes into force.

A consent goes on while each later clause asks no more than the one before it, for what both speak
of. Where one asks more, or is gone, the consent ends at that moment, and no later code brings it
back. What asks more is told part by part from the two documents. A span that is not surely as short
asks more, as of a month and 30 days either may be the longer. Where a term is of a vocabulary that
this checker does not know, it says so, and then nothing that rests on the consent is called good or
bad.
Source: consent-standards note, 5; docs/replay.md.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vault.verifier import replay_words
from vault.verifier.replay_code import Code, Said

ALLOWING: Final = frozenset({"given", "renewed"})
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = 2**53

_SPAN: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
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
    match = _SPAN.fullmatch(span or "")
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


def _sets(one: Iterable[str], other: Iterable[str]) -> str:
    """Compare what grows by having more in it."""
    old, new = frozenset(one), frozenset(other)
    if old == new:
        return "same"
    return "less" if new < old else "more"


def _ranks(one: str, other: str, scale: tuple[str, ...]) -> str:
    if one == other:
        return "same"
    if one not in scale or other not in scale:
        return "unknown"
    return "less" if scale.index(other) < scale.index(one) else "more"


def _spans(one: str | None, other: str | None) -> str:
    """Compare how long; without a span it is no time at all."""
    if one == other:
        return "same"
    if one is None or other is None:
        return "less" if other is None else "more"
    first, second = (_SPAN.fullmatch(span) for span in (one, other))
    if not first or not second:
        return "unknown"
    pairs = []
    for match in (first, second):
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        pairs.append((12 * years + months, 7 * weeks + days))
    old, new = pairs
    if _is_within(new, old):
        return "same" if _is_within(old, new) else "less"
    return "more"


def _is_within(one: tuple[int, int], limit: tuple[int, int]) -> bool:
    """Say whether a span of months and days is surely no longer than another."""
    if one[0] <= limit[0] and one[1] <= limit[1]:
        return True
    return replay_words.days(*one)[1] <= replay_words.days(*limit)[0]


def _flags(one: object, other: object) -> str:
    return _sets(["yes"] if one else [], ["yes"] if other else [])


def _turned(answer: str) -> str:
    return {"less": "more", "more": "less"}.get(answer, answer)


def _words(one: Iterable[str], other: Iterable[str]) -> str:
    """Compare terms of a vocabulary: a new one may be narrower than an old one, or broader."""
    old, new = frozenset(one), frozenset(other)
    if old == new:
        return "same"
    if not replay_words.KNOWN.issuperset(old ^ new):
        return "unknown"
    if replay_words.within(new, old):
        return "same" if replay_words.within(old, new) else "less"
    return "more"


def _of_clause(old: Code, new: Code, before: Said, later: Said) -> Iterable[str]:
    uses = [[use["name"] for use in one["uses"]] for one in (before, later)]
    yield _sets(*uses)
    for part in ("recipients", "staff"):
        yield _sets(before.get(part, ()), later.get(part, ()))
    yield _words(before["types"], later["types"])
    for part in ("expiry", "delay", "keep"):
        yield _spans(before.get(part), later.get(part))
    yield _flags(before.get("profiling"), later.get("profiling"))
    yield _turned(_flags(before.get("explicit"), later.get("explicit")))
    yield _turned(_sets(_benefit(old, before), _benefit(new, later)))
    both = [(old, before), (new, later)]
    yield _sets(*(_external(code, one) for code, one in both))
    yield _sets(*(_countries(code, one) for code, one in both))
    yield _sets(*(_inferred(code, one["id"]) for code, one in both))


def _of_uses(old: Code, new: Code, before: Said, later: Said) -> Iterable[str]:
    first = {use["name"]: use for use in before["uses"]}
    for use in later["uses"]:
        name = use["name"]
        if name not in first:
            continue  # more fields, which the clause's own part tells
        yield _sets(first[name]["actions"], use["actions"])
        yield _flags(first[name]["required"], use["required"])
        yield from _of_name(old, new, name)


def _of_name(old: Code, new: Code, name: str) -> Iterable[str]:
    one, other = old.kept(name), new.kept(name)
    if one is not None and other is not None:
        yield from _of_kept(one, other)
    elif one != other:
        yield "unknown"
    # What neither of them declares, neither says anything of.
    how, then = old.derivation(name) or {}, new.derivation(name) or {}
    yield _sets(how.get("inputs", ()), then.get("inputs", ()))
    yield _ranks(how.get("automation", ""), then.get("automation", ""), _AUTOMATION)
    yield _flags(how.get("decides"), then.get("decides"))


def _of_kept(one: Said, other: Said) -> Iterable[str]:
    yield _sets(one["sources"], other["sources"])
    yield _words([one["category"]], [other["category"]])
    yield "same" if one.get("type") == other.get("type") else "more"
    yield _sets(
        [one["identifies"]] if one.get("identifies") else [],
        [other["identifies"]] if other.get("identifies") else [],
    )
    yield _ranks(one["sensitivity"], other["sensitivity"], _SENSITIVITY)
    yield _spans(one["retention"], other["retention"])


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
_PARTS: Final[tuple[_Part, ...]] = (_of_clause, _of_uses)
