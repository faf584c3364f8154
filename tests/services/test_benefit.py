"""A benefit is given for its own details alone: to stop one ends what needs it and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from policies.model import ConsentState
from policies.own_rule import NOTHING, HeldBack
from policies.reasons import Reason
from tests.rewards import PURPOSE, RULEBOOK
from vault.services import benefit
from vault.services.choices import Choice

CLAUSE = RULEBOOK.purposes[PURPOSE]
NAMES = sorted(CLAUSE.names)
FIELDS = [name for name in NAMES if not name.startswith("interaction.")]


def choice(allowed, *, state=ConsentState.GIVEN, held=NOTHING):
    names = tuple(use.name for use in CLAUSE.uses)
    return Choice(CLAUSE, names, (), state, frozenset(allowed), None, None, held=held)


def given_now(one, stored):
    return {each.benefit.id for each in benefit.offers([one], stored) if each.given}


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(FIELDS)), st.sampled_from(NAMES))
def test_stopping_one_detail_ends_what_needs_it_and_that_alone(allowed, stored, name):
    before = given_now(choice(allowed), stored)
    said = benefit.lost(benefit.offers([choice(allowed)], stored), PURPOSE, name)
    after = given_now(choice(allowed - {name}), stored)
    assert before - after == {one.id for one in said}
    assert after <= before
    needing = {one.id for one in CLAUSE.benefits if name in one.needs}
    assert before - after == before & needing


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(FIELDS)))
def test_what_is_given_needs_everything_allowed_and_there(allowed, stored):
    for one in benefit.offers([choice(allowed)], stored):
        there = all(name in stored or name.startswith("interaction.") for name in one.benefit.needs)
        assert one.given is (set(one.benefit.needs) <= allowed and there)


def test_the_customers_own_rules_and_a_no_hold_benefits_back():
    for one in (
        choice(NAMES, held=HeldBack(Reason.PAUSED)),
        choice(NAMES, state=ConsentState.WITHDRAWN),
    ):
        assert given_now(one, FIELDS) == set()
    held = choice(NAMES, held=HeldBack(names=frozenset({"contact.birth_date"})))
    assert given_now(held, FIELDS) == {"tenth", "ready"}


def test_without_the_purpose_all_that_was_given_ends():
    every = benefit.offers([choice({"contact.birth_date"})], FIELDS)
    assert [one.id for one in benefit.lost(every, PURPOSE)] == ["birthday"]
    assert benefit.lost(every, "marketing") == ()
