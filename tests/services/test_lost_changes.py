"""Whose lost entries they are: each key finds its own, and what is found is tried with no other."""

import hashlib
from uuid import UUID

import pytest

from tests.verifier.loggen import ORIGIN, A, entry
from tests.verifier.told import ANA, EVE, about
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.crypto.service_key import Mac
from vault.services import lost, lost_changes
from vault.services.lost_changes import Search

ONE, TWO, OTHER = (CustomerId(UUID(int=number)) for number in (1, 2, 3))
NOBODYS = hashlib.sha256(b"nobody").digest()


class Lost:
    """Entries behind a start, as a mirror that was walked gives them."""

    def __init__(self, *entries, start=40):
        self.start, self.size = start, start + len(entries)
        self._entries = [lost._entry(index, one) for index, one in enumerate(entries, start)]

    def entries(self):
        return iter(self._entries)


@pytest.fixture
def book():
    return Lost(
        entry(A, 0, kind=64),
        about(1, key=ANA),
        about(2, Kind.WITHDRAWN, 3, key=EVE),
        about(3, Kind.WRITTEN, key=ANA),
        about(4, key=NOBODYS),
        about(5, Kind.TERMS, 9, key=ANA),
    )


@pytest.fixture
def tried(monkeypatch):
    """How many entries each key was tried on."""
    counts = []
    real = Mac.of_each

    def of_each(self, messages):
        messages = list(messages)
        counts.append(len(messages))
        return real(self, messages)

    monkeypatch.setattr(Mac, "of_each", of_each)
    return counts


def test_each_key_finds_its_own_entries(book):
    found = Search(book, ORIGIN).of_customers([(ONE, ANA), (TWO, EVE)])
    assert found.places == {ONE: [41, 43, 45], TWO: [42]}
    assert (found.entries, found.written) == (4, 1)
    assert {
        one: [change.epoch for change in several] for one, several in found.changes.items()
    } == {
        ONE: [9],
        TWO: [3],
    }


@pytest.mark.parametrize("page", [1, 2, 4, 256])
def test_pages_of_entries_and_of_customers_find_the_same(book, monkeypatch, page):
    monkeypatch.setattr(lost_changes, "PAGE", page)
    search = Search(book, ORIGIN)
    places: dict[CustomerId, list[int]] = {}
    for one in ((OTHER, bytes(32)), (ONE, ANA), (TWO, EVE)):
        places |= search.of_customers([one]).places
    assert places == {ONE: [41, 43, 45], TWO: [42]}


def test_what_is_found_is_tried_with_no_other_key(book, tried):
    search = Search(book, ORIGIN)
    search.of_customers([(ONE, ANA)])
    assert tried == [5]
    search.of_customers([(OTHER, bytes(32)), (TWO, EVE)])
    assert tried == [5, 2, 2]


def test_when_all_have_an_owner_no_key_is_tried_any_more(book, tried):
    search = Search(book, ORIGIN)
    search.of_customers([(OTHER, NOBODYS), (ONE, ANA), (TWO, EVE)])
    del tried[:]
    assert search.of_customers([(OTHER, bytes(32))]).entries == 0
    assert tried == []
    assert search.of_customers([]).entries == 0
