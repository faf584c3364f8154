"""A business asks before it writes; the customer's limit holds, and they see who asked and was told no."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reaching import NEWSLETTER, TEXT
from tests.stories.served import Served
from tests.stories.shop_app import SAME, App, Customer
from tests.stories.test_withdrawal import add

LATER = ("version: 2026-12\neffective: 2026-12-01", "version: 2026-11-9\neffective: 2026-11-02")
MAIL = {"purpose": "marketing", "channel": "email", "kind": "newsletter_mail"}


def set_limit(customer: Customer, times: str) -> None:
    page = customer.http.get("/privacy/terms").text
    token = re.search(r'action="/privacy/terms">.*?name="csrf" value="([^"]+)"', page, re.DOTALL)
    assert token
    sent = {"csrf": token[1], "do": "at-most", "times": times, "rule": "never"}
    assert customer.http.post("/privacy/terms", data=sent, headers=SAME).status_code == 303


@pytest.fixture
def installed(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A vault that is served, with the code by which the shop reaches customers."""
    served = Served(tmp_path / "home", database_url)
    served.home.mkdir()
    served.run("init")
    code = tmp_path / "reaching.yaml"
    code.write_text(TEXT.replace(*LATER), encoding="utf-8")
    served.run("code", "publish", str(code))
    served.start()
    yield served
    served.stop()


def test_a_campaign_asks_and_the_customers_limit_holds(installed: Served) -> None:
    email = "reached@example.org"
    who = add(installed, email)
    app = App(installed, "newsletter", NEWSLETTER)
    app.sign_in()
    pairwise = installed.run("app", "id", "newsletter", who)
    path = f"/api/v1/customers/{pairwise}/contacts"
    stranger = app.request("POST", f"/api/v1/customers/{'a' * 26}/contacts", MAIL).json()
    unasked = app.request("POST", path, MAIL).json()
    assert unasked.pop("receipt").splitlines()[0] == stranger.pop("receipt").splitlines()[0]
    assert unasked == stranger == {"allowed": False, "reason": "no-basis"}

    ana = Customer(installed, email)
    ana.sign_in()
    given = ana.send("/privacy/marketing", "/privacy/marketing", ("decision", "give"))
    assert given.status_code == 303, given.text
    set_limit(ana, "1")

    campaign = {**MAIL, "content": {"campaign": "autumn"}, "customers": [pairwise, "a" * 26]}
    first = app.request("POST", "/api/v1/contacts:batch", campaign)
    assert first.status_code == 200, first.text
    assert [one["allowed"] for one in first.json()["results"]] == [True, False]
    again = app.request("POST", path, MAIL).json()
    assert (again["allowed"], again["reason"]) == (False, "at-most")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", again["not_before"])

    assert "autumn" in ana.http.get("/interactions").text
    assert "times: 1. Your limit: 1." in ana.http.get("/privacy/terms").text
    looked = ana.http.get("/who-looked").text
    assert "Asked whether it may reach you by" in looked
    lines = ana.http.get("/me/usage.json").json()
    assert {"may-reach", "written", "denied"} <= {one["kind"] for one in lines}
