"""What may tell of health or faith is warned of, wherever the word stands."""

import pytest

from policies.compile import warnings
from policies.errors import MAX_ERRORS, Mistakes
from tests.policies.documents import GOOD, swapped
from tests.policies.known import KNOWN


@pytest.mark.parametrize(
    ("pair", "word", "line"),
    [
        (("    label: Coffee\n", "    label: Diet\n"), "Diet", "    sensitivity: ordinary"),
        (("filter: Filter coffee}", "filter: Gluten-free}"), "Gluten", "    sensitivity: ordinary"),
        (("filter: Filter coffee}", "vegan: Filter}"), "vegan", "    sensitivity: ordinary"),
        (("    label: Purchase\n", "    label: Pharmacy order\n"), "Pharmacy", "    sensitivity: "),
        (("    label: Note\n", "    label: Alergia\n"), "Alergia", "    sensitivity: ordinary"),
    ],
)
def test_a_word_that_hints_at_more_is_warned_of_at_its_sensitivity(pair, word, line):
    text = swapped(pair)
    (found,) = warnings(text.encode(), name="code.yaml")
    assert f"'{word}' may tell" in found.what
    assert "sensitivity: special" in found.advice
    assert text.splitlines()[found.line - 1].startswith(line)


def test_what_is_specially_protected_already_is_not():
    text = swapped(
        ("    label: Coffee\n", "    label: Diet\n"),
        ("category: FavouriteFood\n    sensitivity: ordinary", "category: Preference\n    sensitivity: special"),
        ("    expiry: P12M\n", "    expiry: P12M\n    explicit: yes\n"),
    )  # fmt: skip
    assert warnings(text.encode(), name="code.yaml") == ()


def test_plain_words_are_left_alone():
    assert warnings(GOOD.encode(), name="code.yaml") == ()


def test_no_more_warnings_are_kept_than_anybody_reads():
    mistakes = Mistakes("code.yaml")
    for _ in range(MAX_ERRORS + 5):
        mistakes.warn(("fields",), "It may tell.", "Look at it.")
    assert len(mistakes.warnings) == MAX_ERRORS
    mistakes.check()  # a warning is no mistake


def test_a_question_that_hints_at_more_is_warned_of():
    asked = swapped(("label: What mattered", "label: Which diet do you keep"), text=KNOWN)
    (found,) = warnings(asked.encode(), name="code.yaml")
    assert "'diet' may tell" in found.what
    assert "Ask something else" in found.advice
    assert "matter:" in asked.splitlines()[found.line - 1]
    assert warnings(KNOWN.encode(), name="code.yaml") == ()


def test_an_answer_that_is_specially_protected_may_be_asked_for():
    text = swapped(
        ("label: What mattered", "label: Which diet do you keep"),
        ("    category: Opinion\n    sensitivity: ordinary\n    sources: [told]\n    retention: P1Y\n    follow_up",
         "    category: Opinion\n    sensitivity: special\n    sources: [told]\n    retention: P1Y\n    follow_up"),
        ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"),
        text=KNOWN,
    )  # fmt: skip
    assert warnings(text.encode(), name="code.yaml") == ()
