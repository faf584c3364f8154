"""Each order is one, and each dimension that has an order says which way is more."""

from dataclasses import replace
from itertools import combinations

import pytest

from policies import orders, stored
from policies.compile import compile_, load
from policies.diff import Dimension, Item, Outcome, diff, promises
from policies.dimensions import RULES
from policies.model import Automation, Sensitivity
from tests.policies.documents import good, swapped
from tests.policies.test_derivations import TEXT

DERIVED = compile_(TEXT.encode(), name="derived.yaml")


def subsets(words, most):
    return [frozenset(some) for size in range(most + 1) for some in combinations(words, size)]


SPANS = [
    *(frozenset({one}) for one in ("P1M", "P30D", "P31D", "P6M", "P1Y", "P365D", "P12M")),
    frozenset[str](),
]
WORDS = {
    orders.included: subsets("abc", 3),
    orders.includes: subsets("abc", 3),
    orders.same: subsets("abc", 2),
    orders.no_broader: subsets(
        ("EmailAddress", "PostalCode", "PhysicalAddress", "Contact", "Location", "Name"), 2
    ),
    orders.no_more_sensitive: [frozenset({one.value}) for one in Sensitivity],
    orders.no_more_automated: subsets([one.value for one in Automation], 1),
    orders.no_longer: SPANS,
    orders.no_shorter: SPANS,
    orders.no_later: [
        *(
            frozenset({f"{one} {owner}"})
            for one in ("P1M", "P30D", "P31D", "P1Y", "P12M")
            for owner in ("support", "steward")
        ),
        frozenset[str](),
    ],
    orders.no_smaller: subsets(["5", "10", "100"], 1),
    orders.same_or_nothing: subsets("abc", 2),
}


OTHER_WORDS = {orders.no_broader, orders.no_longer, orders.no_shorter, orders.no_later}


@pytest.mark.parametrize("within", WORDS)
def test_an_order_is_reflexive_and_passed_on(within):
    said = WORDS[within]
    for one in said:
        assert within(one, one)
        for other in said:
            for third in said:
                if within(one, other) and within(other, third):
                    assert within(one, third), (one, other, third)


@pytest.mark.parametrize("within", WORDS)
def test_what_is_within_each_other_says_the_same(within):
    said = WORDS[within]
    for one, other in combinations(said, 2):
        if within(one, other) and within(other, one):
            # Other words for the same: a year in months, or a term beside a broader one.
            assert within in OTHER_WORDS, (one, other)
            assert all(within(one, third) is within(other, third) for third in said)


def test_every_dimension_has_an_order():
    assert set(RULES) == set(Dimension)
    assert {rule.within for rule in RULES.values()} == set(WORDS)


def clause(old, new, purpose="rewards"):
    return next(one for one in diff(old, new) if one.purpose == purpose)


def edited(*pairs):
    return compile_(swapped(*pairs, text=TEXT).encode(), name="edited.yaml")


FROM = "from: [interaction.purchase, preferences.coffee]"
EXPLICIT = ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n")


@pytest.mark.parametrize(
    ("pair", "dimension", "outcome"),
    [
        ((FROM, "from: [interaction.purchase]"), Dimension.DERIVED, Outcome.NARROWER),
        (
            (FROM, "from: [interaction.purchase, preferences.coffee, contact.birth_date]"),
            Dimension.DERIVED,
            Outcome.WIDER,
        ),
        ((FROM, "from: [contact.birth_date]"), Dimension.DERIVED, Outcome.WIDER),
        (
            ("automation: FullAutomation", "automation: PartialAutomation"),
            Dimension.AUTOMATION,
            Outcome.NARROWER,
        ),
        (
            ("automation: FullAutomation", "automation: Autonomous"),
            Dimension.AUTOMATION,
            Outcome.WIDER,
        ),
    ],
)
def test_a_clause_answers_for_how_what_it_uses_is_inferred(pair, dimension, outcome):
    new = edited(pair)
    found = clause(DERIVED, new)
    assert (found.outcome, [one.dimension for one in found.changes]) == (outcome, [dimension])
    back = clause(new, DERIVED).outcome
    incomparable = pair[1] == "from: [contact.birth_date]"
    assert back is (
        Outcome.WIDER if outcome is Outcome.NARROWER or incomparable else Outcome.NARROWER
    )
    assert clause(DERIVED, new, "delivery").outcome is Outcome.EQUAL


def test_deciding_on_an_inference_asks_more():
    old = edited(EXPLICIT)
    new = edited(
        EXPLICIT, ("contest: Tell", "decides: yes\n    human: Call us.\n    contest: Tell")
    )
    found = clause(old, new)
    assert (found.outcome, [one.dimension for one in found.changes]) == (
        Outcome.WIDER,
        [Dimension.DECIDES],
    )
    assert clause(new, old).outcome is Outcome.NARROWER


def test_beginning_to_infer_under_another_purpose_asks_more_there():
    one = DERIVED.code.derivations[0]
    moved = replace(DERIVED.code, derivations=(replace(one, purposes=("rewards", "delivery")),))
    (change,) = clause(DERIVED, load(stored.dumps(moved)), "delivery").changes
    assert (change.dimension, change.outcome) == (Dimension.DERIVED, Outcome.WIDER)
    assert change.added == (Item("", "traits.value"),)


def test_other_words_on_how_something_is_inferred_are_other_words():
    found = clause(DERIVED, edited(("contest: Tell us", "contest: Say so")))
    assert (found.outcome, found.changes, found.reworded) == (Outcome.EQUAL, (), True)


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("EmailAddress", "Contact", Outcome.WIDER),
        ("Contact", "EmailAddress", Outcome.NARROWER),
        ("EmailAddress", "TelephoneNumber", Outcome.WIDER),
        ("PostalCode", "Location", Outcome.WIDER),
        ("Location", "PostalCode", Outcome.NARROWER),
    ],
)
def test_a_broader_category_asks_more_and_a_sibling_cannot_be_compared(old, new, outcome):
    books = [
        compile_(
            swapped(("category: EmailAddress", f"category: {one}")).replace("    identifies: email\n", "").encode(),
            name="code.yaml",
        )
        for one in (old, new)
    ]  # fmt: skip
    for purpose in ("delivery", "fraud"):  # on bases other than consent too
        found = clause(books[0], books[1], purpose)
        assert (found.outcome, [one.dimension for one in found.changes]) == (
            outcome,
            [Dimension.CATEGORY],
        )


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("[DirectMarketing]", "[Marketing]", Outcome.WIDER),
        ("[Marketing]", "[DirectMarketing]", Outcome.NARROWER),
        ("[Marketing]", "[DirectMarketing, SocialMediaMarketing]", Outcome.NARROWER),
        ("[Marketing]", "[DirectMarketing, CustomerCare]", Outcome.WIDER),
        ("[CustomerCare, CustomerManagement]", "[CustomerManagement]", Outcome.EQUAL),
    ],
)
def test_a_broader_purpose_asks_more(old, new, outcome):
    books = [
        compile_(swapped(("types: [PersonalisedBenefits]", f"types: {one}")).encode(), name="c")
        for one in (old, new)
    ]
    assert clause(books[0], books[1]).outcome is outcome


def with_promises(*lines):
    text = "never:\n" + "".join(f"  {line}\n" for line in lines) if lines else ""
    return compile_(
        swapped(("terms: [pause, never-purpose]\n", text)).encode(), name="promises.yaml"
    )


SELLING = "selling: {text: Never., types: [SellDataToThirdParties, SellInsightsFromData]}"
LESS = "selling: {text: Never., types: [SellDataToThirdParties]}"
OTHER = SELLING.replace("selling:", "trading:")
FAR = "far: {text: Never far., countries_outside: [EEA, GB]}"
NEAR = "far: {text: Never far., countries_outside: [IE]}"


@pytest.mark.parametrize(
    ("old", "new", "outcomes", "given_up"),
    [
        ([SELLING], [SELLING], {"selling": "equal"}, set()),
        ([SELLING], [LESS], {"selling": "wider"}, {"selling"}),
        ([LESS], [SELLING], {"selling": "narrower"}, set()),
        ([SELLING], [], {"selling": "dropped"}, {"selling"}),
        ([], [SELLING], {"selling": "new"}, set()),
        ([SELLING], [OTHER], {"trading": "new", "selling": "equal"}, set()),
        ([SELLING], [LESS, OTHER], {"selling": "equal", "trading": "new"}, set()),
        ([FAR], [NEAR], {"far": "narrower"}, set()),
        ([NEAR, SELLING], [FAR, SELLING], {"far": "wider", "selling": "equal"}, {"far"}),
    ],
)
def test_a_promise_that_is_given_up_or_weakened_is_said(old, new, outcomes, given_up):
    found = promises(with_promises(*old), with_promises(*new))
    assert {one.promise: one.outcome.value for one in found} == outcomes
    assert {one.promise for one in found if one.given_up} == given_up


def test_codes_without_promises_have_nothing_to_give_up():
    assert promises(good(), good()) == ()
