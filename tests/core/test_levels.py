"""Levels are total over all purposes, nested, and only forbid."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import vocabulary
from policies.decide import Allow, decide
from policies.model import Basis, Term
from policies.situation import Terms
from tests.core.test_own_terms import any_terms
from tests.policies.generated import case, rulebooks, seeds
from tests.richer import RULEBOOK as BOOK
from vault.core import levels
from vault.core.levels import Level, apply, level_of, opened


def names(book, level):
    return {one.id for one in opened(book, level)}


@given(rulebooks)
def test_each_level_opens_what_the_one_before_does(book):
    needed, improve, known = (names(book, level) for level in Level)
    assert needed <= improve <= known
    assert known == {one.id for one in book.consent_purposes()}


@given(rulebooks, any_terms)
def test_a_higher_level_forbids_no_more(book, terms):
    found = [apply(book, terms, level=level) for level in Level]
    for lower, higher in itertools.pairwise(found):
        assert higher.never_purposes <= lower.never_purposes
        assert lower.no_profiling >= higher.no_profiling
        assert lower.no_sharing == higher.no_sharing


@given(rulebooks, any_terms, st.sampled_from(Level))
def test_a_level_sets_the_same_whatever_was_before_and_leaves_the_rest(book, terms, level):
    after = apply(book, terms, level=level)
    assert apply(book, after, level=level) == after
    own = ("never_purposes", "no_profiling", "no_sharing")
    kept = {name: getattr(terms, name) for name in own}
    assert replace(after, **kept) == terms
    if Term.NEVER_PURPOSE in book.code.terms:
        assert not after.never_purposes & names(book, level) - terms.never_purposes


@given(seeds)
def test_a_level_alone_allows_nothing(seed):
    """Whoever chose nothing before is read no more after choosing any level."""
    book, question, situation = case(seed)
    bare = decide(book, question, replace(situation, terms=Terms()))
    for level in Level:
        after = decide(book, question, replace(situation, terms=apply(book, Terms(), level=level)))
        for name, verdict in after.items():
            assert not isinstance(verdict, Allow) or isinstance(bare[name], Allow)


@pytest.mark.parametrize("name", vocabulary.PURPOSES)
def test_every_type_of_purpose_has_a_level(name):
    marketing = BOOK.purposes["marketing"]
    assert level_of(replace(marketing, types=(name,))) in Level


def test_the_sample_lies_where_one_expects_it():
    found = {one.id: level_of(one) for one in BOOK.code.purposes}
    assert found == {
        "delivery": Level.NEEDED,
        "tax": Level.NEEDED,
        "fraud": Level.NEEDED,
        "support": Level.NEEDED,
        "menu": Level.KNOWN,
        "loyalty.rewards": Level.KNOWN,
        "marketing": Level.KNOWN,
    }


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"types": ("ServiceUsageAnalytics",)}, Level.IMPROVE),
        ({"types": ("ServiceUsageAnalytics", "DirectMarketing")}, Level.KNOWN),
        ({"types": ("DeliveryOfGoods",)}, Level.NEEDED),
        ({"types": ("DeliveryOfGoods",), "profiling": True}, Level.KNOWN),
        ({"types": ()}, Level.KNOWN),
        ({"types": ("Unheard",)}, Level.KNOWN),
        ({"basis": Basis.CONTRACT}, Level.NEEDED),
        ({"basis": Basis.CONTRACT, "profiling": True}, Level.KNOWN),
        ({"basis": Basis.LEGAL_OBLIGATION, "profiling": True}, Level.NEEDED),
    ],
    ids=str,
)
def test_a_purpose_belongs_to_the_lowest_level_that_leaves_it_open(change, level):
    assert level_of(replace(BOOK.purposes["marketing"], **change)) is level


def test_levels_are_offered_where_the_code_lets_purposes_be_ruled_out():
    assert levels.offered(BOOK)
    code = replace(BOOK.code, terms=())
    assert not levels.offered(replace(BOOK, code=code))
    needed = tuple(one for one in BOOK.code.purposes if level_of(one) is Level.NEEDED)
    assert not levels.offered(replace(BOOK, code=replace(BOOK.code, purposes=needed)))
