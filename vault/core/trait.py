"""Work a trait out of contact events and details: one pure function for each that a code can name.

What there is to go by is given; nothing is looked up and nothing is guessed. Where little speaks
for an answer there is none: fewer events than the method asks for, a number under the first band,
wishes of no group, two ways that are used as often. Contents are what apps wrote: a member that is
no number is passed over, and sums are exact.
Source: consent-standards note, 8; policies/method.py.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from policies.durations import Duration
from policies.method import Condition, Function, Method
from vault.core.canonical import MAX_INTEGER

MOST: Final = 10_000  # events that a trait is worked out of: the newest ones
VAULT: Final = "vault"  # who works it out, as entries have it
GONE: Final = "trait/"  # how the clause begins by which one of our own making is deleted
PLACES: Final = 6  # digits behind the point that a number may have

_NUMBER: Final = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,6}))?")
_UNIT: Final = 10**PLACES
_FLAG: Final = {True: "yes", False: "no"}
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One contact event, as far as a method needs it."""

    kind: str  # "purchase"
    at: datetime
    content: object = None  # as an app wrote it; opened where the method adds up


Answer = int | str | None


def work_out(
    method: Method, *, events: Iterable[Event], values: Mapping[str, object], now: datetime
) -> Answer:
    """Return the value of the field; None where nothing can be said.

    Args:
        method: which function, and what it is given.
        events: of the derivation's kinds, in any order; those outside of the period do not count.
        values: field -> value, of those inputs that are known.
        now: the moment up to which the period reaches.
    """
    if method.function is Function.NEEDS:
        return _needs(method, values)
    counted = [one for one in events if counts(method, one.at, now=now)]
    return _OF_EVENTS[method.function](method, counted, now)


def counts(method: Method, at: datetime, *, now: datetime) -> bool:
    """Say whether an event of a time counts: it has happened, and its period is not over."""
    if at > now:
        return False
    period = Duration.parse(method.period) if method.period else None
    return period is None or period.after(at) > now


def since(method: Method, *, now: datetime) -> datetime | None:
    """Return a time before which no event counts; None where each may."""
    period = Duration.parse(method.period) if method.period else None
    if period is None:
        return None
    try:
        return now - timedelta(days=period.most)
    except OverflowError:
        return _FIRST


def opens(method: Method) -> bool:
    """Say whether a method needs what was said in an event, beside that there was one."""
    return method.function is Function.VALUE


def stage(method: Method, latest: datetime | None, *, now: datetime) -> Answer:
    """Return what time alone makes of the latest event; None for a method that only counts events.

    While this and what the method goes by are the same, so is what it yields.
    """
    if method.function is not Function.RECENCY or latest is None:
        return None
    return _banded(method, _days(latest, now))


def number(value: object) -> int | None:
    """Return a member of a content in millionths; None for what is no number.

    A number is whole, or a text with a point: `12`, `"12.50"`. What can be read in two ways, such
    as `"1,250"`, is none.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * _UNIT if -MAX_INTEGER <= value <= MAX_INTEGER else None
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    sign, whole, part = match.groups()
    size = int(whole) * _UNIT + int((part or "").ljust(PLACES, "0"))
    return -size if sign else size


def _recency(method: Method, events: Sequence[Event], now: datetime) -> Answer:
    latest = max((one.at for one in events), default=None)
    return None if latest is None else _banded(method, _days(latest, now))


def _frequency(method: Method, events: Sequence[Event], _: datetime) -> Answer:
    return _banded(method, len(events)) if len(events) >= method.least else None


def _value(method: Method, events: Sequence[Event], _: datetime) -> Answer:
    contents = [one.content for one in events if isinstance(one.content, dict)]
    found = [number(one.get(method.fact)) for one in contents]
    numbers = [one for one in found if one is not None]
    if len(numbers) < method.least:
        return None
    return _banded(method, sum(numbers) // _UNIT)  # whole units, rounded down


def _channel(method: Method, events: Sequence[Event], _: datetime) -> Answer:
    counted = {way.id: sum(one.kind in way.kinds for one in events) for way in method.ways}
    most = max(counted.values(), default=0)
    first = [way for way, count in counted.items() if count == most]
    return first[0] if most and len(first) == 1 and sum(counted.values()) >= method.least else None


def _needs(method: Method, values: Mapping[str, object]) -> Answer:
    for segment in method.segments:
        if all(_holds(one, values.get(one.field)) for one in segment.when):
            return segment.id
    return None


def _holds(condition: Condition, value: object) -> bool:
    if isinstance(value, bool):
        return _FLAG[value] in condition.values
    if isinstance(value, list):
        return any(one in condition.values for one in value)
    return value in condition.values


def _banded(method: Method, found: int) -> Answer:
    """Return the choice whose band a number is in; the number itself where there are no bands."""
    if not method.bands:
        return found if -MAX_INTEGER <= found <= MAX_INTEGER else None
    reached = [band.id for band in method.bands if band.start <= found]
    return reached[-1] if reached else None


def _days(latest: datetime, now: datetime) -> int:
    return (now - latest).days


_OF_EVENTS: Final[Mapping[Function, Callable[[Method, Sequence[Event], datetime], Answer]]] = {
    Function.RECENCY: _recency,
    Function.FREQUENCY: _frequency,
    Function.VALUE: _value,
    Function.CHANNEL: _channel,
}
