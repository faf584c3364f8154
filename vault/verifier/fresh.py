"""Find entries that were decided on too old a view of the log: invariant L3.

An entry says which size of the log it had `seen`. Whatever stands from there up to the entry was
not known to it, and must not be over 70 s older than it. So for each entry the newest index is
wanted whose time is over 70 s before its own. Only entries with no older one behind them can be the
answer, and these rise in time, so they lie in order and are found by halving.

Memory is bounded: of the oldest of them every other is let go, which can only excuse an entry,
and only one that stands minutes behind its neighbours' times.
Source: access-log note, 10.
"""

from array import array
from bisect import bisect_left

LIMIT = 70_000  # ms
MAX_KEPT = 262_144  # at one a millisecond, over four minutes


class Fresh:
    """The times of the log so far, as far as a later entry can be late for them."""

    def __init__(self) -> None:
        self._times = array("Q")  # unix ms, rising
        self._indexes = array("Q")  # rising

    def is_stale(self, index: int, at: int, seen: int) -> bool:
        """Add an entry, and say whether one it had not seen is over 70 s older."""
        times, indexes = self._times, self._indexes
        while times and times[-1] >= at:
            times.pop()
            indexes.pop()
        times.append(at)
        indexes.append(index)
        if len(times) > MAX_KEPT:
            self._thin()
        older = bisect_left(times, at - LIMIT)
        return older > 0 and indexes[older - 1] >= seen

    def _thin(self) -> None:
        half = len(self._times) // 2
        for kept in (self._times, self._indexes):
            kept[:half] = kept[:half:2]
