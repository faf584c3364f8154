"""Judge one customer's entries: are all changes there, was an ended consent used after it ended.

Every change raises the customer's epoch by one, and every entry names the epoch that it was decided
under and `seen`, a size of the log that was learned before its decision. So:

* the epochs of the changes are 1, 2, 3, ... : a number that is missing is a hidden change;
* a look whose `seen` is beyond a change and whose epoch is older was allowed by what had ended;
* a look that stands behind a change without having seen it overlapped it: lawful, and told how late.

Source: access-log note, 10 (C2, C3); docs/formats.md, log entries.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

DENIED, ERASED = 3, 23
CHANGES = range(16, 64)
WITHIN = 10_000  # ms: the vault promises an entry its place in the log within this time


class Entry(NamedTuple):
    """What the tag key reads of one entry."""

    place: int  # its index in the log
    at: int  # unix ms
    kind: int
    epoch: int
    seen: int  # a size of the log


class Late(NamedTuple):
    """A look that overlapped a change."""

    look: Entry
    change: Entry
    ms: int  # the look's time after the change's


class Judged(NamedTuple):
    """What the epochs say."""

    changes: int
    hidden: list[tuple[int, int]]  # epochs that no change brought, from the first to the last
    doubled: list[int]  # epochs that two changes claim
    breaches: list[tuple[Entry, Entry]]  # a look, and the change that it had seen
    late: list[Late]  # by lateness, the longest first


def judge(entries: Sequence[Entry], *, first: int, newest_at: int) -> Judged:
    """Judge the entries of one customer, in any order.

    Args:
        entries: all that the tag key finds in the log.
        first: the epoch of the first change that can be there: 1, or more where the log's first
            entries are gone or the customer had others in an older log; 0: it is not known.
        newest_at: unix ms of the newest entry of the log, whosever it is.
    """
    changes = sorted(one for one in entries if one.kind in CHANGES)
    claimed = [one.epoch for one in changes]
    # A change that an entry knows of is in the log soon after: an entry that is older has its change.
    known = [one.epoch for one in entries if newest_at - one.at > WITHIN]
    breaches, late = _weigh(entries, changes)
    return Judged(
        changes=len(changes),
        hidden=_missing(set(claimed), first or min(claimed, default=1), max(known, default=0)),
        doubled=[epoch for epoch, times in sorted(Counter(claimed).items()) if times > 1],
        breaches=breaches,
        late=sorted(late, key=lambda one: (-one.ms, one.look.place)),
    )


def _missing(claimed: set[int], first: int, known: int) -> list[tuple[int, int]]:
    gaps = []
    before = first - 1
    for epoch in sorted(claimed):
        if epoch > before + 1:
            gaps.append((before + 1, epoch - 1))
        before = max(before, epoch)
    if known > before:
        gaps.append((before + 1, known))
    return gaps


def _weigh(
    entries: Sequence[Entry], changes: Sequence[Entry]
) -> tuple[list[tuple[Entry, Entry]], list[Late]]:
    breaches, late = [], []
    highest: Entry | None = None  # the change with the highest epoch of those that were seen
    seen = 0  # how many changes those are
    indexes = [one.place for one in changes]
    for one in sorted(entries, key=lambda one: one.seen):
        while seen < len(changes) and changes[seen].place < one.seen:
            if highest is None or changes[seen].epoch > highest.epoch:
                highest = changes[seen]
            seen += 1
        if one.kind == DENIED:
            continue
        if highest is not None and highest.epoch > one.epoch:
            breaches.append((one, highest))
        elif one.kind not in CHANGES:
            unseen = changes[seen : bisect_right(indexes, one.place)]
            ended = next((change for change in unseen if change.epoch > one.epoch), None)
            if ended is not None:
                late.append(Late(one, ended, one.at - ended.at))
    return sorted(breaches), late
