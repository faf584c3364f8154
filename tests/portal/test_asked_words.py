"""What a new code changes in methods, benefits, surveys and follow-ups is said in words."""

import pytest

from policies.diff import Dimension, of_clause
from portal.clause_words import _HEADINGS, marked
from tests.policies.known import known

OFTEN = "{function: frequency, period: P12M, least: 2, bands: {seldom: 0, often: 12}}"
NPS = "recommend: {type: nps, label: Would you recommend us, low: 6}"
CHOICE = "{type: choice, label: What mattered, choices: {taste: Taste, wait: Wait}}"


def changes(purpose, *pairs, lang="en", turned=False):
    old, new = known(), known(*pairs)
    if turned:
        old, new = new, old
    return {
        one.heading: (one.wider, one.added, one.removed)
        for one in marked(of_clause(old, new, purpose), old, new, lang)
    }


def test_every_dimension_has_a_heading_of_its_own():
    assert set(_HEADINGS) == set(Dimension)
    assert len(set(_HEADINGS.values())) == len(Dimension)


def test_a_method_is_said_in_its_sentence():
    said = changes("rewards", (OFTEN, OFTEN.replace("P12M", "P6M")))
    bands = "Seldom: from 0 on; Often: from 12 on"
    least = "With fewer than 2 of them we say nothing."
    assert said == {
        "How it is worked out": (
            True,
            (f"How often: We count these contacts, looking back 6 months. {least} {bands}",),
            (f"How often: We count these contacts, looking back 1 year. {least} {bands}",),
        )
    }
    by_app = changes("rewards", (f"    method: {OFTEN}\n", ""))
    assert by_app["How it is worked out"][1] == ("How often: by an app",)


@pytest.mark.parametrize(
    ("pair", "heading", "wider", "added", "removed"),
    [
        (
            ("reaches: post", "reaches: email"),
            "By what we reach you",
            True,
            ("Letter from us: by e-mail",),
            ("Letter from us: by letter",),
        ),
        (
            ("    portal: yes\n", ""),
            "What you can write yourself",
            True,
            (),
            ("What you tell us: yes",),
        ),
        (
            ("within: P5D", "within: P2D"),
            "By when it is followed up, and by whom",
            False,
            ("Answer: 2 days, support staff",),
            ("Answer: 5 days, support staff",),
        ),
        (
            ("needs: [contact.birth_date]", "needs: [contact.birth_date, preferences.coffee]"),
            "What you share to get it",
            True,
            ("A drink on your birthday: Coffee",),
            (),
        ),
        (
            ("      birthday: {label: A drink on your birthday", "      name: {label: A drink"),
            "What is given for what you share",
            True,
            ("A drink",),
            ("A drink on your birthday",),
        ),
        (
            ("after: [interaction.purchase]", "after: [interaction.purchase, interaction.call]"),
            "After what we ask",
            True,
            ("Your visit: Call",),
            (),
        ),
        (
            ("at_most: P90D", "at_most: P30D"),
            "How often we ask",
            True,
            ("Your visit: 30 days",),
            ("Your visit: 90 days",),
        ),
        (("wait: P1D", "wait: P2D"), "How soon we ask", False, ("Your visit: 2 days",),
         ("Your visit: 1 day",)),
        (("expires: P30D", "expires: P7D"), "How long the link works", False, ("Your visit: 7 days",),
         ("Your visit: 30 days",)),
        (("wait: Wait}", "wait: Wait, place: Place}"), "Questions", True,
         ("Your visit: What mattered Place",), ()),
        ((f"      {NPS}\n", ""), "Questions", False, (), ("Your visit: Would you recommend us",)),
        (("minimum_group: 20", "minimum_group: 5"), "How many people a number must be about", True,
         ("5",), ("20",)),
    ],
)  # fmt: skip
def test_a_change_is_said_by_names_that_people_know(pair, heading, wider, added, removed):
    assert changes("rewards", pair) == {heading: (wider, added, removed)}


def test_a_survey_by_another_way_asks_more():
    said = changes(
        "rewards",
        ("    channel: email\n", "    channel: post\n"),
        ("      contact.email: [read]\n      preferences.often",
         "      contact.email: [read]\n      contact.place: [read]\n      preferences.often"),
        ("  preferences.note:\n", ("  contact.place: {label: Place, why: W, type: address, "
         "category: PhysicalAddress, sensitivity: ordinary, sources: [told], retention: P1Y}\n"
         "  preferences.note:\n")),
    )  # fmt: skip
    assert said["How we ask"] == (True, ("Your visit: by letter",), ("Your visit: by e-mail",))


def test_an_answer_kept_as_something_else_asks_more():
    said = changes(
        "rewards",
        ("answer: interaction.answer", "answer: interaction.feedback"),
        ("    portal: yes\n", "    portal: yes\n    follow_up: {within: P5D, owner: support}\n"),
        ("interaction.feedback: [read]", "interaction.feedback: [read, append]"),
    )
    assert said["How your answer is kept"] == (
        True,
        ("Your visit: What you tell us",),
        ("Your visit: Answer",),
    )


def test_a_survey_that_comes_or_goes_is_named():
    base = known()
    text = base.code.surveys[0]
    assert text.label.get("en") == "Your visit"
    gone = ("    purpose: rewards\n    after: [interaction.purchase]", "    purpose: rewards\n    after: [interaction.call]")  # fmt: skip
    assert "After what we ask" in changes("rewards", gone)
    renamed = changes("rewards", ("surveys:\n  visit:", "surveys:\n  stay:"))
    assert renamed["What we ask you"] == (True, ("Your visit",), ("Your visit",))


def test_details_that_are_compared_together_are_named():
    said = changes(
        "delivery", ("same: [[contact.email, preferences.note]]", "same: [[preferences.note]]")
    )
    heading = "What we compare to find one person kept twice"
    assert said == {heading: (True, ("Note",), ("E-mail, Note",))}


def test_names_that_a_code_no_longer_has_are_said_as_they_are():
    said = changes("rewards", ("matter: " + CHOICE, "other: " + CHOICE), turned=True)
    assert said["Questions"][0]
