"""Say when an epoch of the key-encryption keys ends, and so when an erased key is dead everywhere.

An epoch wraps for 30 days. Then a new key is made; every process has read it before it wraps; what
lies under the old one is wrapped anew; and the old one is destroyed, in the database and in the
provider. Whatever it wrapped in an old backup opens no more.

    made -> active -> retiring -> destroying -> destroyed

Source: crypto note, 2 and 10; docs/formats.md, 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LIFE: Final = timedelta(days=30)
# Each process reads the keys every 30 s; one whose provider is slow has three tries.
SETTLE: Final = timedelta(seconds=90)
# From the end of an epoch to its destruction: two times SETTLE, and wrapping anew by pages.
REWRAP: Final = timedelta(days=1)
# How long a provider can still bring a destroyed key back: no time, with a file.
WINDOW: Final = timedelta(0)


class State(StrEnum):
    """Where a key-encryption key stands."""

    MADE = "made"  # all may read it, nobody wraps with it yet
    ACTIVE = "active"  # wraps
    RETIRING = "retiring"  # what it wrapped is being wrapped anew
    DESTROYING = "destroying"  # gone from the database, not yet from the provider
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch, as far as its end depends on it."""

    state: State
    made_at: datetime


def is_over(one: Epoch, *, now: datetime) -> bool:
    """Tell whether an active epoch has lasted its time."""
    return one.state is State.ACTIVE and now - one.made_at >= LIFE


def dead_by(epochs: Iterable[Epoch], *, now: datetime) -> datetime:
    """Return the moment by which all of these epochs' keys are destroyed for good.

    Args:
        epochs: those that ever wrapped what must die.
        now: the time.
    """
    ends = [one.made_at + LIFE for one in epochs if one.state in {State.ACTIVE, State.MADE}]
    whole = max([now, *ends]).replace(microsecond=0) + timedelta(seconds=1)
    return whole + REWRAP + WINDOW
