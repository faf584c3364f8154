"""What a publisher promises never to do does not compile, and giving a promise up is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import never
from policies.compile import compile_
from policies.document import Never
from policies.errors import CodeErrors
from policies.model import Basis, Sensitivity, Source
from tests.policies.documents import GOOD, errors_of, good, swapped
from tests.policies.generated import rulebook_of
from tests.policies.knowing import words


def with_promise(conditions, *pairs):
    promise = f"never:\n  promised: {{text: Never., {conditions}}}\n"
    return swapped(("terms: [pause, never-purpose]\n", promise), *pairs)


CALLED = ("recipients: [loyalty]", "profiling: yes\n    recipients: [loyalty]")
ABROAD = (
    "  loyalty: {name: Card, team: Shops, country: IE}",
    "  loyalty: {name: Card, team: Shops, country: NO, external: yes}",
)


@pytest.mark.parametrize(
    ("conditions", "pairs", "falling"),
    [
        ("types: [PersonalisedBenefits]", (), {"rewards"}),
        ("types: [Personalisation]", (), {"rewards"}),
        ("types: [Marketing]", (), set()),
        ("categories: [FavouriteFood]", (), {"rewards"}),
        ("categories: [Contact]", (), {"delivery", "fraud"}),
        ("categories: [Contact], bases: [legitimate-interest]", (), {"fraud"}),
        ("sources: [observed], categories: [Contact]", (), set()),
        ("sources: [observed]", (), {"delivery", "rewards"}),
        ("sensitivity: [special]", (), set()),
        ("profiling: yes", (), set()),
        ("profiling: yes", (CALLED,), {"rewards"}),
        ("recipients: external", (), set()),
        ("recipients: external", (ABROAD,), {"rewards"}),
        ("countries_outside: [IE]", (ABROAD,), {"rewards"}),
        ("countries_outside: [EU]", (ABROAD,), {"rewards"}),
        ("countries_outside: [EEA]", (ABROAD,), set()),
        ("countries_outside: [EU, NO]", (ABROAD,), set()),
        ("recipients: external, bases: [contract]", (ABROAD,), set()),
    ],
)
def test_a_clause_that_meets_every_condition_does_not_compile(conditions, pairs, falling):
    text = with_promise(conditions, *pairs)
    errors = errors_of(text) if falling else ()
    if not falling:
        compile_(text.encode(), name="code.yaml")
    assert {one.what.split("`")[1] for one in errors} == falling
    lines = text.splitlines()
    for one in errors:
        assert lines[one.line - 1].strip() == f"{one.what.split('`')[1]}:"
        assert lines[int(one.what.split("line ")[1].split()[0]) - 1].startswith("  promised:")
        assert "Take out of the purpose" in one.advice


def test_conditions_on_what_is_used_are_met_by_one_and_the_same_field():
    text = with_promise("categories: [FavouriteFood], sources: [observed]")
    compile_(text.encode(), name="code.yaml")  # a purchase is observed, a favourite is told
    text = with_promise("categories: [FavouriteFood], sources: [told]")
    with pytest.raises(CodeErrors, match="`rewards` does what"):
        compile_(text.encode(), name="code.yaml")


def promise(**conditions):
    return Never("promised", words("Never."), **conditions)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        (promise(types=("Marketing",)), promise(types=("DirectMarketing",))),
        (promise(categories=("Contact",)), promise(categories=("EmailAddress", "PostalCode"))),
        (promise(countries_outside=("EU",)), promise(countries_outside=("EEA",))),
        (promise(countries_outside=("IE",)), promise(countries_outside=("EU", "BR"))),
        (promise(external=True), promise(external=True, countries_outside=("IE",))),
        (promise(profiling=True), promise(profiling=True, bases=(Basis.CONSENT,))),
        (
            promise(sources=(Source.INFERRED, Source.THIRD_PARTY)),
            promise(sources=(Source.INFERRED,)),
        ),
        (
            promise(sensitivity=tuple(Sensitivity)),
            promise(sensitivity=(Sensitivity.SPECIAL,), profiling=True),
        ),
    ],
)
def test_the_stronger_promise_covers_the_weaker_one_alone(strong, weak):
    assert never.covers(strong, weak)
    assert not never.covers(weak, strong)
    assert never.covers(strong, strong)


def some(*items):
    return st.lists(st.sampled_from(items), max_size=2, unique=True).map(tuple)


PROMISES = st.builds(
    promise,
    types=some("Marketing", "CustomerCare", "CustomerManagement"),
    categories=some("Name", "Identifying", "Communication"),
    sensitivity=some(*Sensitivity),
    sources=some(*Source),
    external=st.booleans(),
    countries_outside=some("IE", "EU", "BR"),
    profiling=st.booleans(),
    bases=some(*Basis),
)


@given(PROMISES, PROMISES, st.integers(0, 999))
def test_what_falls_under_a_covered_promise_falls_under_the_covering_one(one, other, seed):
    code = rulebook_of(seed).code
    if never.covers(one, other):
        for purpose in code.purposes:
            if never.falls_under(other, purpose, code):
                assert never.falls_under(one, purpose, code)


@given(PROMISES, PROMISES, PROMISES)
def test_covering_is_passed_on(one, other, third):
    if never.covers(one, other) and never.covers(other, third):
        assert never.covers(one, third)


def test_a_code_without_promises_has_none():
    assert good().code.never == ()
    assert "never:" not in GOOD
