"""Quiet hours go by the clock of the place they name, over midnight and when clocks change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.errors import WrongValueError
from vault.services import quiet

DUBLIN = "22:00-08:00 Europe/Dublin"
ZONES = ("Europe/Dublin", "America/Sao_Paulo", "Asia/Kathmandu", "UTC", "Pacific/Kiritimati")
clock_times = st.times().map(lambda at: at.strftime("%H:%M"))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("term", "moment", "is_quiet"),
    [
        (DUBLIN, "2026-12-01T21:59", False),
        (DUBLIN, "2026-12-01T22:00", True),
        (DUBLIN, "2026-12-02T07:59", True),
        (DUBLIN, "2026-12-02T08:00", False),
        # In summer Dublin is an hour ahead of UTC.
        (DUBLIN, "2026-07-01T21:00", True),
        (DUBLIN, "2026-07-01T20:59", False),
        ("13:00-14:00 Asia/Kathmandu", "2026-12-01T07:15", True),
        ("13:00-14:00 Asia/Kathmandu", "2026-12-01T08:15", False),
        ("", "2026-12-01T12:00", True),
        ("22:00-08:00 Europe/Nowhere", "2026-12-01T12:00", True),
        ("all day", "2026-12-01T12:00", True),
    ],
)
def test_a_moment_is_quiet_by_the_clock_of_the_place(term, moment, is_quiet):
    assert quiet.now(term, at(moment)) is is_quiet


@given(clock_times, clock_times, st.sampled_from(ZONES))
def test_what_is_written_is_read_back(start, end, zone):
    if start == end:
        with pytest.raises(WrongValueError):
            quiet.write(start, end, zone)
        return
    assert quiet.read(quiet.write(start, end, zone)) == (start, end, zone)


@given(clock_times, clock_times, st.sampled_from(ZONES), st.datetimes(timezones=st.just(UTC)))
def test_a_span_and_its_reverse_share_no_moment(start, end, zone, moment):
    if start == end or not 1900 < moment.year < 2100:
        return
    span, rest = quiet.write(start, end, zone), quiet.write(end, start, zone)
    assert quiet.now(span, moment) is not quiet.now(rest, moment)


@pytest.mark.parametrize(
    "given_",
    [
        ("22:00", "22:00", "UTC"),
        ("24:00", "08:00", "UTC"),
        ("22:60", "08:00", "UTC"),
        ("9:00", "10:00", "UTC"),
        ("22:00:00", "08:00", "UTC"),
        ("22:00", "08:00", "Europe/Nowhere"),
        ("22:00", "08:00", ""),
        ("22:00", "08:00", "/etc/localtime"),
        ("22:00", "08:00", "../UTC"),
        ("22:00\n", "08:00", "UTC"),
        ("٢٢:00", "08:00", "UTC"),
        ("", "", ""),
    ],
    ids=repr,
)
def test_what_is_no_span_is_refused(given_):
    with pytest.raises(WrongValueError):
        quiet.write(*given_)


@given(
    clock_times,
    clock_times,
    st.sampled_from(ZONES),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
)
def test_quiet_hours_end_within_a_day_or_two_and_are_over_then(start, end, zone, moment):
    moment = moment.replace(tzinfo=UTC)
    try:
        term = quiet.write(start, end, zone)
    except WrongValueError:
        return
    ends = quiet.until(term, moment)
    assert ends is not None
    assert not quiet.now(term, ends)
    assert timedelta() < ends - moment < timedelta(hours=50)


@pytest.mark.parametrize("term", ["", "22:00-08:00 Europe/Nowhere", "all day"])
def test_nobody_can_say_when_hours_end_that_cannot_be_read(term):
    assert quiet.until(term, at("2026-12-01T12:00")) is None


def test_the_end_is_by_the_clock_of_the_place_on_that_day():
    # The night in which Dublin's clocks go forward is an hour shorter.
    assert quiet.until(DUBLIN, at("2026-03-28T23:00")) == at("2026-03-29T07:00")
    assert quiet.until(DUBLIN, at("2026-10-24T23:00")) == at("2026-10-25T08:00")
