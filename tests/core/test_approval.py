"""Whoever decides is somebody else, whatever accounts there are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import StaffRole
from vault.core.approval import (
    MADE_LATELY,
    PROPOSES,
    SENTENCES,
    Decider,
    Ground,
    Kind,
    Matter,
    Obstacle,
    concerns,
    obstacle,
)
from vault.core.staff import OPERATOR, may

START = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
people = st.sampled_from([OPERATOR, "s-1", "s-2", "s-3"])
times = st.integers(-20, 20).map(lambda days: START + days * DAY)
deciders = st.builds(
    Decider,
    handle=st.sampled_from(["s-1", "s-2", "s-3"]),
    role=st.sampled_from(StaffRole),
    made_by=people,
    made_at=times,
    reset_by=people | st.just(""),
    reset_at=times | st.none(),
)
matters = st.builds(Matter, kind=st.sampled_from(Kind), subject=people, by=people, made_at=times)


@given(matters, deciders, times)
def test_nobody_decides_who_is_the_proposer_or_was_let_in_by_them_lately(matter, who, now):
    if obstacle(matter, who, now=now) is not None:
        return
    assert who.role is StaffRole.COMPLIANCE
    assert who.handle != matter.by
    assert not (matter.kind is Kind.STAFF and who.handle == matter.subject)
    for by, at in ((who.made_by, who.made_at), (who.reset_by, who.reset_at)):
        if by != matter.by or at is None:
            continue
        assert at < matter.made_at
        assert by == OPERATOR or now - at >= MADE_LATELY


@given(st.sampled_from(Kind), st.sampled_from(StaffRole))
def test_no_role_both_proposes_and_approves(kind, role):
    matter = Matter(kind, "", "s-1", START)
    who = Decider("s-2", role, OPERATOR, START - DAY, "", None)
    decides = obstacle(matter, who, now=START) is None
    assert not (decides and may(role, PROPOSES[kind]))
    assert concerns(role, kind) is (decides or may(role, PROPOSES[kind]))


@pytest.mark.parametrize(
    ("by", "made_by", "days", "found"),
    [
        ("s-1", "s-1", -6, Obstacle.MADE),
        ("s-1", "s-1", -7, None),
        ("s-1", "s-3", -1, None),
        (OPERATOR, OPERATOR, -1, None),
        (OPERATOR, OPERATOR, 0, Obstacle.SHELL),
    ],
)
def test_the_bounds_are_seven_days_and_the_moment_of_the_proposal(by, made_by, days, found):
    matter = Matter(Kind.CODE, "2026-12", by, START)
    who = Decider("s-2", StaffRole.COMPLIANCE, made_by, START + days * DAY, "", None)
    assert obstacle(matter, who, now=START) is found


def test_each_obstacle_has_a_sentence():
    assert set(SENTENCES) == set(Obstacle)


def test_an_entry_says_on_whose_word():
    assert Ground(bootstrap=True).members("added") == (("change", "added"), ("bootstrap", True))
    assert Ground("s-1").members("frozen") == (("change", "frozen"), ("by", "s-1"))
    assert dict(Ground("s-1", "s-2", "d").members("added")) == {
        "change": "approved",
        "effect": "added",
        "by": "s-1",
        "approved_by": "s-2",
        "proposal": "d",
    }
