"""A customer steers by hand: a detail, their own rules, a question about a look, an erasure taken back.

With a mouse and by keys alone, with JavaScript and without; each page on the way is judged.
"""

import re

import pytest

from tests.browser.shop import VALUES
from tests.browser.walk import WAYS, Walk

WHERE = "7 Mill Lane <b>\u202eCork, קפה"


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def steer_a_detail(one):
    one.link("Postal address", within="main")
    one.hand.paste(one.field("Postal address"), WHERE)
    one.button("Keep this instead")
    assert "Kept as you wrote it." in one.main
    assert WHERE in one.page.locator(".value").first.inner_text()
    one.button("This is wrong")
    assert "Whoever reads it sees that." in one.main
    one.button("Take back that it is wrong")
    one.button("Restrict this detail")
    assert "no app reads or changes it." in one.main
    one.button("Lift the restriction")
    one.button("Delete this detail")
    assert one.page.title().startswith("Error: ")
    one.hand.turn(one.page.locator("#sure"))
    one.button("Delete this detail")
    assert "Deleted. Nobody can bring it back." in one.main
    assert "Deleted" in one.page.locator("section[aria-labelledby=past]").inner_text()


def set_rules(one):
    one.link("What I allow")
    one.link("Your own rules")
    one.button(re.compile(r"^Never\s*: By telephone"))
    assert "Never: By telephone." in one.page.get_by_role("status").inner_text()
    one.button("Undo")
    assert "No longer ruled out: By telephone." in one.page.get_by_role("status").inner_text()
    one.button(re.compile("^Never profile me"))
    assert "Nobody may profile you." in one.page.get_by_role("status").inner_text()
    one.write("Days", "30")
    one.button("Set this")
    assert "ends earlier, as you said" in one.page.get_by_role("status").inner_text()


def ask_why(one):
    one.link("Who looked")
    assert "Newsletter" in one.main
    one.button("Why did you look?")
    assert re.search(r"Request R[0-9A-Z]{10}", one.main)
    assert "An answer is due by" in one.main


def erase_and_take_back(one):
    one.link("Your data")
    one.link("Erase your data", within="main")
    one.link("Erase everything", within="main")
    one.button("Erase everything")
    assert "Everything is erased on" in one.main
    one.button("Keep my data")
    assert "Nothing is being erased. All is as you left it." in one.main


def test_a_customer_corrects_rules_asks_and_keeps_all(shop, visit, way):
    who = shop.customer(f"steers.{way.width}@example.org", *VALUES)
    one = Walk(visit, way)
    shop.sign_in(one.page, who)
    shop.look(who)
    steer_a_detail(one)
    set_rules(one)
    ask_why(one)
    erase_and_take_back(one)
    one.button("Sign out", within="body")
    assert "You are signed out" in one.main
    assert one.fine()
