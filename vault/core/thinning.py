"""Decide which old checkpoints of a log nobody needs any more.

A busy log is signed each second for years. Any two checkpoints that stay are proven to agree by the
tiles alone, so for that none between them is needed. Receipts need more: an entry came late when the
first checkpoint from after its promised time is without it. So one stays where an entry behind it is
older, by more than was promised, than one before it. Whatever goes, no receipt is judged otherwise.

Times are those of the entries, which are signed; files and rows could say anything.
Source: access-log note, 8 and 10, invariant L4; docs/log.md, the rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from vault.core.entry_receipt import INTEGRATE_WITHIN

HOUR: Final = 3_600_000  # ms
DAY: Final = 24 * HOUR


class Step(NamedTuple):
    """From which age on one checkpoint of so much time is enough."""

    age: int  # ms
    width: int  # ms


STEPS: Final = (Step(age=DAY, width=HOUR), Step(age=30 * DAY, width=DAY))


class Span(NamedTuple):
    """The entries between a checkpoint and the one before that is there."""

    size: int  # of the checkpoint
    earliest: int  # unix ms
    latest: int


def groups(spans: Iterable[Span], *, width: int, until: int) -> Iterator[list[Span]]:
    """Give the checkpoints of each hour or day that is over, in order.

    Args:
        spans: behind a checkpoint that stays, without a gap.
        width: of a group, in ms.
        until: unix ms; whatever is younger is left alone.
    """
    group: list[Span] = []
    at = turn = 0
    for span in spans:
        at = max(at, span.latest)
        if group and at // width != turn:
            yield group
            group = []
        if at >= until:
            return
        group.append(span)
        turn = at // width


def spare(group: Sequence[Span]) -> list[int]:
    """Return the sizes of a group that may go: its newest stays, and what a receipt needs."""
    behind: list[int] = []  # the earliest entry behind each, up to the newest of the group
    for span in reversed(group[1:]):
        behind.append(min(span.earliest, behind[-1]) if behind else span.earliest)
    gone: list[int] = []
    latest = 0  # behind the newest that stays
    for span, earliest in zip(group, reversed(behind), strict=False):
        latest = max(latest, span.latest)
        if earliest + INTEGRATE_WITHIN < latest:
            latest = 0
            continue
        gone.append(span.size)
    return gone
