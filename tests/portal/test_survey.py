"""Answering a survey by the link of a letter: no sign-in, once, and nothing shown of anybody."""

import re

import pytest

from tests import surveyed
from tests.portal.person import Person, forms
from tests.services.publishing import one_clock
from vault.services import consent, erase

__all__ = ["one_clock"]

ALL = (
    ("q.recommend", "3"),
    ("q.happy", "5"),
    ("q.best", "taste"),
    ("q.missed", "milk"),
    ("q.missed", "seat"),
    ("q.again", "no"),
    ("q.words", "<script>alert(1)</script> & {{7*7}}"),
)


async def token(visitor, path):
    """Return the hidden token of the form."""
    return dict(forms((await visitor.get(path)).text)[path])["csrf"]


@pytest.fixture
async def ana(deps):
    await surveyed.publish(deps)
    return await surveyed.served(deps)


@pytest.fixture
async def path(deps, ana):
    (letter,) = await surveyed.ask(deps)
    return surveyed.path(letter)


async def test_looking_asks_and_uses_nothing_up(visitor, deps, path, ana):
    for _ in range(2):
        assert (await visitor.get(path)).status_code == 200
    page = await visitor.get(path)
    for words in (
        "Your last visit",
        "Would you recommend us?",
        "0: not at all likely",
        "What else?",
    ):
        assert words in page.text
    for hidden in (surveyed.EMAIL, str(ana), "Beans", "checked", "required", "<script"):
        assert hidden not in page.text
    assert "no-store" in page.headers["cache-control"]
    assert (await visitor.http.head(path)).status_code == 200
    assert await surveyed.events(deps, ana, "survey_answer") == []


async def test_an_answer_needs_no_sign_in_and_is_taken_once(visitor, app, deps, path, ana):
    sent = await visitor.send(path, path, *ALL)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?lang=en")
    thanks = await visitor.get(sent.headers["location"])
    assert thanks.status_code == 200
    assert "Whoever can mend it reads it." in thanks.text
    assert "<form" not in thanks.text.partition("<main")[2].partition("</main>")[0]
    assert (await Person(app).get(path)).text.count("Whoever can mend it reads it.") == 1
    assert len(await surveyed.events(deps, ana, "survey_answer")) == 1


async def test_sent_twice_is_kept_once(visitor, deps, path, ana):
    csrf = await token(visitor, path)
    for _ in range(2):
        sent = await visitor.post(path, ("csrf", csrf), *ALL)
        assert sent.status_code == 303
    assert len(await surveyed.events(deps, ana, "survey_answer")) == 1
    assert (await surveyed.counts(deps))["happy", "5"] == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("q.recommend", "11"), "Choose one of the answers"),
        (("q.best", "gold"), "Choose one of the answers"),
        (("q.again", "maybe"), "Choose one of the answers"),
        (("q.words", "x" * 1_001), "Write at most 1,000 characters."),
        (("q.words", "a\x00b"), "characters that are no text"),
    ],
)
async def test_what_is_no_answer_comes_back_with_all_that_was_typed(
    visitor, deps, path, ana, wrong, said
):
    kept = [one for one in ALL if one[0] != wrong[0]]
    page = await visitor.send(path, path, *kept, wrong)
    assert page.status_code == 422
    assert said in page.text
    assert "<title>Error: " in page.text
    (anchor,) = re.findall(r'<a href="#(q-[^"]+)">', page.text)
    assert f'id="{anchor}"' in page.text
    ticked = set(re.findall(r'name="(q\.\w+)" value="(\w+)" checked', page.text))
    assert ticked == {one for one in kept if one[0] != "q.words"}
    if wrong[0] != "q.words":
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{7*7}}" in page.text
    assert "<script" not in page.text
    assert await surveyed.events(deps, ana, "survey_answer") == []
    assert (await visitor.send(path, path, *ALL)).status_code == 303


async def test_an_answer_without_a_word_is_none(visitor, deps, path, ana):
    page = await visitor.send(path, path, ("q.words", "  "), ("q.recommend", ""))
    assert page.status_code == 422
    assert "Nothing is answered yet." in page.text
    assert (await visitor.send(path, path, ("q.happy", "1"))).status_code == 303


async def test_every_link_that_leads_to_nothing_gets_one_page(visitor, deps, path, ana, clock):
    def same(answer, where):
        body = answer.text.replace(where, "PATH")
        return answer.status_code, re.sub(r"[?&]lang=[^\"&]*", "", body)

    places = [f"/survey/{one}" for one in ("x" * 43, "x", "%00", "é", "a" * 4_000, "x" * 42 + ".")]
    seen = {same(await visitor.get(one), one) for one in places}
    csrf = await token(visitor, path)
    await consent.withdraw(deps, ana, "feedback")
    seen.add(same(await visitor.get(path), path))
    seen.add(same(await visitor.post(path, ("csrf", csrf), *ALL), path))
    await erase.erase(deps, ana)
    seen.add(same(await visitor.get(path), path))
    assert len({status for status, _ in seen}) == 1
    ((status, page),) = {
        (status, page.partition("<main")[2].partition("</main>")[0]) for status, page in seen
    }
    assert status == 404
    assert "This link is over" in page


async def test_a_link_that_is_too_old_is_over(visitor, path, clock):
    clock.turn(days=30)
    page = await visitor.get(path)
    assert page.status_code == 404
    assert "This link is over" in page.text


async def test_a_form_from_elsewhere_or_of_another_link_is_refused(visitor, deps, path, ana):
    other = await surveyed.served(deps, "b@example.org")
    letters = await surveyed.ask(deps) or surveyed.letters(deps)
    theirs = next((surveyed.path(one) for one in letters if one["to"] == "b@example.org"), None)
    cross = {"sec-fetch-site": "cross-site"}
    assert (await visitor.send(path, path, *ALL, headers=cross)).status_code == 403
    assert (await visitor.post(path, *ALL)).status_code == 403
    if theirs:
        csrf = await token(visitor, theirs)
        assert (await visitor.post(path, ("csrf", csrf), *ALL)).status_code == 403
    for who in (ana, other):
        assert await surveyed.events(deps, who, "survey_answer") == []


async def test_a_form_may_be_as_large_as_a_form_may(visitor, path):
    csrf = await token(visitor, path)
    head = f"csrf={csrf}&q.happy=4&more="
    kind = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    for size, status in ((65_537, 413), (65_536, 303)):
        body = head + "x" * (size - len(head))
        answer = await visitor.http.post(path, content=body, headers=kind)
        assert answer.status_code == status


async def test_somebody_who_is_signed_in_answers_as_whom_the_letter_went_to(app, deps, path, ana):
    await surveyed.served(deps, "b@example.org")
    somebody = Person(app)
    await somebody.sign_in(deps, "b@example.org")
    assert (await somebody.send(path, path, *ALL)).status_code == 303
    assert len(await surveyed.events(deps, ana, "survey_answer")) == 1


async def test_the_customer_reads_the_answers_in_the_words_of_the_questions(app, deps, path, ana):
    await Person(app).send(path, path, *ALL)
    me = Person(app)
    await me.sign_in(deps, surveyed.EMAIL)
    page = (await me.get("/interactions?kind=survey_answer")).text
    for words in (
        "Would you recommend us?",
        "3 out of 10",
        "The taste",
        "A seat",
        "&lt;script&gt;",
    ):
        assert words in page
    assert "<script" not in page
