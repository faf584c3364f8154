"""The page of a code says what its tables allow, has every anchor, and each form has its address."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given

from policies import linked
from policies.compile import compile_
from portal import language
from portal.code_page import code_page
from portal.render import render
from portal.words import day
from tests.policies import facts_read
from tests.policies.documents import SAMPLE
from tests.policies.facts import of_code
from tests.policies.generated import rulebooks
from tests.policies.said import of_html, of_text
from tests.policies.test_linked import COMMITTED, terms_of
from tests.policies.test_page import SAMPLES, table_permissions
from tests.portal import samples

BOOKS = [compile_(path.read_bytes(), name=path.name) for path in SAMPLES]
FULL = compile_(SAMPLE.with_name("sample-2026-11-3.yaml").read_bytes(), name="full.yaml")
FORMS = ("", ".txt", ".json", ".jsonld")


def html(book, lang="en"):
    since = day(date(2026, 11, 1), lang)
    page = code_page(
        book, lang, since=since, in_force=True, versions=((book.version, since),), changes=""
    )
    return render("code.html", page, replace(samples.frame("/code"), lang=lang))


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.version)
def test_the_page_of_a_sample_says_what_its_tables_allow(book):
    for lang in book.code.languages:
        page = html(book, lang)
        assert of_html(page) == table_permissions(book), lang
        assert facts_read.of_html(page) == of_code(book.code), lang


@given(rulebooks)
def test_the_page_of_any_code_says_what_its_tables_allow_and_its_document_says(book):
    declared = {*book.fields, *book.interactions}
    assume(all(use.name in declared for one in book.code.purposes for use in one.uses))
    page = html(book)
    assert of_html(page) == table_permissions(book)
    assert facts_read.of_html(page) == of_code(book.code)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.version)
def test_every_link_within_the_page_leads_somewhere(book):
    page = html(book)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets - set(ids) == set()
    # Receipts and the linked form name their parties by these.
    assert {"the-publisher", "the-authority"} <= set(ids)
    made = json.loads(linked.jsonld(book, "https://vault.example"))
    parts = ("data", "processes", "derivations", "never", "surveys")
    for one in (one for part in parts for one in made.get(part, ())):
        assert one["@id"].partition("#")[2] in ids


@pytest.mark.parametrize("lang", FULL.code.languages)
def test_the_page_says_all_that_the_law_wants_told(lang):
    """GDPR 13 and 14, item by item."""
    page, code = html(FULL, lang), FULL.code
    by = code.publisher
    for said in (by.name, by.email, by.dpo.email, by.authority.url):
        assert said in page
    texts = [
        text for one in code.purposes for text in (one.what, one.why, one.benefit, one.without)
    ]
    texts += [one.balancing for one in code.purposes if one.balancing]
    texts += [one.safeguard for one in code.recipients if one.safeguard]
    texts += [one.how for one in code.sources]
    texts += [one.text for one in code.never] + list(code.measures)
    texts += [text for one in code.derivations for text in (one.how, one.contest)]
    texts += [one.why for one in code.groups]
    texts += [text for one in code.surveys for text in (one.label, one.invitation, one.thanks)]
    texts += [asked.label for one in code.surveys for asked in one.questions]
    texts += [it.label for one in code.purposes for it in one.benefits]
    missing = [one.get(lang) for one in texts if _escaped(one.get(lang)) not in page]
    assert missing == []


def _escaped(text):
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.version)
def test_the_page_names_no_term_that_is_none(book):
    assert terms_of(html(book)) - COMMITTED == set()


@pytest.fixture
def three(monkeypatch):
    monkeypatch.setattr(language, "offered", lambda _: tuple(language.LANGUAGES.values()))


async def test_each_form_has_an_address_for_ever_and_answers_head(visitor):
    for form in FORMS:
        path = f"/code/2026-11{form}"
        get, head = await visitor.get(path), await visitor.http.head(path)
        assert (get.status_code, head.status_code) == (200, 200), path
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.content == b""
    made = await visitor.get("/code/2026-11.jsonld")
    assert made.headers["content-type"] == "application/ld+json"
    assert made.json()["url"] == "http://localhost:8000/code/2026-11"


async def test_who_has_a_form_already_gets_it_not_again(visitor):
    for form in FORMS[1:]:
        path = f"/code/2026-11{form}"
        first = await visitor.get(path)
        assert "public" in first.headers["cache-control"]
        again = await visitor.get(path, **{"if-none-match": f'"x", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "content-length" not in again.headers
        other = await visitor.get(path, **{"if-none-match": '"x"'})
        assert other.content == first.content


async def test_an_unknown_version_is_not_there_in_any_form(visitor):
    for form in FORMS:
        for version in ("1999-01", "x", "2026-11.xml", "2026-11%00"):
            assert (await visitor.get(f"/code/{version}{form}")).status_code == 404


async def test_an_address_names_a_language(three, visitor):
    for lang in language.LANGUAGES:
        page = await visitor.get(f"/code/2026-11?lang={lang}")
        assert f'<html lang="{lang}">' in page.text
        assert page.headers["content-language"] == lang
    # The texts of this code are English alone, and its text says so.
    text = await visitor.get("/code/2026-11.txt?lang=en")
    assert text.headers["content-language"] == "en"
    assert "Accept-Language" in text.headers["vary"]
    assert of_text(text.text, "en") != set()
