"""Every page of the console stands in the console's own frame, in the language that was chosen."""

import pytest

from portal import language
from portal.language import LANGUAGES
from tests.portal.person import Person, forms

# A frame does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOICE = "/console/language"


@pytest.fixture
def three(monkeypatch):
    """All three languages are offered, whatever the code of ethics is written in."""
    monkeypatch.setattr(language, "offered", lambda _: tuple(LANGUAGES.values()))


async def test_the_choice_of_a_language_stays_on_the_page_and_in_the_browser(three, support):
    page = await support.get("/console/requests?lang=pt-PT&x=1")
    assert '<html lang="pt-PT">' in page.text
    hidden = forms(page.text)[CHOICE]
    answer = await support.post(CHOICE, *hidden, ("lang", "pt-BR"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/requests?x=1")
    assert '<html lang="pt-BR">' in (await support.get("/console")).text


async def test_the_choice_needs_a_form_of_that_session_and_leads_nowhere_else(three, support):
    assert (await support.post(CHOICE, ("lang", "pt-PT"), ("back", "/console"))).status_code == 403
    (csrf,) = [one for one in forms((await support.get("/console")).text)[CHOICE] if "csrf" in one]
    for back in ("/home", "//evil.example", "/consoles", ""):
        answer = await support.post(CHOICE, csrf, ("lang", "pt-PT"), ("back", back))
        assert answer.headers["location"] == "/console", back
    assert (await support.post(CHOICE, csrf, ("lang", "xx"), ("back", "/"))).status_code == 400


async def test_who_is_not_signed_in_chooses_too(three, stranger):
    hidden = forms((await stranger.get("/console/sign-in")).text)[CHOICE]
    answer = await stranger.post(CHOICE, *hidden, ("lang", "pt-PT"))
    assert answer.headers["location"] == "/console/sign-in"
    assert '<html lang="pt-PT">' in (await stranger.get("/console/sign-in")).text


async def test_signing_out_on_an_error_page_ends_the_session_of_the_console(support):
    page = await support.get("/console/log")
    assert page.status_code == 404
    assert "/sign-out" not in forms(page.text)
    answer = await support.post("/console/sign-out", *forms(page.text)["/console/sign-out"])
    assert answer.headers["location"] == "/console/signed-out"
    assert (await support.get("/console")).headers["location"].startswith("/console/sign-in")


async def test_an_address_that_never_was_looks_like_one_of_another_role(app, support):
    def bare(page):
        return page.text.replace(page.headers["x-request-id"], "").replace(
            "/nothing/at/all", "/log"
        )

    never, hidden = await support.get("/console/nothing/at/all"), await support.get("/console/log")
    assert never.status_code == hidden.status_code == 404
    assert bare(never) == bare(hidden)
    for path in ("/console/nothing", "/console/log"):
        assert (await Person(app).get(path)).headers["location"].startswith("/console/sign-in")
