"""Contacts, benefits, methods, surveys and duplicates stand in every form of a code, and as they are."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from policies import linked, stored
from policies.compile import compile_, load
from policies.render import json_, text
from tests.policies.documents import SAMPLE, good
from tests.policies.facts import CODE, Facts, of_code, of_json, of_jsonld
from tests.policies.facts_read import of_text
from tests.policies.generated import rulebooks
from tests.policies.known import known

SAMPLES = sorted(SAMPLE.parent.glob("*.yaml"))


def every_form(book) -> dict[str, Facts]:
    texts = {f"text {one}": of_text(text(book, one), one) for one in book.code.languages}
    return texts | {
        "json": of_json(json_(book)),
        "jsonld": of_jsonld(linked.jsonld(book, "https://vault.example")),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_form_of_a_sample_says_what_its_document_says(path):
    book = compile_(path.read_bytes(), name=path.name)
    for form, said in every_form(book).items():
        assert said == of_code(book.code), form


@given(rulebooks)
def test_each_form_of_any_code_says_what_its_document_says(book):
    declared = {*book.fields, *book.interactions}
    assume(all(use.name in declared for one in book.code.purposes for use in one.uses))
    for form, said in every_form(book).items():
        assert said == of_code(book.code), form


def test_a_code_that_says_all_of_it_has_each_kind_of_fact():
    kinds = {kind for _, kind, *_ in of_code(known().code)}
    assert kinds == {
        *("reaches", "portal", "follow_up", "benefit", "method", "band", "segment", "way"),
        *("purpose", "after", "answer", "channel", "wait", "at_most", "expires"),
        *("question", "choice", "same", "minimum_group"),
    }
    assert of_code(good().code) == {(CODE, "minimum_group", "10")}


def test_what_is_left_out_of_a_form_is_missed():
    book = known()
    code = book.code
    for less in (
        replace(code, surveys=()),
        replace(code, duplicates=None),
        replace(code, derivations=tuple(replace(it, method=None) for it in code.derivations)),
        replace(code, purposes=tuple(replace(it, benefits=()) for it in code.purposes)),
        replace(code, interactions=tuple(replace(it, portal=False) for it in code.interactions)),
    ):
        for form, said in every_form(load(stored.dumps(less))).items():
            assert said < of_code(code), form
