"""Read how long something lasts: ISO 8601 durations of whole days, weeks, months and years.

A month has 28 to 31 days, so durations are only partly ordered: P1M and P30D are not comparable.
Source: ISO 8601-1, 5.5.2; consent-standards note, 5.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

MAX_YEARS = 100  # nothing is kept longer than a life

_DURATION = re.compile(r"P(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?")
# Fewest and most days of 0 to 11 consecutive months.
_FEWEST = (0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334)
_MOST = (0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337)


@dataclass(frozen=True, slots=True)
class Duration:
    """So many months, then so many days."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a duration; None for other texts, for no time at all, for more than a life.

        >>> Duration.parse("P1Y6M"), Duration.parse("PT5S")
        (Duration(months=18, days=0), None)
        """
        match = _DURATION.fullmatch(text)
        if match is None:
            return None
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        found = cls(12 * years + months, 7 * weeks + days)
        if not 0 < found.most <= 366 * MAX_YEARS:
            return None
        return found

    @property
    def fewest(self) -> int:
        """The fewest days that it can last."""
        years, months = divmod(self.months, 12)
        return 365 * years + _FEWEST[months] + self.days

    @property
    def most(self) -> int:
        """The most days that it can last."""
        years, months = divmod(self.months, 12)
        return 366 * years + _MOST[months] + self.days

    def within(self, limit: "Duration") -> bool:
        """Tell whether it is surely no longer than another.

        >>> month, days = Duration(months=1, days=0), Duration(months=0, days=30)
        >>> month.within(days), days.within(month), month.within(month)
        (False, False, True)
        """
        if self.months <= limit.months and self.days <= limit.days:
            return True
        return self.most <= limit.fewest

    def after(self, moment: datetime) -> datetime:
        """Return the moment at which it ends; the last day of a shorter month stands for the 31st.

        >>> Duration(months=1, days=0).after(datetime(2027, 1, 31))
        datetime.datetime(2027, 2, 28, 0, 0)
        """
        years, month = divmod(moment.month - 1 + self.months, 12)
        year, month = moment.year + years, month + 1
        day = min(moment.day, monthrange(year, month)[1])
        return moment.replace(year=year, month=month, day=day) + timedelta(days=self.days)
