import pytest

from tests.crypto.material import ELSEWHERE, service
from tests.crypto.vectors import load, raw
from vault.crypto import lookup

CASES = load("lookup")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['path']}-{case['generation']}")
def test_the_vectors_are_made(case):
    key = service("index", generation=case["generation"])
    made = lookup.index(key, case["path"], case["normaliser"], case["text"])
    assert made == raw(case["index"])
    assert len(made) == lookup.OB1_BYTES
    assert lookup.tombstone(key, case["normaliser"], case["text"]) == raw(case["tombstone"])


def test_everything_that_goes_in_changes_the_index():
    key = service("index")
    made = {
        lookup.index(key, "contact.email", 1, "ana@example.org"),
        lookup.index(key, "contact.email", 1, "bo@example.org"),
        lookup.index(key, "contact.email", 2, "ana@example.org"),
        lookup.index(key, "contact.phone", 1, "ana@example.org"),
        lookup.index(service("index", deployment=ELSEWHERE), "contact.email", 1, "ana@example.org"),
        lookup.index(service("index", generation=2), "contact.email", 1, "ana@example.org"),
    }
    assert len({index[1:] for index in made}) == 6


def test_equal_identifiers_have_equal_indexes_within_a_generation():
    first = lookup.index(service("index"), "contact.email", 1, "ana@example.org")
    assert lookup.index(service("index"), "contact.email", 1, "ana@example.org") == first
    assert first[0] == 1


def test_a_tombstone_knows_no_field_and_no_generation():
    made = {
        lookup.tombstone(service("index", generation=generation), 1, "ana@example.org")
        for generation in (1, 2)
    }
    assert len(made) == 1
    assert lookup.tombstone(service("index"), 2, "ana@example.org") not in made
    there = service("index", deployment=ELSEWHERE)
    assert lookup.tombstone(there, 1, "ana@example.org") not in made


@pytest.mark.parametrize("normaliser", [-1, 65_536])
def test_a_normaliser_is_a_u16(normaliser):
    with pytest.raises(OverflowError):
        lookup.index(service("index"), "contact.email", normaliser, "x")
