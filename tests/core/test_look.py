"""A filter decides the same before and after a line is opened, and a sealed line tells nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.richer import RULEBOOK
from vault.core.entry import Kind
from vault.core.look import (
    EVERYTHING,
    Line,
    Outcome,
    Wanted,
    Who,
    judge,
    known_of,
    matches,
    opens_at,
    sealed,
)
from vault.core.place import Place

DAY = 86_400_000
KINDS = [kind for kind in Kind if kind < 64]
TIMES = some.integers(0, 10)
APPS = some.sampled_from(["ledger", "delivery"])
PURPOSES = some.sampled_from(["fraud", "delivery"])
NAMES = some.sampled_from(["contact.email", "contact.full_name"])
ACTORS = some.sampled_from(["customer", "staff:otter", "operator", "vault"])


@some.composite
def lines(draw):
    kind = draw(some.sampled_from(KINDS))
    app = None if kind == Kind.OWN_LOOK else draw(some.none() | APPS)
    actor = f"app:{app}" if app else draw(ACTORS)
    return Line(
        place=Place(draw(some.integers(0, 99))),
        at=draw(TIMES),
        kind=kind,
        actor="customer" if kind == Kind.OWN_LOOK else actor,
        app=app,
        purpose=draw(some.none() | PURPOSES),
        allowed=tuple((name, "x") for name in draw(some.sets(NAMES))),
        withheld=tuple((name, "y") for name in draw(some.sets(NAMES))),
    )


@some.composite
def filters(draw):
    return Wanted(
        who=draw(some.none() | some.sampled_from(Who)),
        app=draw(some.none() | APPS),
        purpose=draw(some.none() | PURPOSES),
        outcome=draw(some.none() | some.sampled_from(Outcome)),
        field=draw(some.none() | NAMES),
        start=draw(some.none() | TIMES),
        end=draw(some.none() | TIMES),
    )


@given(lines(), filters(), some.booleans())
def test_what_is_judged_unopened_is_what_the_open_line_says(line, wanted, is_sealed):
    shown = sealed(line, 99) if is_sealed else line
    known = known_of(line)
    assert known is not None
    assert judge(known, wanted, is_sealed=is_sealed) in {matches(shown, wanted), None}


@given(lines(), lines(), filters())
def test_two_sealed_lines_of_one_time_are_wanted_alike(one, other, wanted):
    other = replace(other, place=one.place, at=one.at)
    assert matches(sealed(one, 99), wanted) is matches(sealed(other, 99), wanted)
    assert sealed(one, 99) == sealed(other, 99)


@given(lines())
def test_no_filter_wants_every_line(line):
    assert matches(line, EVERYTHING)
    assert matches(sealed(line, 99), EVERYTHING)
    assert matches(replace(line, at=None, kind=None), EVERYTHING)


@given(lines(), filters())
def test_an_unreadable_line_is_left_out_only_by_a_filter_of_what_it_would_tell(line, wanted):
    damaged = Line(place=line.place, at=line.at, kind=None)
    of_time = Wanted(start=wanted.start, end=wanted.end)
    assert matches(damaged, of_time) is matches(line, of_time)
    if wanted.of_content:
        assert not matches(damaged, wanted)


@given(some.sampled_from(KINDS), PURPOSES, some.integers(0, 10**13))
def test_only_looks_of_others_under_a_delay_are_sealed_and_for_exactly_that_long(kind, purpose, at):
    opens = opens_at(RULEBOOK, purpose=purpose, kind=kind, at=at)
    if purpose == "fraud" and kind < 16 and kind is not Kind.OWN_LOOK:
        assert opens == at + timedelta(days=7) // timedelta(milliseconds=1)
    else:
        assert opens is None


@pytest.mark.parametrize("purpose", [None, "fraud", "no-such"])
def test_without_a_proven_code_nothing_is_kept_back(purpose):
    assert opens_at(None, purpose=purpose, kind=Kind.READ, at=DAY) is None


def test_a_time_beyond_all_dates_is_no_error():
    assert opens_at(RULEBOOK, purpose="fraud", kind=Kind.READ, at=2**62) is None
