"""What may happen to a follow-up: only its customer settles it, and silence settles nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from policies.model import StaffRole
from vault.core import follow_up as rules
from vault.core.errors import ConflictError, WrongValueError
from vault.core.follow_up import Outcome, State

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
FOREVER = timedelta(days=40_000)


def begun(*, at=AT, now=AT, within="P5D"):
    return rules.follow("complaint", within=within, owner=StaffRole.SUPPORT, at=at, now=now)


STEPS = some.lists(
    some.one_of(
        some.tuples(some.just("offer"), some.sampled_from(Outcome)),
        some.tuples(some.just("hand_over"), some.sampled_from(StaffRole)),
        some.tuples(some.just("agree"), some.none()),
        some.tuples(some.just("disagree"), some.none()),
        some.tuples(some.just("wait"), some.integers(0, 400)),
    ),
    max_size=20,
)


@given(STEPS)
def test_the_machine_is_the_one_that_a_customer_would_draw(steps):
    """An own model of the machine, written as a table, says the same after any steps."""
    one, now = begun(), AT
    state, outcome, owner, due, refusals = "open", None, StaffRole.SUPPORT, AT + 5 * DAY, 0
    for name, told in steps:
        refused = False
        before = one
        try:
            match name:
                case "wait":
                    now += told * DAY
                case "offer":
                    one = rules.offer(one, told, now=now)
                case "hand_over":
                    one = rules.hand_over(one, told)
                case "agree":
                    one = rules.agree(one, now=now)
                case "disagree":
                    one = rules.disagree(one, now=now)
        except ConflictError:
            refused = True
        assert refused is (state == "settled" and name in {"offer", "hand_over", "disagree"})
        if refused or name == "wait":
            assert one == before
            continue
        if name == "offer":
            state, outcome = "offered", told
        elif name == "hand_over":
            owner = told
        elif name == "agree":
            state = "settled"
        elif state == "offered":
            state, outcome, due, refusals = "open", None, now + 5 * DAY, refusals + 1
        assert (one.state, one.outcome, one.owner, one.due, one.refusals) == (
            state,
            outcome,
            owner,
            due,
            refusals,
        )
        assert one.since <= now
        assert one.since == now or (one.state, one.outcome) == (before.state, before.outcome)
    # Overdue is what the business owes; it never is while the customer is asked, or has agreed.
    assert rules.is_overdue(one, now=now) is (state == "open" and now > due)
    assert rules.is_overdue(one, now=now + FOREVER) is (state == "open")


@given(STEPS)
def test_no_step_of_the_business_and_no_time_settles_it(steps):
    one, now = begun(), AT
    for name, told in steps:
        if name == "wait":
            now += told * DAY
        elif name == "offer":
            one = rules.offer(one, told, now=now)
        elif name == "hand_over":
            one = rules.hand_over(one, told)
        elif name == "disagree":
            one = rules.disagree(one, now=now)
        assert not one.is_settled


def test_it_is_due_after_the_contact_and_not_after_its_noting():
    one = begun(at=AT, now=AT + 3 * DAY)
    assert (one.begun, one.due, one.since) == (AT, AT + 5 * DAY, AT + 3 * DAY)
    assert not rules.is_overdue(one, now=one.due)
    assert rules.is_overdue(one, now=one.due + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("at", "within", "due"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-11-01", "P2W", "2026-11-15"),
    ],
)
def test_its_time_is_counted_by_the_calendar(at, within, due):
    one = begun(at=datetime.fromisoformat(f"{at}T12:00:00+00:00"), within=within)
    assert one.due.date().isoformat() == due


def test_the_same_twice_is_once():
    offered = rules.offer(begun(), Outcome.SOLVED, now=AT)
    assert rules.offer(offered, Outcome.SOLVED, now=AT + DAY) == offered
    settled = rules.agree(offered, now=AT + DAY)
    assert rules.agree(settled, now=AT + 2 * DAY) == settled
    again = rules.disagree(offered, now=AT + DAY)
    assert rules.disagree(again, now=AT + 2 * DAY) == again


def test_another_offer_replaces_the_first():
    one = rules.offer(begun(), Outcome.NOT_POSSIBLE, now=AT)
    assert rules.offer(one, Outcome.BEYOND, now=AT + DAY) == replace(
        one, outcome=Outcome.BEYOND, since=AT + DAY
    )


def test_what_was_due_before_it_was_noted_is_late():
    assert rules.is_late("P5D", at=AT, now=AT + 6 * DAY)
    assert not rules.is_late("P5D", at=AT, now=AT + 5 * DAY)


@pytest.mark.parametrize("within", ["", "5 days", "PT5H", "P0D"])
def test_no_time_is_refused(within):
    with pytest.raises(WrongValueError):
        begun(within=within)


def test_an_open_one_can_be_settled_without_an_offer():
    assert rules.agree(begun(), now=AT).state is State.SETTLED
