"""Which checkpoints may go: those of an hour but one, and never one that a receipt is judged by."""

from hypothesis import given
from hypothesis import strategies as st

from vault.core.thinning import DAY, HOUR, STEPS, Span, groups, spare

SECOND = 1_000


def spans(times, sizes):
    """Cut entries with these times at these sizes."""
    found, before = [], 0
    for size in sizes:
        cut = times[before:size]
        found.append(Span(size, min(cut), max(cut)))
        before = size
    return found


def late(times, sizes, index, by):
    """What the checker says of a receipt: whether the first checkpoint after `by` is without it."""
    passed = next((at for at, one in enumerate(times) if one > by), None)
    first = min((size for size in sizes if passed is not None and size > passed), default=None)
    return first is not None and index >= first


def kept(times, sizes, *, width, until):
    gone = {
        size
        for group in groups(spans(times, sizes), width=width, until=until)
        for size in spare(group)
    }
    return [size for size in sizes if size not in gone]


def test_of_each_hour_that_is_over_the_newest_stays():
    times = [minute * 60 * SECOND for minute in range(1, 300)]
    sizes = list(range(1, 300))
    assert kept(times, sizes, width=HOUR, until=4 * HOUR) == [59, 119, 179, *range(239, 300)]


def test_what_is_younger_than_that_is_left_alone():
    times = [minute * 60 * SECOND for minute in range(1, 300)]
    sizes = list(range(1, 300))
    assert kept(times, sizes, width=HOUR, until=0) == sizes
    assert kept(times, sizes, width=HOUR, until=HOUR + 1)[:3] == [59, 60, 61]


def test_an_hour_is_over_when_an_entry_of_the_next_is_there():
    times = [HOUR + minute * 60 * SECOND for minute in range(30)]
    assert kept(times, list(range(1, 31)), width=HOUR, until=9 * DAY) == list(range(1, 31))


def test_a_checkpoint_that_an_entry_came_too_late_for_stays():
    # The fourth entry is a minute older than the third, which the second checkpoint covers.
    times = [1, 2, 100 * SECOND, 40 * SECOND, 101 * SECOND, HOUR + 1]
    assert kept(times, [1, 2, 3, 4, 5, 6], width=HOUR, until=DAY) == [3, 5, 6]


def test_one_that_it_came_in_time_for_goes():
    times = [1, 2, 100 * SECOND, 90 * SECOND, 101 * SECOND, HOUR + 1]
    assert kept(times, [1, 2, 3, 4, 5, 6], width=HOUR, until=DAY) == [5, 6]


def test_days_begin_where_hours_end():
    assert [step.width for step in STEPS] == [HOUR, DAY]
    assert [step.age for step in STEPS] == [DAY, 30 * DAY]
    assert list(groups([], width=HOUR, until=DAY)) == []
    assert spare([Span(1, 1, 1)]) == []


@given(data=st.data(), jitter=st.integers(0, 90 * SECOND), width=st.sampled_from([HOUR, 5 * HOUR]))
def test_no_receipt_is_judged_otherwise(data, jitter, width):
    steps = data.draw(st.lists(st.integers(0, 20 * 60 * SECOND), min_size=2, max_size=60))
    times, at = [], HOUR
    for step in steps:
        at += step
        times.append(at - data.draw(st.integers(0, jitter)))
    sizes = sorted(data.draw(st.sets(st.integers(1, len(times)), min_size=1)) | {len(times)})
    after = kept(times, sizes, width=width, until=data.draw(st.integers(0, 3 * DAY)))
    assert after[-1] == sizes[-1]
    for index, one in enumerate(times):
        for more in (0, 1, 3 * SECOND, 60 * SECOND):  # recorded later than it arrived
            by = one + 10 * SECOND + more
            assert late(times, sizes, index, by) == late(times, after, index, by)
