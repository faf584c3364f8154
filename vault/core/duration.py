"""Read how long something is kept: an ISO 8601 duration of whole days, weeks, months or years.

A month has 28 to 31 days and a year 365 or 366, so a duration is a span of days. It decides which
of two durations is surely no longer than the other, and knows nothing of dates.
Source: ISO 8601-1, 5.5.2.
"""

import re
from typing import Final

_DURATION: Final = re.compile(
    r"P(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?",
    re.ASCII,
)


def days(text: str) -> tuple[int, int] | None:
    """Return the fewest and the most days of a duration; None for other texts and for no time.

    >>> days("P30D"), days("P1M"), days("PT5S")
    ((30, 30), (28, 31), None)
    """
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    years, months, weeks, single = (int(part or 0) for part in match.groups())
    years, months = divmod(12 * years + months, 12)  # twelve months are one year, not 336 days
    fixed = 7 * weeks + single
    least, most = 365 * years + 28 * months + fixed, 366 * years + 31 * months + fixed
    return (least, most) if most else None


def is_within(text: str, limit: str) -> bool:
    """Tell whether a duration is surely no longer than another; the same text always is.

    >>> is_within("P30D", "P1M"), is_within("P28D", "P1M"), is_within("P1M", "P1M")
    (False, True, True)
    """
    asked, allowed = days(text), days(limit)
    if asked is None or allowed is None:
        return False
    return text == limit or asked[1] <= allowed[0]
