"""Nothing is inferred that the code does not explain, and nothing by a way that the law closes."""

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


def test_what_a_person_infers_without_a_machine_is_no_profiling():
    text = swapped(
        ("automation: FullAutomation", "automation: NotAutomated"),
        ("    profiling: yes\n", ""),
        text=TEXT,
    )
    compile_(text.encode(), name="code.yaml")


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


def test_two_ways_to_the_same_input_are_no_circle():
    second = VALUE.replace("traits.value", "traits.worth")
    text = swapped(
        ("interactions:\n", f"{second}interactions:\n"),
        ("traits.value: [read, write]\n", "traits.value: [read, write]\n      traits.worth: [read, write]\n"),
        ("from: [interaction.purchase, ", "from: [traits.worth, interaction.purchase, "),
        text=TEXT,
    )  # fmt: skip
    derived = DERIVATION.replace("derivations:\n  value:", "  worth:")
    derived = derived.replace("traits.value", "traits.worth")
    book = compile_((text + derived).encode(), name="code.yaml")
    assert len(book.code.derivations) == 2
