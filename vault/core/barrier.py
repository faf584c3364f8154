"""Judge one customer's entries by their epochs: is a change hidden, was an old consent used after it.

Each change of consents and terms raises the customer's epoch by one, and each entry carries the
epoch that it was decided under and a size of the log, `seen`, learned before its load. So the log
itself says whether an ended consent was used: an entry that has seen a change and was decided under
an older epoch breaks the barrier. One that had not seen it overlapped: allowed, and told how late.
Whose entries these are, and whether they are all, is for the caller to know. The checker judges by
a rule of its own, `vault/verifier/barrier.py`.
Source: access-log note, 10 (C2, C3).
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import Final

from vault.core.entry import Kind
from vault.core.place import log_of

SOON: Final = 10_000  # ms in which the vault promises to integrate what is recorded


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells its customer without its payload."""

    place: int  # in the log, or over several
    at: int  # unix ms
    kind: int
    epoch: int
    seen: int  # a size of the log, learned before the load; as a place


@dataclass(frozen=True, slots=True)
class Overlap:
    """An entry that was under way when a change took effect."""

    place: int
    change: int  # place of the first change that it had not seen
    late: int  # ms from the change to the entry; below 0 when the entry is older


@dataclass(frozen=True, slots=True)
class Breach:
    """An entry that had seen a change and was decided under an older epoch all the same."""

    place: int
    change: int


class Walk:
    """The entries of one customer, added in the order of the log; `end` comes behind the last."""

    def __init__(self) -> None:
        """Begin without an entry."""
        self.overlaps: list[Overlap] = []
        self.breaches: list[Breach] = []
        self.hidden: tuple[tuple[int, int], ...] = ()  # epochs without a change, first to last
        self.doubled: tuple[int, ...] = ()  # epochs that two changes of one log claim
        self._changes: list[Told] = []
        self._tops: list[tuple[int, int]] = []  # highest epoch up to each change, and its place
        self._since: dict[int, int] = {}  # epoch: time of the oldest entry that knows of it

    @property
    def changes(self) -> int:
        """How many changes there were."""
        return len(self._changes)

    def add(self, one: Told) -> None:
        """Judge the next entry by the changes before it.

        Precondition: its place is above those added before, and its `seen` at most its place.
        """
        is_change = Kind.GIVEN <= one.kind < Kind.BOOT
        if one.kind != Kind.DENIED:
            self._judge(one, is_change=is_change)
        self._since[one.epoch] = min(one.at, self._since.get(one.epoch, one.at))
        if is_change:
            top = self._tops[-1] if self._tops else (0, -1)
            self._changes.append(one)
            self._tops.append(max(top, (one.epoch, one.place)))

    def _judge(self, one: Told, *, is_change: bool) -> None:
        count = bisect_left(self._changes, one.seen, key=_place)  # changes that `seen` is above
        if count and self._tops[count - 1][0] > one.epoch:
            self.breaches.append(Breach(one.place, self._tops[count - 1][1]))
            return
        if is_change:  # it opens nothing; of two that were integrated together either may be first
            return
        # Of the changes that it had not seen, the first that ended what it was decided under.
        for change, (top, _) in zip(self._changes[count:], self._tops[count:], strict=True):
            if top > one.epoch:
                self.overlaps.append(Overlap(one.place, change.place, one.at - change.at))
                return

    def end(self, *, newest_at: int) -> None:
        """Find the epochs that have no change, or two.

        Args:
            newest_at: unix ms of the newest entry of the log. The change that an entry knows of may
                still wait to be integrated, for as long as the vault promises.
        """
        logs = {one.epoch: log_of(one.place) for one in reversed(self._changes)}
        gaps, before, log_id = [], 0, 0
        for epoch in sorted(logs):
            # Between two logs lies a recovery: what was lost is in the log before, outside of here.
            if epoch > before + 1 and logs[epoch] == log_id:
                gaps.append((before + 1, epoch - 1))
            before, log_id = epoch, logs[epoch]
        known = max((one for one, at in self._since.items() if newest_at - at > SOON), default=0)
        if known > before:
            gaps.append((before + 1, known))
        self.hidden = tuple(gaps)
        several = Counter((log_of(one.place), one.epoch) for one in self._changes)
        self.doubled = tuple(sorted({epoch for (_, epoch), n in several.items() if n > 1}))

    @property
    def worst(self) -> int:
        """The longest lateness, in ms; 0 where nothing came after a change."""
        return max((one.late for one in self.overlaps if one.late > 0), default=0)

    @property
    def holds(self) -> bool:
        """Say whether nothing speaks against the log."""
        return not (self.breaches or self.hidden or self.doubled)


def _place(one: Told) -> int:
    return one.place
