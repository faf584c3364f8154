"""Comparing codes is an order: what asks no more is narrower, and what cannot be compared is wider."""

from dataclasses import replace

import pytest
from hypothesis import given

from policies import stored
from policies.compile import compile_, load
from policies.diff import Dimension, Item, Outcome, diff
from policies.model import Basis, Sensitivity
from tests.policies.documents import SAMPLE, good, swapped
from tests.policies.edited import family
from tests.policies.generated import rulebook_of, seeds

NEXT = compile_(SAMPLE.with_name("sample-2026-12.yaml").read_bytes(), name="next")
THIS = compile_(SAMPLE.read_bytes(), name="this")


def outcomes(old, new):
    return {one.purpose: one.outcome for one in diff(old, new)}


def asks_no_more(old, new):
    no_more = (Outcome.EQUAL, Outcome.NARROWER)
    return {purpose for purpose, one in outcomes(old, new).items() if one in no_more}


@given(seeds)
def test_a_code_is_equal_to_itself(seed):
    book = rulebook_of(seed)
    again = load(book.document)
    assert set(outcomes(book, again).values()) == {Outcome.EQUAL}
    assert not any(one.changes or one.reworded for one in diff(book, again))


@given(seeds)
def test_two_that_each_ask_no_more_than_the_other_are_equal(seed):
    first, second, _ = family(seed)
    there, back = outcomes(first, second), outcomes(second, first)
    for purpose in asks_no_more(first, second) & asks_no_more(second, first):
        assert there[purpose] is back[purpose] is Outcome.EQUAL
    for purpose in there.keys() & back.keys():
        assert (there[purpose] is Outcome.EQUAL) is (back[purpose] is Outcome.EQUAL)


@given(seeds)
def test_asking_no_more_is_passed_on(seed):
    first, second, third = family(seed)
    both = asks_no_more(first, second) & asks_no_more(second, third)
    assert both <= asks_no_more(first, third)


def test_the_codes_made_by_lot_meet_every_outcome_and_dimension():
    found, dimensions = set(), set()
    for seed in range(300):
        for one in diff(*family(seed)[:2]):
            found.add(one.outcome)
            dimensions |= {change.dimension for change in one.changes}
    assert found >= {Outcome.EQUAL, Outcome.NARROWER, Outcome.WIDER, Outcome.REFUSED}
    made = {Dimension.COUNTRIES, Dimension.FORM, Dimension.IDENTIFIES}
    made |= {Dimension.DELAY, Dimension.KEEP, Dimension.ACTIONS}
    assert dimensions >= set(Dimension) - made  # those have examples below


def test_the_sample_asks_more_less_and_the_same():
    assert outcomes(THIS, NEXT) == {
        "delivery": Outcome.WIDER,
        "tax": Outcome.NEW,
        "fraud": Outcome.NEW,
        "menu": Outcome.NEW,
        "loyalty.rewards": Outcome.NARROWER,
        "marketing": Outcome.WIDER,
        "support": Outcome.EQUAL,
    }
    marketing = next(one for one in diff(THIS, NEXT) if one.purpose == "marketing")
    (change,) = marketing.changes
    assert (change.dimension, change.added, change.removed) == (
        Dimension.FIELDS,
        (Item("", "contact.phone"),),
        (),
    )
    assert marketing.reworded
    assert {one.purpose for one in diff(NEXT, THIS) if one.outcome is Outcome.DROPPED} == {
        "tax",
        "fraud",
        "menu",
    }


REWARDS = "    basis: consent\n    expiry: P12M\n"


@pytest.mark.parametrize(
    ("swap", "dimension", "outcome"),
    [
        (("expiry: P12M", "expiry: P6M"), Dimension.EXPIRY, Outcome.NARROWER),
        (
            ("preferences.coffee: [read, write]", "preferences.coffee: [read]"),
            Dimension.ACTIONS,
            Outcome.NARROWER,
        ),
        (("benefit: A drink for every ten.", "benefit: Points."), Dimension.BENEFIT, Outcome.WIDER),
        (
            ("benefit: A drink for every ten.", "benefit: A drink for every ten. And tea."),
            Dimension.BENEFIT,
            Outcome.NARROWER,
        ),
        (
            ("    expiry: P12M\n", "    expiry: P12M\n    profiling: yes\n"),
            Dimension.PROFILING,
            Outcome.WIDER,
        ),
    ],
)
def test_a_clause_that_changes_in_one_thing_says_which(swap, dimension, outcome):
    new = compile_(swapped(swap).encode(), name="new")
    rewards = next(one for one in diff(good(), new) if one.purpose == "rewards")
    assert (rewards.outcome, [one.dimension for one in rewards.changes]) == (outcome, [dimension])
    back = next(one for one in diff(new, good()) if one.purpose == "rewards")
    opposite = {Outcome.NARROWER: {Outcome.WIDER}, Outcome.WIDER: {Outcome.WIDER, Outcome.NARROWER}}
    assert back.outcome in opposite[outcome]


def test_other_words_are_equal_and_said_to_be_other_words():
    new = compile_(
        swapped(("what: We count points.", "what: Points are counted.")).encode(), name="n"
    )
    rewards = next(one for one in diff(good(), new) if one.purpose == "rewards")
    assert (rewards.outcome, rewards.changes, rewards.reworded) == (Outcome.EQUAL, (), True)


def changed(book, purpose="rewards", **changes):
    """A code with one purpose edited, whether it would compile or not."""
    purposes = tuple(
        replace(one, **changes) if one.id == purpose else one for one in book.code.purposes
    )
    return load(stored.dumps(replace(book.code, purposes=purposes)))


@pytest.mark.parametrize("basis", [one for one in Basis if one is not Basis.CONSENT])
def test_another_basis_is_refused(basis):
    assert outcomes(good(), changed(good(), basis=basis))["rewards"] is Outcome.REFUSED


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("P12M", "P1Y", Outcome.EQUAL),
        ("P1M", "P30D", Outcome.WIDER),
        ("P30D", "P1M", Outcome.WIDER),
        ("P31D", "P1M", Outcome.NARROWER),
        ("P1M", "P31D", Outcome.WIDER),
    ],
)
def test_durations_are_compared_by_what_they_surely_last(old, new, expected):
    before, after = changed(good(), expiry=old), changed(good(), expiry=new)
    assert outcomes(before, after)["rewards"] is expected


def test_an_explicit_yes_asks_less_than_any_yes():
    explicit = changed(good(), explicit=True)
    assert outcomes(good(), explicit)["rewards"] is Outcome.NARROWER
    assert outcomes(explicit, good())["rewards"] is Outcome.WIDER


def test_a_recipient_that_moves_abroad_or_is_sold_is_wider():
    apps = good().code.recipients
    for change in ({"country": "US"}, {"external": True}):
        moved = tuple(replace(one, **change) for one in apps)
        new = load(stored.dumps(replace(good().code, recipients=moved)))
        assert outcomes(good(), new)["rewards"] is Outcome.WIDER


def test_a_field_of_another_kind_is_wider_for_every_clause_that_uses_it():
    for change in (
        {"category": "Like"},
        {"sensitivity": Sensitivity.SENSITIVE},
        {"retention": "P9Y"},
    ):
        fields = tuple(
            replace(one, **change) if one.name == "preferences.coffee" else one
            for one in good().code.fields
        )
        new = load(stored.dumps(replace(good().code, fields=fields)))
        assert outcomes(good(), new)["rewards"] is Outcome.WIDER, change
