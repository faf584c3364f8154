"""Traits are what a slow and simple count of the same events comes to, and nothing where it is unsure."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.method import Band, Condition, Function, Method, Segment, Way
from vault.core.trait import Event, counts, number, opens, since, stage, work_out

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
KINDS = ("purchase", "call", "visit")
BANDS = (Band("low", 1), Band("middle", 5), Band("high", 20))

moments = st.integers(-200, 1_000).map(lambda hours: NOW - timedelta(hours=7 * hours))
numbers: st.SearchStrategy[object] = st.one_of(
    st.integers(-1_000, 1_000),
    st.decimals(-1_000, 1_000, places=2).map(str),
    st.sampled_from(["", "12,50", "1e3", "NaN", "Infinity", " 1", "1.", ".5", "0x1", "١", "--1"]),
    st.sampled_from([None, True, [], {"a": 1}, "9" * 16, "1." + "0" * 7, 2**53]),
)
contents = st.one_of(
    st.none(), st.just("a text"), st.dictionaries(st.sampled_from(["total", "other"]), numbers)
)
events = st.lists(st.builds(Event, st.sampled_from(KINDS), moments, contents), max_size=25)
bands = st.sampled_from([(), BANDS, BANDS[1:]])


def within(many, days):
    """The events of the last days; the period of the tests has no months."""
    return [one for one in many if NOW - timedelta(days=days) < one.at <= NOW]


def choice(among, found):
    """The name of the highest band that is reached."""
    names = [band.id for band in among if found >= band.start]
    return names[-1] if names else None


def outcome(among, found):
    return choice(among, found) if among else found


@given(events, bands, st.integers(1, 8))
def test_frequency_is_how_many_events_the_period_holds(many, among, least):
    method = Method(Function.FREQUENCY, "P90D", least=least, bands=among)
    count = len(within(many, 90))
    expected = outcome(among, count) if count >= least else None
    assert work_out(method, events=many, values={}, now=NOW) == expected


@given(events, bands)
def test_recency_is_the_whole_days_since_the_last_event(many, among):
    past = [one.at for one in many if one.at <= NOW]
    expected = None
    if past:
        days = 0
        while max(past) + timedelta(days=days + 1) <= NOW:
            days += 1
        expected = outcome(among, days)
    method = Method(Function.RECENCY, bands=among)
    assert work_out(method, events=many, values={}, now=NOW) == expected
    assert stage(method, max(past, default=None), now=NOW) == expected


def plain(value):
    """A number as a person would read it from a content; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) < 2**53 else None
    head, point, tail = value.removeprefix("-").partition(".")
    digits = set("0123456789")
    right = 0 < len(head) <= 15 and set(head) <= digits and set(tail) <= digits and len(tail) <= 6
    return Decimal(value) if right and bool(point) == bool(tail) else None


@given(events, bands, st.integers(1, 4))
def test_value_is_the_exact_sum_rounded_down_and_what_is_no_number_is_passed_over(
    many, among, least
):
    method = Method(Function.VALUE, "P90D", fact="total", least=least, bands=among)
    contents = [one.content for one in within(many, 90) if isinstance(one.content, dict)]
    found = [
        one for one in (plain(content.get("total")) for content in contents) if one is not None
    ]
    total = int(sum(found, Decimal()).to_integral_value("ROUND_FLOOR"))
    expected = outcome(among, total) if len(found) >= least else None
    assert work_out(method, events=many, values={}, now=NOW) == expected


@given(events, st.integers(1, 5))
def test_channel_is_the_way_of_most_events_and_of_none_when_two_are_even(many, least):
    ways = (Way("phone", ("call",)), Way("shop", ("purchase", "visit")))
    method = Method(Function.CHANNEL, "P90D", least=least, ways=ways)
    times = Counter("phone" if one.kind == "call" else "shop" for one in within(many, 90))
    ordered = times.most_common()
    clear = len(ordered) == 1 or (len(ordered) == 2 and ordered[0][1] > ordered[1][1])
    expected = ordered[0][0] if clear and times.total() >= least else None
    assert work_out(method, events=many, values={}, now=NOW) == expected


values = st.dictionaries(
    st.sampled_from(["tea.kind", "tea.milk", "tea.topics"]),
    st.one_of(
        st.sampled_from(["green", "black", "yes"]),
        st.booleans(),
        st.lists(st.sampled_from(["green", "black"])),
    ),
)


@given(values)
def test_needs_are_the_first_group_whose_conditions_all_hold(known):
    segments = (
        Segment("both", (Condition("tea.kind", ("green",)), Condition("tea.milk", ("no",)))),
        Segment("one", (Condition("tea.topics", ("green", "black")),)),
    )
    said = {
        name: {("yes" if value else "no")} if isinstance(value, bool) else {value}
        if isinstance(value, str) else set(value)
        for name, value in known.items()
    }  # fmt: skip
    expected = None
    if "green" in said.get("tea.kind", ()) and "no" in said.get("tea.milk", ()):
        expected = "both"
    elif said.get("tea.topics"):
        topics = said["tea.topics"] & {"green", "black"}
        expected = "one" if topics else None
    method = Method(Function.NEEDS, segments=segments)
    assert work_out(method, events=(), values=known, now=NOW) == expected


@given(moments)
def test_what_counts_is_never_before_the_time_from_which_events_are_loaded(at):
    for period in ("P90D", "P1M", "P1Y", "P100Y"):
        method = Method(Function.FREQUENCY, period)
        start = since(method, now=NOW)
        assert start is not None
        assert at >= start or not counts(method, at, now=NOW)


def test_only_adding_up_opens_what_was_said():
    assert [one for one in Function if opens(Method(one, "P1Y"))] == [Function.VALUE]


@pytest.mark.parametrize(
    ("value", "millionths"),
    [
        (12, 12_000_000),
        ("12.50", 12_500_000),
        ("-0.000001", -1),
        ("0.1", 100_000),
        ("1,250", None),
        ("1.0000001", None),
        (2**53, None),
        (True, None),
        ("９", None),
    ],
)
def test_a_number_is_whole_or_a_text_with_a_point(value, millionths):
    assert number(value) == millionths


def test_a_sum_that_no_json_reader_keeps_exact_is_not_said():
    many = [Event("purchase", NOW, {"total": 2**53 - 1}) for _ in range(3)]
    method = Method(Function.VALUE, "P1Y", fact="total")
    assert work_out(method, events=many, values={}, now=NOW) is None


def test_a_method_without_a_period_has_no_earliest_time():
    assert since(Method(Function.RECENCY), now=NOW) is None
    early = datetime(1, 1, 2, tzinfo=UTC)
    assert since(Method(Function.FREQUENCY, "P1Y"), now=early) == datetime.min.replace(tzinfo=UTC)
