"""A language is chosen by the address, the account, the cookie or the browser, in that order."""

import pytest

from portal import language
from portal.language import LANGUAGES, choose
from portal.pages.language import checked
from tests.portal.person import forms
from vault.services import portal_choice

ALL = tuple(LANGUAGES.values())
ENGLISH = (LANGUAGES["en"],)


@pytest.fixture
def three(monkeypatch):
    """All three languages are offered, whatever the catalogues hold."""
    monkeypatch.setattr(language, "offered", lambda _: ALL)


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("pt", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("pt-AO", "pt-PT"),  # Angola writes as Portugal does
        ("en-US,en;q=0.9", "en"),
        ("de", "en"),
        ("de, pt-PT;q=0.5, en;q=0.4", "pt-PT"),
        ("en;q=0.4, pt;q=0.5", "pt-BR"),
        ("pt-PT;q=0, en", "en"),
        ("pt;q=x, en;q=0.1", "en"),
        ("pt;q=2", "en"),
        ("*", "en"),
        (";;;,,,=", "en"),
        ("pt;level=1", "en"),
        ("de," * 50 + "pt", "en"),  # no browser sends so many
    ],
)
def test_a_browser_says_what_its_reader_reads(header, tag):
    assert choose(ALL, accepted=header) == tag


def test_the_nearer_wish_counts():
    wishes = {"asked": "pt-PT", "saved": "pt-BR", "cookie": "en", "accepted": "pt-BR"}
    for name, tag in (("asked", "pt-PT"), ("saved", "pt-BR"), ("cookie", "en")):
        assert choose(ALL, **wishes) == tag
        del wishes[name]
    assert choose(ALL, **wishes) == "pt-BR"


def test_what_is_not_offered_is_not_chosen():
    wishes = {"asked": "pt-PT", "saved": "xx", "cookie": "", "accepted": "pt"}
    assert choose(ENGLISH, **wishes) == "en"
    assert choose(ALL[:1] + ALL[2:], accepted="pt-BR, en;q=0.1") == "pt-PT"  # nearer than English
    assert choose(ALL[1:], accepted="en") == "pt-BR"


async def test_a_code_in_english_alone_offers_no_choice(visitor):
    page = await visitor.get("/", **{"accept-language": "pt"})
    assert '<html lang="en">' in page.text
    assert "/language" not in page.text


async def test_the_choice_stays_on_the_page_and_in_the_browser(three, visitor):
    page = await visitor.get("/sign-in?late=1", **{"accept-language": "pt-PT"})
    assert '<html lang="pt-PT">' in page.text
    assert page.headers["content-language"] == "pt-PT"
    assert "Accept-Language" in page.headers["vary"]
    hidden = forms(page.text)["/language"]
    assert hidden == [("back", "/sign-in?late=1")]
    answer = await visitor.post("/language", *hidden, ("lang", "pt-BR"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?late=1")
    page = await visitor.get("/", **{"accept-language": "pt-PT"})
    assert '<html lang="pt-BR">' in page.text
    assert 'value="pt-BR" lang="pt-BR" aria-current="true"' in page.text


async def test_the_choice_of_a_customer_is_kept_with_the_account(three, person, deps, ana):
    page = await person.get("/who-looked?lang=pt-BR&outcome=allowed")
    assert '<html lang="pt-BR">' in page.text
    hidden = forms(page.text)["/language"]
    assert ("back", "/who-looked?outcome=allowed") in hidden
    assert (await person.post("/language", *hidden, ("lang", "pt-PT"))).status_code == 303
    assert await portal_choice.lang(deps, ana) == "pt-PT"
    person.http.cookies.delete("ownship-lang")
    assert '<html lang="pt-PT">' in (await person.get("/home")).text
    # An error, too, is told in the reader's language.
    assert '<html lang="pt-PT">' in (await person.get("/home/no.such")).text


async def test_a_customers_choice_needs_a_form_of_that_session(three, person, deps, ana):
    answer = await person.post("/language", ("lang", "pt-PT"), ("back", "/"))
    assert answer.status_code == 403
    assert await portal_choice.lang(deps, ana) == ""


async def test_a_language_that_is_none_is_refused(three, visitor):
    for lang in ("xx", "", "pt", "pt-PT; Secure", "pt-PT\r\nx: y"):
        answer = await visitor.post("/language", ("lang", lang), ("back", "/"))
        assert answer.status_code == 400, lang
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/home\r\nset-cookie: a=b",
        "evil.example",
        "",
        "/" + "x" * 1_000,
        "/home#x",
        "/@evil.example",
    ],
)
def test_nobody_is_sent_elsewhere(back):
    assert checked(back) == "/"


async def test_a_page_that_only_takes_forms_leads_to_the_first_one(three, person):
    page = await person.post("/restriction")
    assert page.status_code == 403
    assert ("back", "/") in forms(page.text)["/language"]
