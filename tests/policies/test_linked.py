"""The linked form resolves by its own context, and every term of it is one of DPV 2.3."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from policies import linked
from policies.compile import compile_
from policies.linked_context import CONTEXT
from policies.model import Basis, ConsentState
from tests.policies.documents import SAMPLE
from tests.policies.expand import UnresolvedError, expand, texts
from vault.core import consent_record, notice, receipt
from vault.core.consent import Consent
from vault.core.consent_record import Decision, NoticeShown
from vault.core.receipt import LogPlace

ISSUER = "https://vault.example"
TERM = re.compile(r"https://w3id\.org/dpv[A-Za-z0-9/#_-]*")
HERE = Path(__file__).parent
COMMITTED = set((HERE / "dpv_iris.txt").read_text(encoding="ascii").splitlines())
PUBLISHED = HERE.parents[1].parent / "shared" / "data" / "dpv-2.3-iris.txt"
CODES = sorted(SAMPLE.parent.glob("*.yaml"))
BOOKS = [compile_(path.read_bytes(), name=path.name) for path in CODES]

every = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.version)


def receipts(book):
    """Write a receipt for each purpose that rests on consent."""
    for purpose in book.code.purposes:
        if purpose.basis is not Basis.CONSENT:
            continue
        consent = Consent(
            purpose=purpose.id,
            state=ConsentState.GIVEN,
            fields=purpose.names,
            from_ms=1_793_527_200_120,
            until_ms=1_825_063_200_120,
            code=book.digest,
            shown="5" * 64,
        )
        decision = Decision(
            record_id=UUID(int=1),
            consent=consent,
            epoch=1,
            principal="ujhzfcbtritvrzypnic2uv6eky",
            language="en",
            notice=NoticeShown("consent-1", ("allow",)),
            method="allow button",
        )
        record = consent_record.write(book, decision, issuer=ISSUER, in_force=book)
        place = LogPlace("vault.example/log", UUID(int=7), 42)
        yield receipt.payload(
            record, issuer=ISSUER, receipt_id=UUID(int=2), created_ms=1, place=place
        ).decode()


def notices(book):
    for purpose in book.code.purposes:
        if purpose.basis is Basis.CONSENT:
            yield notice.render(book, purpose.id, locale=notice.locales(book)[0]).decode()


def terms_of(text):
    """Give the terms in a text; a bare namespace is the beginning of one."""
    return {one for one in TERM.findall(text) if not one.endswith(("#", "/"))}


@every
def test_every_key_resolves_through_the_context(book):
    made = expand(linked.document(book, ISSUER))
    assert made["@id"] == f"{ISSUER}/code/{book.version}?digest=sha256:{book.digest}"
    assert len(made["https://w3id.org/dpv#hasPersonalData"]) == len(book.sources)


@every
def test_every_term_is_one_of_the_committed_list(book):
    said = [linked.jsonld(book, ISSUER).decode(), *receipts(book), *notices(book)]
    found = {term for one in said for term in terms_of(one)}
    assert len(found) > 40
    assert found - COMMITTED == set()


def test_the_committed_list_is_of_the_published_one():
    if PUBLISHED.exists():
        assert set(PUBLISHED.read_text(encoding="utf-8").splitlines()) >= COMMITTED


@every
def test_every_reference_leads_to_a_node_of_the_document(book):
    made: Any = linked.document(book, ISSUER)
    here = f"{ISSUER}/code/{book.version}#"
    nodes = {one["@id"] for key in ("data", "recipients", "processes") for one in made[key]}
    used = {text for text in texts(made) if text.startswith(here) and "#staff-" not in text}
    own = {"the-publisher", "the-authority", "the-duplicates"}
    names = {text.removeprefix(here) for text in used - nodes}
    parts = ("never-", "derivation-", "survey-")
    assert {one for one in names - own if not one.startswith(parts)} == set()


@every
def test_the_document_says_each_text_in_every_language(book):
    made: Any = linked.document(book, ISSUER)
    assert made["language"] == list(book.code.languages)
    for one in (*made["processes"], *made["data"], *made["rules"]):
        assert list(one["description"]) == list(book.code.languages)


def test_a_key_that_the_context_does_not_know_is_found():
    made = linked.document(BOOKS[0], ISSUER)
    with pytest.raises(UnresolvedError):
        expand({**made, "colour": "blue"})
    with pytest.raises(UnresolvedError):
        expand({**made, "rights": ["A15"]})
    with pytest.raises(UnresolvedError):
        expand({**made, "name": "https://w3id.org/dpv#hasName"})


def test_the_context_has_no_key_that_nothing_uses():
    def keys(value):
        if isinstance(value, dict):
            for key, item in value.items():
                yield key
                yield from keys(item)
        if isinstance(value, list):
            for item in value:
                yield from keys(item)

    used = {key for book in BOOKS for key in keys(linked.document(book, ISSUER))}
    assert set(CONTEXT) - used - {"@version"} == set()


def test_the_bytes_are_json_and_name_the_digest():
    book = BOOKS[0]
    made = json.loads(linked.jsonld(book, ISSUER))
    assert made["digest"] == f"sha256:{book.digest}"
    other = replace(book, digest="0" * 64)
    assert linked.document(other, ISSUER)["@id"] != made["@id"]
