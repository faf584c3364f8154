"""The whole way of a customer: with a mouse and by keys alone, with JavaScript and without.

Sign in by the digits of the mail, read what is known, allow, be looked at, see who looked, stop, read
the receipt, leave.
"""

from functools import partial

import pytest

from tests.browser.hand import Keyboard, Mouse
from tests.browser.shop import NAME, VALUES

WAYS = {
    "mouse": (Mouse, True, 1280),
    "mouse without script on a phone": (Mouse, False, 320),
    "keys": (Keyboard, True, 1280),
    "keys without script on a phone": (Keyboard, False, 320),
}


def sign_in(hand, shop, email):
    """Sign in by the mailed digits, as a person does."""
    page = hand.page
    before = len(shop.mails())
    hand.press(page.get_by_role("link", name="Sign in").first)
    hand.write(page.get_by_label("Your e-mail address"), email)
    hand.press(page.get_by_role("button", name="Send me a code"))
    hand.write(page.get_by_label("The six digits"), shop.code(after=before))
    hand.press(page.get_by_role("button", name="Sign in"))
    page.wait_for_url("**/home")


@pytest.mark.parametrize("way", WAYS)
def test_a_customer_sees_allows_stops_and_leaves(visit, shop, way):
    hand_of, script, width = WAYS[way]
    email = f"{way.replace(' ', '.')}@example.org"
    who = shop.customer(email, *VALUES)
    one = visit(java_script_enabled=script, viewport={"width": width, "height": 720})
    page, hand = one.page, hand_of(one.page)

    one.go("/")
    sign_in(hand, shop, email)
    assert page.get_by_text(NAME).first.is_visible()

    hand.press(page.get_by_role("link", name="What I allow"))
    hand.press(page.locator("#marketing a[href='/privacy/marketing']"))
    assert page.locator("output[data-field='contact.email']").inner_text() == email
    assert shop.look(who) == 404
    hand.press(page.get_by_role("button", name="Allow", exact=True))
    status = page.get_by_role("status")
    assert "You allowed “Letters about what is new”" in status.inner_text()
    assert shop.look(who) == 200

    hand.press(page.get_by_role("link", name="Who looked"))
    assert "Newsletter" in page.inner_text("main")

    hand.press(page.get_by_role("link", name="What I allow"))
    hand.press(page.locator("#marketing button[value=withdraw]"))
    assert "You stopped “Letters about what is new”" in page.get_by_role("status").inner_text()
    assert shop.look(who) == 404

    hand.press(page.get_by_role("status").get_by_role("link", name="Your receipt"))
    assert "Receipt: Letters about what is new" in page.inner_text("h1")
    hand.press(page.get_by_role("button", name="Sign out"))
    assert page.inner_text("h1") == "You are signed out"
    one.go("/home")
    assert "/sign-in?next=/home" in page.url
    assert hand.wrong == []


def test_the_skip_link_comes_first_and_skips(visit, ana):
    one = visit(storage_state=ana, java_script_enabled=False)
    page = one.page
    one.go("/privacy")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_receipt_fits_on_one_sheet(visit, ana):
    one = visit(storage_state=ana)
    one.go("/receipts")
    paths = one.page.locator("main a.button[href^='/receipts/0']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    assert len(paths) >= 3
    for path in paths:
        one.go(path)
        sheet = one.page.pdf(format="A4", print_background=True)
        assert sheet.count(b"/Type /Page\n") == 1, path


def added(style, route):
    """Answer with the stylesheet and something more."""
    was = route.fetch()
    route.fulfill(response=was, body=was.text() + style)


def test_a_focus_that_does_not_show_or_is_covered_is_found(visit):
    for style, said in (
        ("a:focus-visible { outline: none !important }", "does not show its focus"),
        (
            "main::before { content: ''; position: fixed; inset: 0; z-index: 9 }",
            "is covered",
        ),
    ):
        one = visit()
        one.page.route("**/ownship.css", partial(added, style))
        one.go("/")
        hand = Keyboard(one.page)
        hand.press(one.page.get_by_role("link", name="Sign in").first)
        assert said in "\n".join(hand.wrong)
