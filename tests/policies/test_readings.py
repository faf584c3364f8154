"""What a code says of contacts, methods, benefits, surveys and duplicates asks more or less."""

from dataclasses import replace

import pytest

from policies import stored
from policies.compile import load
from policies.diff import Dimension, Item, Outcome, of_clause
from tests.policies.known import known

WIDER, NARROWER = Outcome.WIDER, Outcome.NARROWER
FOLLOW_UP = "    follow_up: {within: P5D, owner: support}\n"
SPENT = "    method: {function: value, period: P12M, fact: total}\n"
BIRTHDAY = "      birthday: {label: A drink on your birthday, needs: [contact.birth_date]}\n"
WORDS = "      words: {type: text, label: What else}\n"
SAME = "same: [[contact.email, preferences.note]]"


def outcome(old, new, purpose):
    found = of_clause(old, new, purpose)
    return found.outcome, {one.dimension for one in found.changes}


@pytest.mark.parametrize(
    ("pair", "purpose", "dimension", "there", "back"),
    [
        ((SPENT, SPENT.replace("P12M", "P6M")), "rewards", Dimension.METHOD, WIDER, WIDER),
        ((SPENT, ""), "rewards", Dimension.METHOD, WIDER, WIDER),
        (("    reaches: post\n", ""), "rewards", Dimension.REACHES, NARROWER, WIDER),
        (("    reaches: post", "    reaches: phone"), "rewards", Dimension.REACHES, WIDER, WIDER),
        (("    portal: yes\n", ""), "rewards", Dimension.PORTAL, WIDER, NARROWER),
        (
            (FOLLOW_UP, FOLLOW_UP.replace("P5D", "P9D")),
            "rewards",
            Dimension.FOLLOW_UP,
            WIDER,
            NARROWER,
        ),
        (
            (FOLLOW_UP, FOLLOW_UP.replace("support", "steward")),
            "rewards",
            Dimension.FOLLOW_UP,
            WIDER,
            WIDER,
        ),
        ((BIRTHDAY, BIRTHDAY + BIRTHDAY.replace("birthday:", "feast:")), "rewards",
         Dimension.BENEFITS, NARROWER, WIDER),
        (("[contact.birth_date]}", "[contact.birth_date, preferences.coffee]}"), "rewards",
         Dimension.SHARED, WIDER, NARROWER),
        (("after: [interaction.purchase]", "after: [interaction.purchase, interaction.call]"),
         "rewards", Dimension.ASKED_AFTER, WIDER, NARROWER),
        ((WORDS, ""), "rewards", Dimension.ASKED_WHAT, NARROWER, WIDER),
        (("low: 6", "low: 5"), "rewards", Dimension.ASKED_WHAT, WIDER, WIDER),
        (("choices: {taste: Taste, wait: Wait}", "choices: {taste: Taste}"), "rewards",
         Dimension.ASKED_WHAT, NARROWER, WIDER),
        (("wait: P1D", "wait: P3D"), "rewards", Dimension.ASKED_SOON, NARROWER, WIDER),
        (("at_most: P90D", "at_most: P30D"), "rewards", Dimension.ASKED_OFTEN, WIDER, NARROWER),
        (("at_most: P90D", "at_most: P3M"), "rewards", Dimension.ASKED_OFTEN, WIDER, WIDER),
        (("expires: P30D", "expires: P60D"), "rewards", Dimension.ASKED_LONG, WIDER, NARROWER),
        ((SAME, "same: [[contact.email]]"), "delivery", Dimension.DUPLICATES, WIDER, WIDER),
        ((SAME, SAME.replace("note]]", "note], [contact.email]]")), "delivery",
         Dimension.DUPLICATES, WIDER, NARROWER),
        (("minimum_group: 20", "minimum_group: 10"), "rewards", Dimension.MINIMUM_GROUP, WIDER,
         NARROWER),
        (("minimum_group: 20\n", ""), "rewards", Dimension.MINIMUM_GROUP, WIDER, NARROWER),
    ],
)  # fmt: skip
def test_a_change_says_which_way_it_goes(pair, purpose, dimension, there, back):
    new = known(pair)
    assert outcome(known(), new, purpose) == (there, {dimension})
    assert outcome(new, known(), purpose) == (back, {dimension})


def test_a_clause_without_surveys_does_not_answer_for_the_least_group():
    new = known(("minimum_group: 20", "minimum_group: 10"))
    for purpose in ("delivery", "fraud"):
        assert outcome(known(), new, purpose) == (Outcome.EQUAL, set())


def test_a_survey_that_begins_asks_more_and_one_that_ends_asks_less():
    book = known()
    without = load(stored.dumps(replace(book.code, surveys=())))
    both = {Dimension.SURVEYS, Dimension.MINIMUM_GROUP}
    assert outcome(without, book, "rewards") == (WIDER, both)
    assert outcome(book, without, "rewards") == (NARROWER, both)


def test_a_follow_up_that_is_promised_no_more_asks_more():
    book = known()
    kinds = tuple(replace(one, follow_up=None) for one in book.code.interactions)
    without = load(stored.dumps(replace(book.code, interactions=kinds)))
    assert outcome(book, without, "rewards") == (WIDER, {Dimension.FOLLOW_UP})
    assert outcome(without, book, "rewards") == (NARROWER, {Dimension.FOLLOW_UP})
    (change,) = of_clause(book, without, "rewards").changes
    assert change.removed == (Item("interaction.answer", "P5D support"),)


def test_the_order_in_which_needs_are_tried_is_part_of_the_method():
    book = known()
    one = next(one for one in book.code.derivations if one.id == "needs")
    assert one.method is not None
    turned = replace(one.method, segments=one.method.segments[::-1])
    others = tuple(replace(it, method=turned) if it is one else it for it in book.code.derivations)
    new = load(stored.dumps(replace(book.code, derivations=others)))
    assert outcome(book, new, "rewards") == (WIDER, {Dimension.METHOD})


@pytest.mark.parametrize(
    "pair",
    [
        ("invitation: How was it?", "invitation: How did it go?"),
        ("thanks: Thank you.", "thanks: Thanks."),
        ("label: What mattered", "label: What counted"),
        ("{taste: Taste,", "{taste: The taste,"),
        ("label: A drink on your birthday", "label: A drink of your choice"),
    ],
)
def test_other_words_are_other_words(pair):
    found = of_clause(known(), known(pair), "rewards")
    assert (found.outcome, found.changes, found.reworded) == (Outcome.EQUAL, (), True)
