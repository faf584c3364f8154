"""Freshness in one pass is what the definition says, entry against entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.verifier import fresh
from vault.verifier.fresh import LIMIT, Fresh

TIMES = st.one_of(st.integers(0, 5), st.integers(0, 4 * LIMIT), st.just(2**64 - 1))


def naive(entries):
    """For each entry: is one from what it had seen up to it over 70 s older?"""
    return [
        any(at - other > LIMIT for other, _ in entries[seen:index])
        for index, (at, seen) in enumerate(entries)
    ]


def drawn(data, count):
    return [(data.draw(TIMES), data.draw(st.integers(0, index))) for index in range(count)]


def passed(entries):
    found = Fresh()
    return [found.is_stale(index, at, seen) for index, (at, seen) in enumerate(entries)]


@given(st.data(), st.integers(0, 40))
def test_stale_entries_are_those_of_the_definition(data, count):
    entries = drawn(data, count)
    assert passed(entries) == naive(entries)


@given(st.data(), st.integers(0, 60))
def test_little_memory_excuses_old_entries_and_accuses_none(data, count):
    entries = drawn(data, count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh, "MAX_KEPT", 8)
        bounded = passed(entries)
    assert all(wanted for given_, wanted in zip(bounded, naive(entries), strict=True) if given_)


def test_memory_is_bounded_whatever_the_length():
    found = Fresh()
    for index in range(3 * fresh.MAX_KEPT):
        assert not found.is_stale(index, index, index)
    assert len(found._times) <= fresh.MAX_KEPT
    # What is minutes behind is still judged rightly: the newest half is kept whole.
    index = 3 * fresh.MAX_KEPT
    assert found.is_stale(index, index + LIMIT, index - 1)
    assert not found.is_stale(index + 1, index + LIMIT, index)
