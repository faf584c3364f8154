"""Keep what was worked out lately, up to a number: the least recently used goes first.

For results that never change for their key, such as a verified signature. Nothing that may be taken
back (consent, revocation, a customer's key) may lie here.
Source: DESIGN 6; performance note, 7.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A bounded map of one event loop."""

    def __init__(self, bound: int) -> None:
        """Hold at most `bound` entries."""
        self._bound = bound
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return an entry and count it as used; None when there is none."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep an entry; the least recently used makes room."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._bound:
            self._entries.popitem(last=False)
