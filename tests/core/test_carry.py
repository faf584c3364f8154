"""A consent that is carried over lets nobody read more than the customer had agreed to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import Allow, ConsentFact, decide
from policies.diff import diff
from policies.model import ConsentState
from tests.policies.documents import good
from tests.policies.edited import family
from tests.policies.generated import NAMES, NOW, PURPOSES, case, seeds
from tests.policies.test_diff import NEXT, THIS, changed
from vault.core.carry import Step, carry
from vault.core.consent import ALLOWING, Consent

LATE = 10**13  # unix ms
S = ConsentState


def step(old, new, at=1_000):
    return Step(at, new, {one.purpose: one.outcome for one in diff(old, new)})


def consent(purpose, fields, **changes):
    given = Consent(purpose, S.GIVEN, frozenset(fields), 500, LATE, "old", "shown")
    return replace(given, **changes)


def allowed(book, question, situation):
    return {n for n, one in decide(book, question, situation).items() if isinstance(one, Allow)}


@given(seeds, seeds, st.sampled_from(PURPOSES), st.frozensets(st.sampled_from(NAMES)))
def test_no_publication_makes_more_readable(seed, other, purpose, fields):
    old, new, newest = family(seed)
    _, question, situation = case(other)
    question = replace(question, purpose=purpose)
    # Terms that forbid what a clause no longer does have nothing left to forbid.
    plain = replace(situation.terms, no_profiling=False, no_sharing=False)
    situation = replace(situation, terms=plain, now=NOW)
    before = consent(purpose, fields, from_ms=0, until_ms=LATE)
    if old.purposes.get(purpose) is None or old.purposes[purpose].basis != "consent":
        return
    seen = []
    for book, steps in (
        (old, []),
        (new, [step(old, new, NOW - 2)]),
        (newest, [step(old, new, NOW - 2), step(new, newest, NOW - 1)]),
    ):
        after = carry(before, steps)
        fact = ConsentFact(purpose, after.state, after.fields, after.until_ms, intact=True)
        seen.append(allowed(book, question, replace(situation, consents={purpose: fact})))
    clauses = [book.purposes.get(purpose) for book in (old, new, newest)]
    if all(one is None or one.basis == "consent" for one in clauses):
        assert seen[2] <= seen[1] <= seen[0]


@given(seeds, st.sampled_from(PURPOSES), st.frozensets(st.sampled_from(NAMES), min_size=1))
def test_writing_it_down_on_the_way_changes_nothing(seed, purpose, fields):
    old, new, newest = family(seed)
    first, second = step(old, new, 1_000), step(new, newest, 2_000)
    before = consent(purpose, fields, code=old.digest)
    assert carry(before, [first, second]) == carry(carry(before, [first]), [second])


def test_a_wider_clause_ends_the_consent_when_it_comes_into_force():
    after = carry(consent("marketing", {"contact.email"}), [step(THIS, NEXT, 1_000)])
    assert (after.state, after.from_ms, after.until_ms) == (S.REVOKED, 1_000, 1_000)


def test_a_narrower_clause_goes_on_with_what_both_allow():
    before = consent("loyalty.rewards", {"contact.email", "loyalty.card"})
    after = carry(before, [step(THIS, NEXT)])
    assert (after.state, after.fields) == (S.GIVEN, frozenset({"loyalty.card"}))
    assert (after.code, after.shown) == (NEXT.digest, "shown")
    nothing = carry(consent("loyalty.rewards", {"contact.email"}), [step(THIS, NEXT)])
    assert nothing.state is S.REVOKED


def test_going_back_to_the_old_text_does_not_bring_back_what_was_given():
    steps = [step(THIS, NEXT, 1_000), step(NEXT, THIS, 2_000)]
    for purpose in ("loyalty.rewards", "marketing"):
        after = carry(consent(purpose, {"contact.full_name"}), steps)
        assert after.state is S.REVOKED, purpose


def test_a_clause_that_is_gone_ends_the_consent():
    diet = consent("menu", {"preferences.diet"})
    assert carry(diet, [step(NEXT, THIS)]).state is S.REVOKED
    assert carry(diet, [step(NEXT, THIS), step(THIS, NEXT)]).state is S.REVOKED


def test_an_end_that_comes_earlier_is_counted_from_when_it_was_given():
    shorter = changed(good(), expiry="P6M")
    given = consent("rewards", {"preferences.coffee"}, from_ms=0, until_ms=LATE)
    after = carry(given, [step(good(), shorter)])
    assert after.until_ms == 181 * 86_400_000  # January to June 1970
    assert carry(replace(given, until_ms=2_000), [step(good(), shorter)]).until_ms == 2_000


@pytest.mark.parametrize("state", [one for one in S if one not in ALLOWING])
def test_what_allows_nothing_is_left_as_it_is(state):
    before = consent("marketing", {"contact.email"}, state=state)
    assert carry(before, [step(THIS, NEXT)]) is before


def test_what_had_ended_before_is_left_as_it_is():
    before = consent("marketing", {"contact.email"}, until_ms=1_000)
    assert carry(before, [step(THIS, NEXT, 1_000)]) is before
