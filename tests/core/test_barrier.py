"""Epochs show a hidden change, and a look that used what had ended; the checker judges alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.barrier import SOON, Breach, Overlap, Told, Walk
from vault.core.entry import Kind
from vault.core.place import at
from vault.verifier import barrier as checker

LATER = 10**9  # unix ms of the log's newest entry, long after all others


def walked(*entries, newest_at=LATER):
    walk = Walk()
    for one in entries:
        walk.add(one)
    walk.end(newest_at=newest_at)
    return walk


def change(place, epoch, *, kind=Kind.WITHDRAWN, seen=0, ms=None):
    return Told(place, place if ms is None else ms, kind, epoch, seen)


def look(place, epoch, *, seen, kind=Kind.READ, ms=None):
    return Told(place, place if ms is None else ms, kind, epoch, seen)


def test_a_look_under_the_epoch_that_it_had_seen_is_well():
    walk = walked(change(0, 1), look(1, 1, seen=1), change(2, 2), look(3, 2, seen=3))
    assert walk.holds
    assert walk.overlaps == []
    assert walk.changes == 2


def test_a_look_that_had_seen_the_change_and_used_an_older_epoch_breaks_the_barrier():
    walk = walked(change(0, 1), change(1, 2), look(2, 1, seen=2))
    assert walk.breaches == [Breach(2, 1)]
    assert not walk.holds


def test_a_look_that_had_not_seen_the_change_overlapped_it_and_is_told_how_late():
    walk = walked(change(0, 1), change(5, 2, ms=100), look(6, 1, seen=5, ms=117))
    assert walk.holds
    assert walk.overlaps == [Overlap(6, 5, 17)]
    assert walk.worst == 17


def test_the_place_in_the_log_alone_accuses_nobody():
    """`seen` decides: a look integrated long after the change may have begun before it."""
    assert walked(change(0, 1), change(1, 2), look(900, 1, seen=1)).holds


def test_seen_up_to_the_index_of_the_change_has_not_seen_it():
    assert walked(change(0, 1), change(1, 2), look(2, 1, seen=1)).holds
    assert not walked(change(0, 1), change(1, 2), look(3, 1, seen=2)).holds


def test_a_denial_may_be_of_any_epoch():
    assert walked(change(0, 1), change(1, 2), look(2, 1, seen=2, kind=Kind.DENIED)).holds


def test_two_changes_may_be_integrated_in_either_order():
    walk = walked(change(0, 2), change(1, 1), look(2, 2, seen=2))
    assert walk.holds
    assert walk.overlaps == []


def test_a_later_change_of_a_lower_epoch_does_not_hide_the_higher_one():
    assert walked(change(0, 2), change(1, 1), look(2, 1, seen=2)).breaches == [Breach(2, 0)]


@pytest.mark.parametrize(
    ("epochs", "hidden"),
    [((1, 2, 3), ()), ((1, 3), ((2, 2),)), ((4,), ((1, 3),)), ((2, 6), ((1, 1), (3, 5)))],
)
def test_a_change_that_is_not_there_shows(epochs, hidden):
    assert walked(*(change(i, epoch) for i, epoch in enumerate(epochs))).hidden == hidden


def test_a_hidden_last_change_shows_in_the_looks_behind_it():
    walk = walked(change(0, 1), look(1, 2, seen=1))
    assert walk.hidden == ((2, 2),)


def test_a_change_may_come_into_the_log_a_little_behind_the_look_that_knows_it():
    entries = (change(0, 1), look(1, 2, seen=1, ms=50))
    assert walked(*entries, newest_at=50 + SOON).hidden == ()
    assert walked(*entries, newest_at=51 + SOON).hidden == ((2, 2),)


def test_two_changes_of_one_log_that_claim_an_epoch_show():
    assert walked(change(0, 1), change(1, 2), change(2, 2)).doubled == (2,)


def test_a_change_made_again_in_the_next_log_after_a_recovery_is_well():
    walk = walked(change(0, 1), change(1, 2), change(at(1, 4), 2), look(at(1, 5), 2, seen=at(1, 5)))
    assert walk.holds


def test_changes_that_a_recovery_lost_are_not_called_hidden():
    walk = walked(change(0, 1), change(at(1, 4), 4), change(at(1, 5), 5))
    assert walk.hidden == ()
    assert walked(change(0, 1), change(at(1, 4), 4), change(at(1, 5), 6)).hidden == ((5, 5),)
    assert walked(change(0, 1), change(1, 3), change(at(1, 4), 4)).hidden == ((2, 2),)


def test_a_look_in_the_next_log_has_seen_the_changes_of_the_one_before():
    walk = walked(change(0, 1), change(1, 2), look(at(1, 5), 1, seen=at(1, 0)))
    assert walk.breaches == [Breach(at(1, 5), 1)]


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([Kind.READ, Kind.DENIED, Kind.OWN_LOOK, Kind.GIVEN, Kind.WITHDRAWN]),
        st.integers(0, 6),  # epoch
        st.integers(0, 30_000),  # time
        st.integers(0, 20),  # how far `seen` is behind
    ),
    max_size=20,
)


@given(ENTRIES)
def test_the_checker_judges_as_the_vault_does(drawn):
    told = [
        Told(index, ms, kind, max(epoch, 1 if kind.is_change else 0), max(0, index - behind))
        for index, (kind, epoch, ms, behind) in enumerate(drawn)
    ]
    newest = max((one.at for one in told), default=0)
    walk = walked(*told, newest_at=newest)
    entries = [checker.Entry(one.place, one.at, one.kind, one.epoch, one.seen) for one in told]
    judged = checker.judge(entries, first=1, newest_at=newest)
    assert judged.changes == walk.changes
    assert judged.hidden == list(walk.hidden)
    assert judged.doubled == list(walk.doubled)
    assert [look.place for look, _ in judged.breaches] == [one.place for one in walk.breaches]
    assert {(one.look.place, one.change.place, one.ms) for one in judged.late} == {
        (one.place, one.change, one.late) for one in walk.overlaps
    }


@given(ENTRIES)
def test_the_rule_is_that_of_its_definition(drawn):
    """For a change at i with epoch e, every entry but a denial with `seen` > i has epoch >= e."""
    told = [
        Told(index, ms, kind, epoch, max(0, index - behind))
        for index, (kind, epoch, ms, behind) in enumerate(drawn)
    ]
    broken = {
        one.place
        for one in told
        for before in told
        if Kind(before.kind).is_change
        and one.kind != Kind.DENIED
        and one.seen > before.place
        and one.epoch < before.epoch
    }
    assert {one.place for one in walked(*told).breaches} == broken
