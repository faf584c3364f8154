"""An app reads what a customer allows; the customer sees the look, withdraws, and it stops."""

import re

from tests.stories.served import Served
from tests.stories.shop_app import App, Customer

FIELDS = ["contact.email", "contact.full_name", "contact.language", "preferences.topics"]
APPROVED = [{"purpose": "marketing", "actions": ["read"], "datatypes": FIELDS}]


def add(served: Served, email: str, name: str = "Ána O'Brien") -> str:
    words = ("--set", f"contact.full_name={name}", "--source", "told")
    return served.run("customer", "add", "--email", email, *words)


def test_what_is_allowed_is_read_seen_and_withdrawn(served: Served) -> None:
    email = "withdraws@example.org"
    who = add(served, email)
    app = App(served, "newsletter", APPROVED)
    app.sign_in()
    pairwise = served.run("app", "id", "newsletter", who)
    path = f"/api/v1/customers/{pairwise}/profile?purpose=marketing"
    unasked = app.request("GET", path)
    assert unasked.status_code == 404
    assert unasked.json()["type"].endswith("/problems/not-available")

    ana = Customer(served, email)
    ana.sign_in()
    assert "Ána O&#39;Brien" in ana.http.get("/home").text
    chosen = [("field", name) for name in FIELDS[:2]]
    given = ana.send("/privacy/marketing", "/privacy/marketing", ("decision", "give"), *chosen)
    assert (given.status_code, given.headers["location"].partition("?")[0]) == (303, "/privacy")

    read = app.request("GET", path).json()
    values = {name: one["value"] for name, one in read["fields"].items()}
    assert values == {"contact.email": email, "contact.full_name": "Ána O'Brien"}
    reasons = {one["field"]: one["reason"] for one in read["withheld"]}
    assert reasons == {"contact.language": "no-basis", "preferences.topics": "no-basis"}

    assert "Newsletter" in ana.http.get("/who-looked").text
    stopped = ana.send("/privacy", "/privacy/marketing", ("decision", "withdraw"))
    assert stopped.status_code == 303
    after = app.request("GET", path)
    assert (after.status_code, after.content) == (404, unasked.content)


def test_customers_reach_nothing_of_each_other(served: Served) -> None:
    add(served, "one@example.org", "Only One")
    add(served, "two@example.org", "Number Two")
    one, two = Customer(served, "one@example.org"), Customer(served, "two@example.org")
    one.sign_in()
    two.sign_in()
    page = "/privacy/marketing"
    one.send(page, page, ("decision", "give"), ("field", "contact.email"))
    receipt = re.search(r"/receipts/[0-9a-f-]{36}", one.http.get("/receipts").text)
    assert receipt
    assert one.http.get(receipt[0]).status_code == 200
    assert two.http.get(receipt[0]).status_code == 404
    assert one.http.get(f"{receipt[0]}.json").status_code == 200
    assert two.http.get(f"{receipt[0]}.json").status_code == 404
    assert "Only One" not in two.http.get("/home").text
