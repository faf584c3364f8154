from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import age

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (date(2010, 12, 2), 16, date(2026, 12, 2)),
        (date(2012, 2, 29), 13, date(2025, 3, 1)),
        (date(2012, 2, 29), 16, date(2028, 2, 29)),
        (date(2000, 2, 29), 100, date(2100, 3, 1)),
    ],
)
def test_a_birthday_is_the_same_day_of_a_later_year(born, years, day):
    assert age.birthday(born, years) == day


@given(DAYS, st.integers(13, 16))
def test_nobody_is_old_enough_too_early(born, years):
    day = age.birthday(born, years)
    assert (day.year - born.year, day.month, day.day) >= (years, born.month, born.day)
    assert day - born.replace(day=1, month=1) < timedelta(days=366 * (years + 1))


@given(DAYS, st.integers(13, 16))
def test_the_end_of_childhood_is_midnight(born, years):
    end = datetime.fromtimestamp(age.child_until(born, years) / 1000, UTC)
    assert end.date() == age.birthday(born, years)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)


@pytest.mark.parametrize(
    ("born", "possible"),
    [
        (date(2026, 12, 1), True),
        (date(2026, 12, 2), False),
        (date(1896, 1, 1), True),
        (date(1895, 12, 31), False),
    ],
)
def test_a_living_person_is_born_lately_enough(born, possible):
    assert age.is_possible(born, today=date(2026, 12, 1)) is possible
