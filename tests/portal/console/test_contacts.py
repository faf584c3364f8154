"""Staff see a customer's contacts as a tree, fetch their files, and write down what happened."""

import re

import pytest

from tests.portal.console.staffed import staff_looks
from tests.portal.console.test_customer import ANA, ana, look
from tests.portal.console.test_customer import CASE as REFERENCE
from tests.portal.person import Person, forms
from tests.portal.test_interactions import PDF, attach, note
from tests.services.logbook import until
from vault.core.entry import Kind
from vault.core.event import Outcome
from vault.services.who_looked import latest

__all__ = ["ana"]

GOOD = (
    ("kind", "call"),
    ("day", "2026-11-30"),
    ("time", "09:15"),
    ("channel", "telephone"),
    ("who", "Shop team"),
    ("outcome", "solved"),
    ("text", "She came in.\n<b>Twice</b>"),
)


@pytest.fixture
async def place(ana, support):
    """The address of a look."""
    return (await look(support)).headers["location"]


def first(pattern, page):
    """Return the first address of a form on a page."""
    return re.findall(f'href="({pattern})"', page)[0]


def changed(**fields):
    return list((dict(GOOD) | fields).items())


async def test_contacts_stand_as_a_tree_with_who_outcome_and_files(deps, ana, support, place):
    top = await note(deps, ana, "complaint", {"text": "cold"}, days=3)
    call = await note(deps, ana, "call", {"text": "sorry"}, days=2, parent=top)
    await attach(deps, ana, call, name="<i>\u202eçâ.pdf")
    page = (await support.get(f"{place}/contacts")).text
    assert page.index("cold") < page.index("1 that belongs to it") < page.index("sorry")
    assert "_i_çâ.pdf" in page
    href = first('[^"]*/attachments/1', page)
    assert str(call) not in page
    got = await support.get(href)
    assert (got.status_code, got.content) == (200, PDF)
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert got.headers["cache-control"] == "no-store"
    looks = await staff_looks(deps, ana)
    assert [(one.kind, one.case) for one in looks] == [(Kind.STAFF_LOOK, REFERENCE)] * 2
    for wrong in (href[:-1] + "2", href[:-1] + "x", href.replace("/attachments", "A/attachments")):
        assert (await support.get(wrong)).status_code == 404


async def test_what_staff_write_down_is_recorded_and_the_customer_reads_it(
    deps, ana, support, place, app
):
    new = f"{place}/contacts/new"
    answer = await support.send(new, new, *GOOD)
    assert answer.status_code == 303, answer.text
    page = (await support.get(answer.headers["location"])).text
    assert "It is written down." in page
    assert "&lt;b&gt;Twice&lt;/b&gt;" in page
    under = first(r'[^"]*/contacts/new\?under=[^"]*', page)
    answer = await support.send(under, new, *changed(kind="complaint", text="", outcome="", who=""))
    assert answer.status_code == 303, answer.text

    async def listed():
        written = [one for one in await latest(deps, ana, limit=50) if one.kind is Kind.WRITTEN]
        mine = [one for one in written if one.actor == f"staff:{support.handle}"]
        return [(one.purpose, one.case) for one in mine] == [("support", REFERENCE)] * 2

    await until(listed, seconds=10)
    person = Person(app)
    await person.sign_in(deps, ANA)
    page = (await person.get("/interactions?view=tree")).text
    assert "Shop team" in page
    assert "Solved" in page
    assert "1 that belongs to it" in page
    assert "Kim Sample" not in page


async def test_a_form_that_is_sent_twice_makes_one_event(deps, ana, support, place):
    new = f"{place}/contacts/new"
    hidden = forms((await support.get(new)).text)[new]
    for _ in range(2):
        assert (await support.post(new, *hidden, *GOOD)).status_code == 303
    assert (await support.get(f"{place}/contacts")).text.count("She came in.") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "purchase"}, "Choose what it was."),  # the clause lets nobody append it
        ({"kind": ""}, "Choose what it was."),
        ({"day": "2099-01-01"}, "Write a day and a time"),
        ({"day": "1899-12-31"}, "Write a day and a time"),
        ({"time": "noon"}, "Write a day and a time"),
        ({"channel": " "}, "Write by which way"),
        ({"channel": "\u202eabc"}, "Write by which way"),
        ({"who": "\u202eabc"}, "Write a role or a team"),
        ({"who": "x" * 65}, "Write a role or a team"),
        ({"outcome": "done"}, "Choose what came of it"),
        ({"text": "x" * 4_001}, "longer than 4,000"),
        ({"text": "a\x00"}, "in this that are no text"),
    ],
)
async def test_what_is_wrong_is_said_with_what_was_typed(deps, ana, support, place, change, said):
    new = f"{place}/contacts/new"
    answer = await support.send(new, new, *changed(**change))
    assert answer.status_code == 422
    assert said in answer.text
    if "text" not in change:
        assert "She came in." in answer.text
    assert "There are no contacts" in (await support.get(f"{place}/contacts")).text


async def test_a_parent_that_is_not_this_members_is_not_there(deps, ana, support, place):
    new = f"{place}/contacts/new"
    answer = await support.send(f"{new}?under=AAAA", new, *GOOD)
    assert answer.status_code == 404


async def test_where_nobody_was_found_nothing_is_written_and_it_is_recorded(ana, support):
    place = (await look(support, whom="nobody@example.org")).headers["location"]
    new = f"{place}/contacts/new"
    assert (await support.send(new, new, *GOOD)).status_code == 404


async def test_a_role_that_may_append_nothing_has_no_form(deps, ana, compliance, support, place):
    assert (await compliance.get(f"{place}/contacts/new")).status_code == 404
    page = (await support.get(f"{place}/contacts/new")).text
    assert all(f'value="{one}"' in page for one in Outcome)
    assert 'value="purchase"' not in page
