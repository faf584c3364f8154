"""Tell whether a customer's quiet hours are now, by the clock of the place they name.

    22:00-08:00 Europe/Dublin

The span may cross midnight; its end is exclusive. A text that cannot be read is quiet always, for
a term that cannot be kept as it stands must not be a term that is not kept.
Source: consent-standards note, 6.
"""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from vault.core.errors import WrongValueError

_FORM: Final = re.compile(
    r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d) ([A-Za-z0-9_+/-]{1,40})"
)


def write(start: str, end: str, zone: str) -> str:
    """Return the term of a span, "HH:MM" each, and a time zone of the IANA list.

    Raises:
        WrongValueError: one of them is none, or the span is empty.
    """
    text = f"{start}-{end} {zone}"
    if start == end or not _FORM.fullmatch(text) or zone not in available_timezones():
        raise WrongValueError
    return text


def read(text: str) -> tuple[str, str, str] | None:
    """Return start, end and zone as `write` takes them; None for a text that it does not write."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    return f"{found[1]}:{found[2]}", f"{found[3]}:{found[4]}", found[5]


def now(text: str, at: datetime) -> bool:
    """Say whether a moment is within the quiet hours of a term.

    >>> from datetime import UTC
    >>> now("22:00-08:00 Europe/Dublin", datetime(2026, 12, 1, 23, 30, tzinfo=UTC))
    True
    >>> now("22:00-08:00 Europe/Dublin", datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    False
    """
    found = read(text)
    if found is None:
        return True
    try:
        local = at.astimezone(ZoneInfo(found[2])).time()
    except (KeyError, ValueError, OSError):  # the machine's list has lost the zone
        return True
    start, end = time.fromisoformat(found[0]), time.fromisoformat(found[1])
    if start < end:
        return start <= local < end
    return local >= start or local < end


def until(text: str, at: datetime) -> datetime | None:
    """Return when quiet hours that are at a moment end; None where the term or the zone is unknown.

    >>> from datetime import UTC
    >>> str(until("22:00-08:00 Europe/Dublin", datetime(2026, 7, 1, 23, 30, tzinfo=UTC)))
    '2026-07-02 07:00:00+00:00'
    """
    found = read(text)
    if found is None:
        return None
    try:
        zone = ZoneInfo(found[2])
    except (KeyError, ValueError, OSError):
        return None
    today, end = at.astimezone(zone).date(), time.fromisoformat(found[1])
    ends = (
        datetime.combine(today + timedelta(days=days), end, zone).astimezone(UTC)
        for days in range(3)  # a clock that is put forward or back may hide one of them
    )
    return next((one for one in ends if one > at and not now(text, one)), None)
