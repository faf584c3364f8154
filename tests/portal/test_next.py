"""Signing in leads to pages of ours and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.app import WAYS
from portal.next import checked
from tests.portal.conftest import ANA
from tests.portal.person import forms
from tests.services import mailbox

TRICKS = (
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "https:evil.example/home",
    "//evil.example",
    "///evil.example",
    "////evil.example/home",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/home\\..\\..",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/home\n",
    "/home\r\nset-cookie: a=b",
    "/home%0d%0aset-cookie:a=b",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/home/../..//evil.example",
    "/home/..;/evil.example",
    "/home@evil.example",
    "@evil.example",
    "/home:80@evil.example",
    "/home?next=//evil.example",
    "/home#//evil.example",
    "/home;//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "/javascript:alert(1)",
    "/HOME",
    "/home/",
    "/home/contact.email/..",
    "/home/contact..email",
    "/privacy/../sign-out",
    "/privacy/Marketing",
    "/sign-out",
    "/sign-in",
    "/leave",
    "/code",
    "/u/token",
    "/\u2215evil.example",
    "/ho\u200bme",
    "\uff0fhome",
    "/home\u0000",
    "/\ud800",
    "",
    "/",
    "home",
    "/privacy/" + "a" * 200,
)
GOOD = (
    "/home",
    "/home/contact.email",
    "/privacy",
    "/privacy/loyalty.rewards",
    "/who-looked",
    "/who-looked/key",
    "/your-data",
    "/your-data/erase",
    "/requests",
    "/receipts",
    "/security",
    "/security/address",
    "/follow-ups",  # of a letter
    "/who-looked/17",
    "/who-looked/17/check",
)
# What is handed out and is no page, what leads on by itself, and what makes no sense without a query.
NO_PAGES = {"/go-on", "/requests/new", "/who-looked.csv", "/who-looked.json", "/me/usage.json"}


@pytest.mark.parametrize("wish", TRICKS, ids=ascii)
def test_a_trick_leads_nowhere(wish):
    assert checked(wish) == ""


@pytest.mark.parametrize("wish", GOOD)
def test_a_page_of_ours_is_a_wish(wish):
    assert checked(wish) == wish


@given(st.text(alphabet="/\\:?#@.%abhome-_0\t\n\r \u2215", max_size=40))
def test_what_is_led_to_is_a_plain_path_of_ours(text):
    wish = checked(text)
    assert wish in {"", text}
    if wish:
        assert wish.startswith("/")
        assert not wish.startswith("//")
        assert wish.isascii()
        assert not set(wish) & set("\\:?#@%\t\n\r ")


def test_every_fixed_page_that_needs_a_sign_in_may_be_led_to():
    paths = {way.path for way in WAYS if way.signed_in and way.get and "{" not in way.path}
    assert {path for path in paths - NO_PAGES if not checked(path)} == set()


# The door does not depend on the database.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wish", TRICKS[:24], ids=ascii)
async def test_no_step_of_signing_in_leads_away(visitor, deps, ana, wish):
    page = await visitor.http.get("/sign-in", params={"next": wish, "fresh": "1"})
    hidden = [pair for pair in forms(page.text)["/sign-in"] if pair[0] == "csrf"]
    sent = await visitor.post("/sign-in", *hidden, ("email", ANA), ("next", wish))
    assert sent.headers["location"] == "/sign-in/code"
    code = mailbox.code(await mailbox.sent(deps))
    page = await visitor.http.get("/sign-in/code", params={"next": wish})
    hidden = [pair for pair in forms(page.text)["/sign-in/code"] if pair[0] == "csrf"]
    there = await visitor.post("/sign-in/code", *hidden, ("code", code), ("next", wish))
    assert there.headers["location"] == "/home"
    led = await visitor.http.get("/go-on", params={"next": wish})
    assert led.headers["location"] == "/home"
