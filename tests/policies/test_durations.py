"""Durations are only partly ordered, and end on days that the calendar has."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.durations import Duration

durations = st.builds(Duration, months=st.integers(0, 48), days=st.integers(0, 800))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "P0D",
        "P0Y0M",
        "PT5S",
        "P1.5Y",
        "-P1Y",
        "P1Y ",
        "p1y",
        "P1D1Y",
        "P101Y",
        "P1000Y",
        "P٣Y",
    ],
)
def test_what_is_no_duration_is_not_read(text):
    assert Duration.parse(text) is None


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [("P1Y", 12, 0), ("P18M", 18, 0), ("P2W", 0, 14), ("P1Y2M3W4D", 14, 25), ("P100Y", 1200, 0)],
)
def test_a_duration_is_months_and_days(text, months, days):
    assert Duration.parse(text) == Duration(months, days)


@pytest.mark.parametrize(
    ("one", "other", "within"),
    [
        ("P1M", "P30D", False),
        ("P30D", "P1M", False),
        ("P28D", "P1M", True),
        ("P1M", "P31D", True),
        ("P12M", "P1Y", True),
        ("P1Y", "P12M", True),
        ("P365D", "P12M", True),
        ("P366D", "P12M", False),
        ("P1Y1D", "P12M", False),
        ("P52W", "P12M", True),
    ],
)
def test_only_what_is_surely_no_longer_is_within(one, other, within):
    first, second = Duration.parse(one), Duration.parse(other)
    assert first is not None
    assert second is not None
    assert first.within(second) is within


@given(durations, durations, moments)
def test_what_is_within_never_ends_later(one, other, moment):
    if one.within(other):
        assert one.after(moment) <= other.after(moment)


@given(durations)
def test_within_is_reflexive(one):
    assert one.within(one)


@given(durations, durations, durations)
def test_within_is_transitive(one, two, three):
    if one.within(two) and two.within(three):
        assert one.within(three)


@given(durations, moments)
def test_it_lasts_between_its_fewest_and_most_days(one, moment):
    days = (one.after(moment) - moment).days
    # A span of months that begins on the 29th to 31st may lose days to a shorter last month.
    assert one.fewest - 3 <= days <= one.most


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2028-02-29", "P12M", "2029-02-28"),
        ("2026-12-15", "P1M", "2027-01-15"),
        ("2026-11-30", "P3M1D", "2027-03-01"),
    ],
)
def test_the_last_day_of_a_shorter_month_stands_for_the_31st(start, text, end):
    duration = Duration.parse(text)
    assert duration is not None
    assert duration.after(datetime.fromisoformat(start)) == datetime.fromisoformat(end)
