"""Somebody joins, and a child with a parent's word: by hand, with JavaScript and without."""

import re
import time
from email import message_from_bytes, policy

import pytest

from tests.browser.hand import Keyboard
from tests.browser.shop import PATIENCE
from tests.browser.walk import WAYS, Walk
from tests.services import mailbox


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def ask(one, shop, email, year):
    """Fill in the form and type the code that comes."""
    before = len(shop.mails())
    one.go("/join")
    assert one.page.locator("main input:checked").count() == 0
    one.write("Your e-mail address", email)
    # Chromium's three boxes of a date, as its own keyboard fills them; a mouse's test sets the value.
    born = f"0615{year}" if isinstance(one.hand, Keyboard) else f"{year}-06-15"
    one.write("Your date of birth", born)
    one.button("I want to join")
    one.write("The six digits", shop.code(after=before))
    one.button("Join")


def parents_link(shop, after):
    """Return the path that the letter to a parent leads to, waiting for it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for file in shop.mails()[after:]:
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            if found := re.search(r"/join/parent/\S+", mailbox.text(mail)):
                return found[0]
        time.sleep(0.05)
    raise AssertionError("no letter came")


def test_who_joins_lands_at_home_and_has_allowed_nothing(shop, visit, way):
    one = Walk(visit, way)
    ask(one, shop, f"joins.{way.width}@example.org", 1980)
    assert one.page.inner_text("h1") == "What we know about you"
    one.link("What I allow")
    assert "Not answered yet" in one.main
    assert one.page.locator("button[value=withdraw]").count() == 0
    assert one.fine()


def test_a_child_waits_for_a_parent_who_may_say_no_as_easily(shop, visit, way):
    one, parent = Walk(visit, way), Walk(visit, way)
    ask(one, shop, f"child.{way.width}@example.org", 2015)
    assert "a parent must agree before you can join" in one.main
    before = len(shop.mails())
    one.write("Your parent's e-mail address", f"parent.{way.width}@example.org")
    one.button("Write to my parent")
    assert "We wrote to your parent" in one.main

    parent.go(parents_link(shop, before))
    answers = ("I am a parent and agree", "I do not agree")
    boxes = [parent.page.get_by_role("button", name=one).bounding_box() for one in answers]
    sizes = [box for box in boxes if box]
    assert len(sizes) == 2
    assert {round(size["height"]) for size in sizes} == {round(sizes[0]["height"])}
    assert abs(sizes[0]["width"] - sizes[1]["width"]) < 1
    parent.button("I am a parent and agree")
    assert "You agreed" in parent.main
    assert one.fine()
    assert parent.fine()
