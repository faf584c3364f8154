"""Nothing is inferred that the code does not explain, and nothing by a way that the law closes."""

import pytest

from policies.compile import compile_, load
from policies.model import Automation
from tests.policies.documents import errors_of, swapped

VALUE = """\
  traits.value:
    label: How much you buy
    why: To thank good customers.
    type: number
    category: PurchasesAndSpendingHabit
    sensitivity: ordinary
    sources: [inferred]
    retention: P1Y
"""
DERIVATION = """\
derivations:
  value:
    label: How much you buy
    how: We add up what you bought in a year.
    field: traits.value
    from: [interaction.purchase, preferences.coffee]
    automation: FullAutomation
    purposes: [rewards]
    contest: Tell us, and it is deleted.
"""
USES = "      preferences.coffee: [read, write]\n"
INFERRING = (
    ("  observed: We saw it while we served you.\n",
     "  observed: We saw it while we served you.\n  inferred: We concluded it.\n"),
    ("interactions:\n", f"{VALUE}interactions:\n"),
    (USES, f"{USES}      traits.value: [read, write]\n"),
    ("    expiry: P12M\n", "    expiry: P12M\n    profiling: yes\n"),
    ("terms: [pause, never-purpose]\n", DERIVATION),
)  # fmt: skip
TEXT = swapped(*INFERRING)


def test_a_derivation_says_what_is_inferred_from_what_and_how():
    book = compile_(TEXT.encode(), name="code.yaml")
    (found,) = book.code.derivations
    assert book.derivation_of("traits.value") == found
    assert found.inputs == ("interaction.purchase", "preferences.coffee")
    assert found.automation is Automation.FULL
    assert not found.decides
    assert book.derivation_of("contact.email") is None
    assert load(book.document) == book


def error_at(what, *pairs):
    before, mark, after = swapped(*pairs, text=TEXT).partition("‸")
    assert mark
    errors = errors_of(before + after)
    found = [one for one in errors if what in one.what]
    assert len(found) == 1, [str(one) for one in errors]
    assert found[0].line == before.count("\n") + 1
    return found[0]


TWO = """\
  again:
    label: Again
    how: By the eye.
    field: ‸traits.value
    from: [interaction.purchase]
    automation: NotAutomated
    purposes: [rewards]
    contest: Tell us.
"""


@pytest.mark.parametrize(
    ("pairs", "what", "advice"),
    [
        (
            [("field: traits.value", "field: ‸traits.values")],
            "'traits.values' is not declared",
            "Did you mean 'traits.value'?",
        ),
        (
            [("field: traits.value", "field: ‸preferences.note")],
            "`preferences.note` is not gathered by inference",
            "Add `inferred` to its sources",
        ),
        (
            [("from: [interaction.purchase, ", "from: ‸[interaction.purchace, ")],
            "'interaction.purchace' is not declared",
            "Did you mean 'interaction.purchase'?",
        ),
        (
            [("from: [interaction.purchase, ", "from: ‸[traits.value, interaction.purchase, ")],
            "`traits.value` is inferred from itself: traits.value from traits.value",
            "Take one of them out",
        ),
        (
            [("purposes: [rewards]", "purposes: ‸[reward]")],
            "'reward' is no purpose",
            "Did you mean 'rewards'?",
        ),
        (
            [
                ("    profiling: yes\n", ""),
                ("purposes: [rewards]", "purposes: ‸[rewards]"),
            ],
            "`rewards` lets a machine evaluate a person",
            "Write `profiling: yes`",
        ),
        (
            [
                ("traits.value: [read, write]", "traits.value: [read]"),
                ("purposes: [rewards]", "purposes: ‸[rewards]"),
            ],
            "`rewards` may not write `traits.value`",
            "Add `traits.value: [read, write]`",
        ),
        (
            [
                ("interaction.purchase: [read, append]", "interaction.purchase: [append]"),
                ("purposes: [rewards]", "purposes: ‸[rewards]"),
            ],
            "`rewards` may not read `interaction.purchase`",
            "Add `interaction.purchase: [read]`",
        ),
        (
            [
                ("contest: Tell", "decides: yes\n    human: Call us.\n    contest: Tell"),
                ("purposes: [rewards]", "purposes: ‸[rewards]"),
            ],
            "`rewards` has no basis on which an inference may decide",
            "`explicit: yes`",
        ),
        (
            [
                ("profiling: yes\n", "profiling: yes\n    explicit: yes\n"),
                ("  value:\n", "  ‸value:\n"),
                ("contest: Tell", "decides: yes\n    contest: Tell"),
            ],
            "What is decided by an inference lacks `human`",
            "Add `human: …`",
        ),
        (
            [("contest: Tell us, and it is deleted.\n", f"contest: Tell.\n{TWO}")],
            "`traits.value` is inferred by `value` already",
            "Keep one of the two",
        ),
        (
            [("    sources: [observed]", "    sources: ‸[observed, inferred]")],
            "A contact event is never inferred",
            "Take `inferred` out",
        ),
        ([(DERIVATION, ""), ("sources: [inferred]", "sources: ‸[inferred]")],
         "Nothing says how `traits.value` is inferred", "Add it under `derivations`"),
    ],
)  # fmt: skip
def test_a_derivation_that_does_not_fit_is_refused(pairs, what, advice):
    assert advice in error_at(what, *pairs).advice


def test_what_a_person_infers_without_a_machine_is_no_profiling():
    text = swapped(
        ("automation: FullAutomation", "automation: NotAutomated"),
        ("    profiling: yes\n", ""),
        text=TEXT,
    )
    compile_(text.encode(), name="code.yaml")


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("category: FavouriteFood\n    sensitivity: ", "from which nothing is inferred"),
        ("category: PurchasesAndSpendingHabit\n    sensitivity: ", "which is never inferred"),
    ],
)
def test_specially_protected_data_is_neither_input_nor_result(field, what):
    text = swapped(
        (f"{field}ordinary", f"{field}special"),
        ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"),
        text=TEXT,
    )
    (error,) = errors_of(text)
    assert what in error.what


def test_an_explicit_consent_with_a_way_to_a_person_may_decide():
    text = swapped(
        ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"),
        ("contest: Tell", "decides: yes\n    human: Call us.\n    contest: Tell"),
        text=TEXT,
    )
    (found,) = compile_(text.encode(), name="code.yaml").code.derivations
    assert found.decides


def test_a_longer_circle_is_told_once_with_its_way():
    second = VALUE.replace("traits.value", "traits.worth")
    derived = DERIVATION.replace("derivations:\n  value:", "  worth:").replace(
        "traits.value", "traits.worth"
    )
    text = swapped(
        ("interactions:\n", f"{second}interactions:\n"),
        ("traits.value: [read, write]\n", "traits.value: [read, write]\n      traits.worth: [read, write]\n"),
        ("from: [interaction.purchase, ", "from: [traits.worth, interaction.purchase, "),
        text=TEXT,
    )  # fmt: skip
    derived = derived.replace("from: [", "from: [traits.value, ")
    (error,) = errors_of(text + derived)
    assert error.what == (
        "`traits.value` is inferred from itself: traits.value from traits.worth from traits.value."
    )
