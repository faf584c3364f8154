"""A customer's own rules on a page: one press each, what happened, the way back, in both views."""

import re

import pytest

from policies.model import Source
from tests.portal import looks
from tests.portal.conftest import ANA
from tests.portal.person import Person
from tests.portal.test_who_looked import shown
from tests.richer import publish
from vault.services import customer, terms

PAGE = "/privacy/terms"


@pytest.fixture
async def later(deps):
    await publish(deps)


async def press(person, *fields, page=PAGE):
    """Send one of the page's forms; all have the same token."""
    html = (await person.get(page)).text
    token = hidden(r'action="/privacy/terms">.*?name="csrf" value="([^"]+)"', html)
    return await person.post(PAGE, ("csrf", token), *fields)


async def after(person, *fields):
    answer = await press(person, *fields)
    assert answer.status_code == 303, answer.text[:300]
    assert answer.headers["location"].startswith(f"{PAGE}?done=")
    return (await person.get(answer.headers["location"])).text


def hidden(pattern, page):
    """Return the value of a hidden input that is there."""
    (value, *_) = re.findall(pattern, page, re.DOTALL)
    return value


def undo_of(page):
    return hidden(r'name="token" value="([^"]+)"', page)


async def give(person):
    page = "/privacy/marketing"
    assert (await person.send(page, page, ("decision", "give"))).status_code == 303


async def reads(deps, who):
    answer = await looks.by_app(deps, who, "newsletter", "marketing", "contact.email")
    return [one.value for one in answer.opened]


async def test_pausing_and_lifting_the_pause_is_one_press_each(person, deps, ana):
    await give(person)
    page = await after(person, ("do", "switch"), ("name", "pause"), ("rule", "never"))
    assert "You paused everything that rests on your consent." in page
    assert await reads(deps, ana) == []
    page = await after(person, ("do", "switch"), ("name", "pause"), ("rule", "open"))
    assert "What you allowed before holds again." in page
    assert await reads(deps, ana) == [ANA]


async def test_the_next_page_undoes_what_was_pressed(person, deps, ana):
    page = await after(person, ("do", "purpose"), ("name", "marketing"), ("rule", "never"))
    assert "Never: Letters about what is new." in page
    page = await after(person, ("do", "undo"), ("token", undo_of(page)))
    assert "No longer ruled out: Letters about what is new." in page
    assert not (await terms.load(deps, ana)).terms.never_purposes


async def test_the_same_press_again_says_that_nothing_changed(person):
    for words in ("Nobody may profile you.", "It was so already. Nothing changed."):
        page = await after(person, ("do", "switch"), ("name", "no-profiling"), ("rule", "never"))
        assert words in page


async def test_both_views_show_the_same_terms(person, later):
    await after(person, ("do", "purpose"), ("name", "marketing"), ("rule", "ask"))
    simple = (await person.get(f"{PAGE}?view=simple")).text
    grid = (await person.get(f"{PAGE}?view=grid")).text
    for page in (simple, grid):
        assert "Only while you are there" in page
    assert "Three simple levels" in simple
    assert "Three simple levels" not in grid
    assert "Food and drink that suit you" in grid


async def test_the_view_is_remembered(person, later):
    answer = await person.send(PAGE, "/privacy/view", ("view", "grid"))
    assert answer.headers["location"] == PAGE
    assert "By purpose" in (await person.get(PAGE)).text
    assert "By purpose" not in (await person.get(f"{PAGE}?view=simple")).text
    assert "By purpose" in (await person.get(PAGE)).text


async def test_the_way_back_from_choosing_a_view_is_a_page_of_choices(person):
    html = (await person.get(PAGE)).text
    token = hidden(r'action="/privacy/view">.*?name="csrf" value="([^"]+)"', html)
    for back in ("//evil.example", "/home", "https://evil.example"):
        answer = await person.post(
            "/privacy/view", ("csrf", token), ("view", "grid"), ("back", back)
        )
        assert answer.status_code == 400


async def test_a_level_opens_purposes_and_allows_nothing(person, later, deps, ana):
    page = await after(person, ("do", "level"), ("name", "known"))
    assert "This leaves open, and allows nothing by itself:" in page
    assert '<a href="/privacy/marketing">Letters about what is new</a>' in page
    assert "checked" not in page
    assert "Your level" in page
    assert await reads(deps, ana) == []


async def test_a_level_says_before_and_after_what_it_lifts(person, later):
    await after(person, ("do", "purpose"), ("name", "marketing"), ("rule", "never"))
    before = (await person.get(PAGE)).text
    known = before[before.index('id="level-known"') :]
    assert "No longer ruled out: Letters about what is new." in known
    page = await after(person, ("do", "level"), ("name", "known"))
    assert "No longer ruled out: Letters about what is new." in page


async def test_what_the_law_demands_is_locked_with_its_law(person, later):
    page = (await person.get(PAGE)).text
    locked = page[page.index('id="locked"') :]
    assert "Taxes Consolidation Act 1997 (Ireland), section 886" in locked
    assert "<button" not in locked.partition("</section>")[0]


async def test_quiet_hours_are_typed_kept_and_taken_away(person, later, deps, ana):
    typed = (("start", "22:00"), ("end", "08:00"), ("zone", "Europe/Dublin"), ("rule", "never"))
    page = await after(person, ("do", "quiet"), *typed)
    assert "Your quiet hours are set." in page
    assert 'value="Europe/Dublin"' in page
    assert (await terms.load(deps, ana)).terms.quiet == "22:00-08:00 Europe/Dublin"
    await after(person, ("do", "quiet"), ("rule", "open"))
    assert (await terms.load(deps, ana)).terms.quiet == ""


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"do": "quiet", "start": "22:00", "end": "08:00", "zone": "Europe/Nowhere"}, "Nowhere"),
        ({"do": "quiet", "start": "08:00", "end": "08:00", "zone": "Europe/Dublin"}, "08:00"),
        ({"do": "quiet", "start": "25:00", "end": "08:00", "zone": "Europe/Dublin"}, "25:00"),
        ({"do": "quiet", "start": "22:00", "end": "08:00", "zone": "../../etc/passwd"}, "passwd"),
        ({"do": "quiet", "zone": '"><b>'}, "&#34;&gt;&lt;b&gt;"),
        ({"do": "quiet"}, ""),
        ({"do": "lapse", "days": "0"}, 'value="0"'),
        ({"do": "lapse", "days": "366"}, 'value="366"'),
        ({"do": "lapse", "days": "-1"}, 'value="-1"'),
        ({"do": "lapse", "days": "٣"}, "٣"),
        ({"do": "lapse", "days": ""}, ""),
    ],
    ids=str,
)
async def test_what_cannot_be_is_asked_again_with_what_was_typed(person, later, fields, kept):
    answer = await press(person, *fields.items(), ("rule", "never"))
    assert answer.status_code == 422
    assert "This did not work" in answer.text
    assert kept in answer.text
    assert "<title>Error: Your own rules" in answer.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "purpose", "name": "nonsense", "rule": "never"}, 400),
        ({"do": "app", "name": "nonsense", "rule": "never"}, 400),
        ({"do": "channel", "name": "pigeon", "rule": "never"}, 400),
        ({"do": "mails", "name": "sign-in", "rule": "never"}, 400),
        ({"do": "switch", "name": "nonsense", "rule": "never"}, 400),
        ({"do": "switch", "name": "lapse", "rule": "never"}, 422),
        ({"do": "purpose", "name": "tax", "rule": "never"}, 422),
        ({"do": "channel", "name": "phone", "rule": "ask"}, 422),
        ({"do": "level", "name": "all"}, 400),
        ({"do": "undo", "token": "x"}, 400),
        ({"do": "undo"}, 400),
        ({"do": "everything"}, 400),
        ({"do": "purpose", "name": "marketing", "rule": "always"}, 400),
        ({"do": "purpose", "name": "x" * 201, "rule": "never"}, 400),
        ({}, 400),
    ],
    ids=str,
)
async def test_what_no_page_sends_is_refused(person, later, deps, ana, fields, status):
    before = (await terms.load(deps, ana)).terms
    answer = await press(person, *fields.items())
    assert answer.status_code == status
    assert (await terms.load(deps, ana)).terms == before


async def test_another_customers_form_and_undo_change_nothing(person, deps, app, ana):
    page = await after(person, ("do", "switch"), ("name", "pause"), ("rule", "never"))
    await customer.add(deps, {"contact.email": "ben@example.org"}, source=Source.TOLD)
    ben = Person(app)
    await ben.sign_in(deps, "ben@example.org")
    token = hidden(r'action="/privacy/terms">.*?name="csrf" value="([^"]+)"', page)
    fields = (("do", "switch"), ("name", "pause"), ("rule", "open"))
    assert (await ben.post(PAGE, ("csrf", token), *fields)).status_code == 403
    assert (await press(ben, ("do", "undo"), ("token", undo_of(page)))).status_code == 400
    assert undo_of(page) not in (await ben.get(f"{PAGE}?done={undo_of(page)}")).text
    assert (await terms.load(deps, ana)).terms.paused


async def test_who_looked_says_in_words_what_was_set(person, deps):
    await after(person, ("do", "switch"), ("name", "pause"), ("rule", "never"))
    await after(person, ("do", "app"), ("name", "newsletter"), ("rule", "never"))
    page = await shown(person, "Never: Newsletter (Communication).")
    assert "You paused everything that rests on your consent." in page


async def test_the_page_of_choices_leads_here(person):
    assert f'href="{PAGE}"' in (await person.get("/privacy")).text


async def test_a_card_says_that_an_own_rule_forbids_it_now(person, later, deps, ana):
    await give(person)
    await after(person, ("do", "purpose"), ("name", "marketing"), ("rule", "never"))
    await after(person, ("do", "channel"), ("name", "phone"), ("rule", "never"))
    page = (await person.get("/privacy")).text
    marketing = page[page.index('id="marketing-name"') :].partition("</article>")[0]
    assert "Your terms never allow this purpose." in marketing
    support = page[page.index('id="support-name"') :].partition("</article>")[0]
    assert "Your own rules hold back: Telephone number." in support
    menu = page[page.index('id="menu-name"') :].partition("</article>")[0]
    assert "Your own rules" not in menu


async def test_ruling_out_other_businesses_names_them(person, later):
    said = "Nothing goes to another business, such as Parcel carrier (Quayside Parcels)."
    assert said in (await person.get(PAGE)).text  # what a level would change
    assert said in await after(person, ("do", "switch"), ("name", "no-sharing"), ("rule", "never"))
