"""Keep the sizes of the log that looks under way have seen before their load.

An entry's `seen` convicts a look that used a withdrawn consent, so it may never be later than the
load it stands for; and within a writer it may never fall. What is published is therefore the
oldest size still in use: never too new, never falling, and late by one look at the most.
Source: access-log note, 2 and 10 (C3, L2).
"""


class Horizon:
    """The newest size learned, and the oldest one in use."""

    def __init__(self) -> None:
        self._newest = 0
        self._using: dict[int, int] = {}  # in the order of taking, so the first is the oldest
        self._taken = 0

    @property
    def newest(self) -> int:
        """The newest size learned from the primary."""
        return self._newest

    @property
    def oldest(self) -> int:
        """The oldest size that a look under way relies on; the newest when there is none."""
        return next(iter(self._using.values()), self._newest)

    def learn(self, size: int) -> None:
        """Take note of a size of the log; a late answer with a smaller one changes nothing."""
        self._newest = max(self._newest, size)

    def looking(self) -> "Looking":
        """Give the size to record, and keep it in use; enter before the load, leave after the record."""
        return Looking(self)

    def take(self) -> tuple[int, int]:
        """Take the newest size into use; return a ticket to give it back by, and the size."""
        self._taken += 1
        self._using[self._taken] = self._newest
        return self._taken, self._newest

    def give_back(self, ticket: int) -> None:
        """End the use of what `take` gave."""
        del self._using[ticket]


class Looking:
    """One look under way: a context that gives its `seen`; a generator would cost each look more."""

    __slots__ = ("_horizon", "_ticket")

    def __init__(self, horizon: Horizon) -> None:
        """Take nothing yet."""
        self._horizon, self._ticket = horizon, 0

    def __enter__(self) -> int:
        """Take the newest size into use and return it."""
        self._ticket, seen = self._horizon.take()
        return seen

    def __exit__(self, *_: object) -> None:
        """Give it back, however the look ended."""
        self._horizon.give_back(self._ticket)
