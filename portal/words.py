"""Write times, dates and stored values as people read them.

Times are UTC and say so, because a page without scripts cannot know the reader's zone. A value is
turned into lines of plain text here and into markup nowhere: templates escape every line.
Source: portal note, 1 and 12.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from babel.dates import format_date, format_datetime

LOCALES: Final = {"en": "en_GB"}  # a page's language -> the locale of its dates; day before month


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a machine and as a person read it; the template makes a `<time>` of it."""

    iso: str
    text: str


def moment(at: datetime, lang: str) -> Moment:
    """Write a time to the minute, with its zone named.

    >>> moment(datetime(2026, 11, 1, 9, 5, tzinfo=UTC), "en")
    Moment(iso='2026-11-01T09:05:00Z', text='1 November 2026, 09:05 UTC')
    """
    utc = at.astimezone(UTC)
    locale = LOCALES[lang]
    text = f"{format_date(utc, 'long', locale)}, {format_datetime(utc, 'HH:mm', locale=locale)} UTC"
    return Moment(utc.isoformat(timespec="seconds").replace("+00:00", "Z"), text)


def day(at: datetime | date, lang: str) -> Moment:
    """Write a date; of a time, its day in UTC."""
    value = at.astimezone(UTC).date() if isinstance(at, datetime) else at
    return Moment(value.isoformat(), format_date(value, "long", LOCALES[lang]))


def of_ms(ms: int) -> datetime:
    """Return the time of whole milliseconds since 1970, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def lines(value: object, *, yes: str, no: str) -> tuple[str, ...]:
    """Write a stored value as lines of text; an empty tuple when there is nothing to show.

    >>> lines(["Tea", "Rain"], yes="Yes", no="No")
    ('Tea', 'Rain')
    >>> lines({"street": "Main St 1", "city": "Cork"}, yes="Yes", no="No")
    ('Main St 1', 'Cork')
    >>> lines(True, yes="Yes", no="No")
    ('Yes',)
    """
    if value is None:
        return ()
    if isinstance(value, bool):
        return (yes if value else no,)
    if isinstance(value, (list, tuple)):
        return tuple(line for item in value for line in lines(item, yes=yes, no=no))
    if isinstance(value, dict):
        return tuple(line for item in value.values() for line in lines(item, yes=yes, no=no))
    return (str(value),)
