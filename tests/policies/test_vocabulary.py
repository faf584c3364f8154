"""Only terms that DPV 2.3 really has."""

import re
from pathlib import Path

from policies import vocabulary
from policies.broader import BROADER, is_a
from policies.model import Action, Automation, Basis, ConsentState, Sensitivity, Source
from tests.policies.documents import sample

# Lines of the published list of DPV 2.3, those alone that the vocabulary uses.
PUBLISHED = set((Path(__file__).parent / "dpv_iris.txt").read_text(encoding="ascii").splitlines())


def used():
    names = (
        *vocabulary.PURPOSES,
        *vocabulary.NEVER,
        *vocabulary.SOURCES.values(),
        *vocabulary.ACTIONS.values(),
        *vocabulary.AUTOMATIONS.values(),
        *vocabulary.SENSITIVITIES.values(),
        *vocabulary.STATES.values(),
        *vocabulary.RECEIPT,
        *vocabulary.LINKED,
        *vocabulary.PROPERTIES,
    )
    return {
        *map(vocabulary.dpv_iri, names),
        *(vocabulary.right_iri(right) for rights in vocabulary.RIGHTS.values() for right in rights),
        *map(vocabulary.category_iri, vocabulary.CATEGORIES),
        *map(vocabulary.basis_iri, Basis),
        vocabulary.GDPR + vocabulary.EXPLICIT_CONSENT,
        *map(vocabulary.country_iri, vocabulary.COUNTRIES),
        *map(vocabulary.country_iri, vocabulary.REGIONS),
    }


def test_every_term_stands_in_the_published_list():
    assert used() == PUBLISHED


def test_every_member_of_a_closed_set_has_a_term():
    assert set(vocabulary.BASES) == set(Basis)
    assert set(vocabulary.RIGHTS) == set(Basis)
    assert set(vocabulary.SOURCES) == set(Source)
    assert set(vocabulary.ACTIONS) == set(Action)
    assert set(vocabulary.SENSITIVITIES) == set(Sensitivity)
    assert set(vocabulary.STATES) == set(ConsentState)
    assert tuple(vocabulary.AUTOMATIONS) == tuple(Automation)


def test_the_sample_uses_terms_of_the_list():
    code = sample().code
    kept = {one.category for one in code.fields} | {one.category for one in code.interactions}
    assert {vocabulary.category_iri(name) for name in kept} <= PUBLISHED
    types = {name for one in code.purposes for name in one.types}
    assert {vocabulary.purpose_iri(name) for name in types} <= PUBLISHED


def test_few_valued_categories_are_categories():
    assert set(vocabulary.CATEGORIES) >= vocabulary.FEW_VALUED
    assert all(re.fullmatch("[A-Z]{2}", country) for country in vocabulary.COUNTRIES)


def test_broader_terms_are_terms_of_the_same_kind_and_never_go_in_a_circle():
    purposes, categories = set(vocabulary.PURPOSES), set(vocabulary.CATEGORIES)
    for term, parents in BROADER.items():
        assert {term, *parents} <= purposes or {term, *parents} <= categories, term
        assert not any(is_a(parent, term) for parent in parents), term


def test_the_countries_of_a_region_are_countries():
    assert vocabulary.REGIONS["EU"] < vocabulary.REGIONS["EEA"] < vocabulary.COUNTRIES
    assert (len(vocabulary.REGIONS["EU"]), len(vocabulary.REGIONS["EEA"])) == (27, 30)
