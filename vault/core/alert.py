"""Say when the access log shows a sweep or a spike: counts of facts, compared with what is usual.

Facts name no customer, so what is counted are looks. What is usual is the median of the same time of
day on the seven days before; below a floor nothing is an alert, so that small numbers stay quiet.
Source: security note, 9 (alarm at 3 x the 7-day median; 50 unknown ids a minute), T13 and T14.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Final

from vault.core.entry import Kind
from vault.core.log_filter import Known

MINUTE: Final = 60_000  # ms
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
DAYS_BEFORE: Final = 7
APP: Final = "app:"  # what the subject of an app begins with
STAFF: Final = "staff:"


class What(StrEnum):
    """What is counted."""

    READS = "reads"  # looks of an app of which something was allowed
    REFUSALS = "refusals"  # looks of which something was refused
    LOOKS = "looks"  # looks by a member of staff
    UNKNOWN = "unknown"  # asks of an app about nobody whom the vault knows


class AlertKind(StrEnum):
    """What an alert says."""

    SWEEP = "sweep"
    SPIKE = "spike"
    STAFF = "staff"
    UNKNOWN_IDS = "unknown-ids"
    BARRIER = "barrier"  # no count is usual here: an entry of the log breaks the rule of epochs
    REPLAY = "replay"  # entries of the log that should have been refused


@dataclass(frozen=True, slots=True)
class Rule:
    """When a count is an alert: more than the floor, and more than so many times the usual."""

    kind: AlertKind
    what: What
    period: int  # ms
    floor: int
    times: int

    def fires(self, count: int, usual: int) -> bool:
        """Say whether a count is an alert.

        >>> RULES[0].fires(51, 0), RULES[0].fires(51, 20), RULES[0].fires(50, 0)
        (True, False, False)
        """
        return count > max(self.floor, self.times * usual)


RULES: Final = (
    Rule(AlertKind.SWEEP, What.READS, HOUR, 50, 3),
    Rule(AlertKind.SPIKE, What.REFUSALS, HOUR, 20, 3),
    Rule(AlertKind.STAFF, What.LOOKS, DAY, 50, 3),
    Rule(AlertKind.UNKNOWN_IDS, What.UNKNOWN, MINUTE, 50, 0),
)
_ASKS: Final = frozenset({Kind.READ, Kind.RESOLVE, Kind.EXPORT, Kind.MAY_REACH})
_PERIODS: Final = {rule.what: rule.period for rule in RULES}


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One count: of what, by whom, in the period that began then."""

    start: int  # unix ms
    what: What
    subject: str


def cells(facts: Iterable[Known], unknown: Collection[int]) -> Counter[Cell]:
    """Count entries.

    Args:
        facts: the entries.
        unknown: places of those that are on no customer's list.
    """
    found: Counter[Cell] = Counter()
    for one in facts:
        subject = _subject(one)
        if subject is not None:
            for what in _whats(one, subject, unknown):
                period = _PERIODS[what]
                found[Cell(one.at // period * period, what, subject)] += 1
    return found


def may_be_unknown(one: Known) -> bool:
    """Say whether an entry can be about nobody: an app asked and got nothing."""
    return one.app is not None and not one.allowed


def usual(before: Sequence[int]) -> int:
    """Return the median of the counts of the days before; a day without any counts as 0.

    >>> usual([5, 100, 7]), usual([9, 9, 9, 9, 9, 9, 2])
    (0, 9)
    """
    return median_low([*before, *[0] * (DAYS_BEFORE - len(before))])


def _subject(one: Known) -> str | None:
    if one.app is not None:
        return APP + one.app
    return STAFF + one.handle if one.handle is not None else None


def _whats(one: Known, subject: str, unknown: Collection[int]) -> Iterable[What]:
    by_app = subject.startswith(APP)
    if by_app and one.allowed and one.kind in _ASKS:
        yield What.READS
    if one.withheld or one.kind == Kind.DENIED:
        yield What.REFUSALS
    if not by_app and one.kind == Kind.STAFF_LOOK:
        yield What.LOOKS
    if may_be_unknown(one) and one.place in unknown:
        yield What.UNKNOWN
