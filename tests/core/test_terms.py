"""Standing terms and objections as text: one spelling each, everything else is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.situation import Terms
from vault.core import terms
from vault.core.errors import FormatError

names = st.frozensets(st.text("abcdef._", min_size=1), max_size=4)


@given(st.builds(Terms, st.booleans(), names, names, st.booleans(), names))
def test_terms_come_back_as_they_were(some):
    assert terms.load_terms(terms.dump_terms(some)) == some


@given(names)
def test_names_come_back_as_they_were(some):
    assert terms.load_names(terms.dump_names(some)) == some


def test_what_forbids_nothing_is_an_empty_object():
    assert terms.dump_terms(Terms()) == terms.NO_TERMS
    assert terms.dump_names(frozenset()) == terms.NO_OBJECTIONS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "\ud800",
        '{"paused":false}',
        '{"paused":1}',
        '{"paused": true}',
        '{"never_apps":[]}',
        '{"never_apps":["b","a"]}',
        '{"never_apps":"crm"}',
        '{"never_apps":[1]}',
        '{"never_mind":true}',
        '{"paused":true,"paused":true}',
    ],
)
def test_terms_in_another_spelling_are_broken(text):
    with pytest.raises(FormatError):
        terms.load_terms(text)


@pytest.mark.parametrize(
    "text", ["", "{}", '["b","a"]', '["a","a"]', '["a", "b"]', "[1]", "\ud800"]
)
def test_names_in_another_spelling_are_broken(text):
    with pytest.raises(FormatError):
        terms.load_names(text)
