"""No number of a small group is shown, and none can be computed from what is."""

from hypothesis import given
from hypothesis import strategies as st

from vault.core.group import hide, hide_by_name

ROWS = st.lists(st.integers(0, 60), min_size=1, max_size=6)


def possible(shown, total, place, *, least):
    """Return the least and the most that a hidden number may be for who knows the sum."""
    hidden = [one for one, count in enumerate(shown) if count is None]
    left = total - sum(count for count in shown if count is not None)
    return (left, left) if len(hidden) == 1 else (0, left)


@given(ROWS, st.integers(2, 20))
def test_a_small_group_is_never_shown_and_cannot_be_computed(cells, least):
    shown = hide(cells, least=least)
    for place, (count, true) in enumerate(zip(shown, cells, strict=True)):
        if count is not None:
            assert count == true
            assert count == 0 or count >= least
        elif sum(cells) >= least:
            low, high = possible(shown, sum(cells), place, least=least)
            assert low < high
            assert high >= least  # what is hidden is a group itself


@given(ROWS, st.integers(2, 20))
def test_what_has_no_small_group_is_shown_whole(cells, least):
    big = [count if count >= least else 0 for count in cells]
    if sum(big) >= least:
        assert hide(big, least=least) == tuple(big)


def test_of_too_few_people_nothing_is_shown():
    assert hide((3, 0, 5), least=10) == (None, None, None)
    assert hide((), least=10) == ()


def test_names_stay_with_their_numbers():
    found = hide_by_name({"a": 30, "b": 4, "c": 50}, least=10)
    assert found == {"a": None, "b": None, "c": 50}
