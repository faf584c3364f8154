"""A method says what the vault counts, in a form that its field can hold."""

import pytest

from policies.compile import load
from policies.method import Band, Condition, Function, Segment, Way
from policies.method_words import labelled, named, sentence, yields
from policies.page import page
from policies.wording import of
from tests.policies.known import known


def methods(book):
    return {one.id: one.method for one in book.code.derivations}


def views(book, lang="en"):
    return {one.id: one.method for one in page(book, lang).derivations}


def test_each_function_is_read_with_what_it_is_given():
    found = methods(known())
    often, needs, way, spent = (found[one] for one in ("often", "needs", "way", "spent"))
    assert (often.function, often.period, often.least) == (Function.FREQUENCY, "P12M", 2)
    assert often.bands == (Band("seldom", 0), Band("often", 12))
    assert needs.segments == (
        Segment(
            "quick",
            (
                Condition("preferences.coffee", ("espresso",)),
                Condition("preferences.gifts", ("no",)),
            ),
        ),
        Segment("craft", (Condition("preferences.coffee", ("filter",)),)),
    )
    assert way.ways == (Way("shop", ("purchase",)), Way("phone", ("call",)))
    assert (spent.function, spent.fact, spent.least, spent.bands) == (
        Function.VALUE,
        "total",
        1,
        (),
    )


def test_the_days_since_the_last_may_be_a_number_or_bands_of_it():
    value = "{function: value, period: P12M, fact: total}"
    bare = known((value, "{function: recency}"))
    assert methods(bare)["spent"].function is Function.RECENCY
    often = "{function: frequency, period: P12M, least: 2, bands: {seldom: 0, often: 12}}"
    banded = known((often, "{function: recency, bands: {often: 0, seldom: 90}}"))
    assert methods(banded)["often"].bands == (Band("often", 0), Band("seldom", 90))


def test_a_code_with_all_of_it_is_stored_and_read_back_byte_for_byte():
    book = known()
    again = load(book.document)
    assert again == book
    assert again.document == book.document
    assert b'"reaches":"post"' in book.document
    assert book.document.count(b'"least"') == 1  # what is at its default is not written


SENTENCES = {
    "en": "We count these contacts, looking back 1 year. With fewer than 2 of them we say nothing.",
    "pt-BR": (
        "Contamos estes contatos, olhando 1 ano para trás. Com menos de 2 deles não dizemos nada."
    ),
    "pt-PT": "Contamos estes contactos, recuando 1 ano. Com menos de 2 deles nada dizemos.",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_what_is_counted_is_a_sentence_in_each_language(lang):
    assert sentence(views(known())["often"], of(lang)) == SENTENCES[lang]


def test_each_function_has_a_sentence_of_its_own():
    book = known(("{function: value, period: P12M, fact: total}", "{function: recency}"))
    found = {**views(known()), "days": views(book)["spent"]}
    said = {sentence(one, of("en")) for one in found.values()}
    assert len(said) == len(Function)
    assert "We add up the number “total” of these contacts, looking back 1 year." in said
    assert "We count the days since the last of these contacts." in said


def test_each_choice_says_what_leads_to_it():
    words, found = of("en"), views(known())
    assert list(yields(found["often"], words, labelled)) == [
        ("seldom", "Seldom: from 0 on"),
        ("often", "Often: from 12 on"),
    ]
    assert list(yields(found["needs"], words, labelled)) == [
        ("quick", "Quick: Coffee is Espresso and Gifts wrapped is no"),
        ("craft", "Craft: Coffee is Filter coffee"),
    ]
    assert list(yields(found["way"], words, named)) == [
        ("shop", "In the shop [shop]: Purchase [interaction.purchase]"),
        ("phone", "By telephone [phone]: Call [interaction.call]"),
    ]
    assert list(yields(found["spent"], words, labelled)) == []


def test_several_values_of_one_detail_are_joined_by_or():
    book = known(
        ("{preferences.coffee: [filter]}", "{preferences.coffee: [espresso, filter]}"),
    )
    rows = dict(yields(views(book)["needs"], of("pt-BR"), labelled))
    assert rows["craft"] == "Craft: Coffee é Espresso ou Filter coffee"
