"""Tell from a date of birth whether a person is a child under the code's rule, and until when.

Whoever is born on 29 February grows older on 1 March of other years: a day late, never early. Days
are those of UTC, so a birthday begins up to half a day early or late, as the zone has it.
Source: GDPR 8; consent-standards note, 1.
"""

from datetime import UTC, date, datetime

OLDEST = 130  # years; what is longer ago is a slip of the pen


def birthday(born: date, years: int) -> date:
    """Return the day on which somebody becomes so many years old.

    >>> birthday(date(2012, 2, 29), 13), birthday(date(2012, 2, 29), 16)
    (datetime.date(2025, 3, 1), datetime.date(2028, 2, 29))
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def child_until(born: date, years: int) -> int:
    """Return when somebody becomes so many years old: unix ms, at midnight UTC.

    >>> child_until(date(1954, 1, 1), 16)
    0
    """
    day = birthday(born, years)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def is_possible(born: date, *, today: date) -> bool:
    """Say whether a living person can be born on this day."""
    return born <= today and today.year - born.year <= OLDEST
