"""Write times as whole milliseconds since 1970, as MACs and consents hold them. No clock here."""

from datetime import UTC, datetime
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400  # seconds


def unix_ms(moment: datetime) -> int:
    """Return an aware time as unix ms, exactly and rounded down.

    >>> unix_ms(datetime(2026, 11, 1, 9, 0, 0, 123999, tzinfo=UTC))
    1793523600123
    """
    # A read does this for each value; dividing by a timedelta takes twice as long. Only days can
    # be negative, so this rounds down before 1970 too.
    since = moment - _EPOCH
    return (since.days * _DAY + since.seconds) * 1000 + since.microseconds // 1000
