"""The whole way of a customer in a real browser, with JavaScript off."""

import time

import pytest

from tests.browser.pages.conftest import ANA, NAME, newest_code, sign_in

pytestmark = pytest.mark.browser
STEPS = 100  # of 50 ms


def sign_in_by_code(page, served):
    """Sign in by the mailed digits, as a person does."""
    before = len(list((served.home / "mail").glob("*.eml")))
    page.goto("/sign-in")
    page.get_by_label("Your e-mail address").fill(ANA)
    page.get_by_role("button", name="Send me a code").click()
    for _ in range(STEPS):
        if len(list((served.home / "mail").glob("*.eml"))) > before:
            break
        time.sleep(0.05)
    page.get_by_label("The six digits").fill(newest_code(served))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")


def test_a_customer_sees_allows_stops_and_leaves(served, ana, open_page):
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
    sign_in_by_code(page, served)
    assert page.get_by_text(NAME).is_visible()
    page.get_by_role("link", name="What I allow").click()
    page.get_by_role("link", name="Read and decide").filter(has_text="Letters").click()
    assert page.locator("output[data-field='contact.email']").inner_text() == ANA
    page.get_by_role("button", name="Allow", exact=True).click()
    status = page.get_by_role("status")
    assert "You allowed “Letters about what is new”" in status.inner_text()
    with page.expect_download() as download:
        status.get_by_role("link", name="Your receipt").click()
    assert download.value.suggested_filename.startswith("receipt-")
    page.get_by_role("button", name="Stop").click()
    assert "You stopped “Letters about what is new”" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Who looked").click()
    page.locator("summary").first.click()
    assert page.get_by_text("looked at your own page").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are signed out"
    page.goto("/home")
    assert "/sign-in?next=/home" in page.url


def test_the_keyboard_alone_leads_through_a_decision(served, ana, open_page):
    page = open_page(java_script_enabled=False)
    sign_in(page, served, ana)
    page.goto("/privacy/marketing")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the main part"
    refuse = page.get_by_role("button", name="Do not allow")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text() == "Do not allow":
            break
    refuse.press("Enter")
    assert "“Letters about what is new”" in page.get_by_role("status").inner_text()


def leave_and_go_back(page):
    page.goto("/who-looked")
    page.goto("/home")
    assert page.get_by_text(NAME).is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out")
    page.wait_for_timeout(500)  # the sheet that empties the cache is read after the page
    page.go_back(wait_until="commit")
    page.wait_for_timeout(500)
    return page.content()


def test_back_after_signing_out_shows_nothing_personal(served, ana, open_page):
    page = open_page()
    sign_in(page, served, ana)
    shown = leave_and_go_back(page)
    assert NAME not in shown
    assert ANA not in shown
