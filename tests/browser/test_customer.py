"""A customer on a phone, in Chromium with JavaScript off: sign in, look, allow, look again, stop."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.stories.served import Served
from tests.stories.shop_app import App, newest_mail

WIDTH = 360  # CSS pixels of a phone
EMAIL = "ana@example.org"
NAME = "Ána O'Brien-Łoś"
FIELDS = ["contact.email", "contact.full_name"]
APPROVED = [{"purpose": "marketing", "actions": ["read"], "datatypes": FIELDS}]


class Visit:
    """A page with what went wrong on it: console errors, and requests to another origin."""

    def __init__(self, browser: Browser, issuer: str, folder: Path) -> None:
        self.context = browser.new_context(
            java_script_enabled=False, viewport={"width": WIDTH, "height": 800}, base_url=issuer
        )
        self.page: Page = self.context.new_page()
        self.issuer = issuer
        self.folder = folder
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("request", self._request)

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self.issuer):
            self.wrong.append(request.url)

    def look(self, name: str) -> None:
        """Keep a picture, and fail on what no page may have."""
        page = self.page
        assert page.locator("h1").count() == 1, name
        assert page.locator("[style], [onclick], script").count() == 0, name
        box = page.locator("main").bounding_box()
        assert box, name
        assert box["x"] + box["width"] <= WIDTH, name
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        assert self.wrong == [], name


@pytest.fixture
def visit(browser: Browser, installed: Served, tmp_path: Path) -> Iterator[Visit]:
    installed.start()
    one = Visit(browser, installed.issuer, tmp_path)
    yield one
    one.context.close()


@pytest.mark.browser
def test_a_customer_steers_without_javascript(visit: Visit, installed: Served) -> None:
    page = visit.page
    who = installed.run(
        "customer", "add", "--email", EMAIL, "--set", f"contact.full_name={NAME}", "--source", "told"
    )  # fmt: skip
    app = App(installed, "newsletter", APPROVED)
    app.sign_in()
    path = f"/api/v1/customers/{installed.run('app', 'id', 'newsletter', who)}/profile?purpose=marketing"
    assert app.request("GET", path).status_code == 404

    page.goto("/sign-in")
    visit.look("sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("form[action='/sign-in'] button").click()
    mail = newest_mail(installed.home / "mail", set())
    code = re.search(rb"^(\d{6})\r?$", mail, re.MULTILINE)
    assert code
    visit.look("code")
    page.locator("input[name=code]").fill(code[1].decode())
    page.locator("form[action='/sign-in/code'] button").first.click()
    assert page.url == f"{visit.issuer}/home"
    assert NAME in page.inner_text("main")
    visit.look("home")

    page.goto("/privacy")
    visit.look("privacy")
    page.goto("/privacy/marketing")
    boxes = page.locator("input[type=checkbox], input[type=radio]")
    assert all(not boxes.nth(n).is_checked() for n in range(boxes.count()))
    visit.look("ask")
    give, refuse = page.locator("button[value=give]"), page.locator("button[value=refuse]")
    heights = {area["height"] for one in (give, refuse) if (area := one.bounding_box())}
    assert len(heights) == 1
    for name in FIELDS:
        box = page.locator(f"input[name=field][value='{name}']")
        if box.count():
            box.check()
    give.click()
    assert page.url.startswith(f"{visit.issuer}/privacy")
    visit.look("given")
    assert app.request("GET", path).json()["fields"]["contact.full_name"]["value"] == NAME

    page.goto("/who-looked")
    assert "Newsletter" in page.inner_text("main")
    visit.look("who-looked")
    page.goto("/privacy")
    page.locator("form[action='/privacy/marketing'] button[value=withdraw]").click()
    visit.look("withdrawn")
    assert app.request("GET", path).status_code == 404
    page.goto("/code")
    visit.look("code-of-ethics")
    page.goto("/receipts")
    visit.look("receipts")
