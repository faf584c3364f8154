"""Write times as whole milliseconds since 1970, as MACs and consents hold them. No clock here."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def unix_ms(moment: datetime) -> int:
    """Return an aware time as unix ms, exactly and rounded down.

    >>> unix_ms(datetime(2026, 11, 1, 9, 0, 0, 123999, tzinfo=UTC))
    1793523600123
    """
    return (moment - _EPOCH) // _MILLISECOND
