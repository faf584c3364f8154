"""Say how much of an app's daily budget a process may take at once.

A process takes a block and spends it in memory, so that a read writes nothing; blocks are small, and
near the end single, so that what one process holds is not missed by another.
Source: security note, 9.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

MOST: Final = 5_000  # customers in one block
SHARE: Final = 100  # a block is the hundredth part of a budget
LAST: Final = 20  # in the last twentieth customers are taken singly


def block(limit: int, used: int) -> int:
    """Return how many customers a process takes at once.

    >>> block(10_000, 0), block(10_000, 9_500), block(50, 0), block(10_000_000, 0)
    (100, 1, 1, 5000)
    """
    if used >= limit - limit // LAST:
        return 1
    return max(1, min(MOST, limit // SHARE))


def seconds_left(now: datetime) -> int:
    """Return the seconds until the next day begins, UTC; at least 1.

    >>> seconds_left(datetime(2026, 12, 1, 23, 59, 58, 500_000, tzinfo=UTC))
    2
    """
    utc = now.astimezone(UTC)
    midnight = datetime.combine(utc.date() + timedelta(days=1), time(), UTC)
    return -(-(midnight - utc) // timedelta(seconds=1))
