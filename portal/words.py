"""Write times and dates as people read them, and as machines do.

Times are UTC and say so, because a page without scripts cannot know the reader's zone.
Source: portal note, 1 and 12.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from babel.dates import format_date, format_datetime
from babel.units import format_unit

from policies.wording import of
from portal.language import LANGUAGES

_NEVER: Final = 253_402_300_800_000  # unix ms of the year 10000, past what a date can say
LOCALES: Final = {tag: one.locale for tag, one in LANGUAGES.items()}


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


def until_of(ms: int) -> datetime | None:
    """Return when a consent ends; None for one that never does.

    >>> until_of(2**63 - 1) is None
    True
    """
    return None if ms >= _NEVER else of_ms(ms)


def lasting(duration: str, lang: str) -> str:
    """Write an ISO 8601 duration of days, months and years; another text as it is.

    >>> lasting("P1Y6M", "en"), lasting("P30D", "en")
    ('1 year, 6 months', '30 days')
    """
    # Babel's Portuguese lacks the words: it writes "1 duration-year".
    return of(lang).lasts(duration)


def minutes(count: int, lang: str) -> str:
    """Write a length of time in minutes, or in hours where it is whole ones.

    >>> minutes(30, "en"), minutes(60, "en"), minutes(720, "en")
    ('30 minutes', '1 hour', '12 hours')
    """
    hours, rest = divmod(count, 60)
    if hours and not rest:
        return format_unit(hours, "duration-hour", locale=LOCALES[lang])
    return format_unit(count, "duration-minute", locale=LOCALES[lang])


def size(count: int, lang: str) -> str:
    """Write a number of bytes in the unit that suits it.

    >>> size(900, "en"), size(12_345, "en"), size(2_500_000, "en")
    ('1 kB', '12 kB', '2.5 MB')
    """
    unit, value = (
        ("megabyte", count / 1_000_000) if count >= 1_000_000 else ("kilobyte", count / 1_000)
    )
    rounded = round(value, 1) if value >= 1 and unit == "megabyte" else max(1, round(value))
    return format_unit(rounded, f"digital-{unit}", length="short", locale=LOCALES[lang])
