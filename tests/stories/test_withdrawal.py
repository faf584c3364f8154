"""An app reads what a customer allows; the customer sees the look, withdraws, and it stops."""

from tests.stories.served import Served
from tests.stories.shop_app import App, Customer

EMAIL = "ana@example.org"
APPROVED = [
    {
        "purpose": "marketing",
        "actions": ["read"],
        "datatypes": [
            "contact.email",
            "contact.full_name",
            "contact.language",
            "preferences.topics",
        ],
    },
    {"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.email"]},
]


def add(served: Served) -> str:
    return served.run(
        "customer",
        "add",
        "--email",
        EMAIL,
        "--set",
        "contact.full_name=Ána O'Brien",
        "--source",
        "told",
    )


def test_what_is_allowed_is_read_seen_and_withdrawn(served: Served) -> None:
    who = add(served)
    app = App(served, "newsletter", APPROVED[:1])
    app.sign_in()
    pairwise = served.run("app", "id", "newsletter", who)
    path = f"/api/v1/customers/{pairwise}/profile?purpose=marketing"
    unasked = app.request("GET", path)
    assert (unasked.status_code, unasked.json()["type"].rpartition("/")[2]) == (
        404,
        "not-available",
    )

    ana = Customer(served, EMAIL)
    ana.sign_in()
    assert "Ána O&#39;Brien" in ana.http.get("/home").text
    chosen = [("field", name) for name in ("contact.email", "contact.full_name")]
    given = ana.send("/privacy/marketing", "/privacy/marketing", ("decision", "give"), *chosen)
    assert (given.status_code, given.headers["location"].partition("?")[0]) == (303, "/privacy")

    read = app.request("GET", path).json()
    assert read["fields"]["contact.full_name"]["value"] == "Ána O'Brien"
    assert read["fields"]["contact.email"]["value"] == EMAIL
    assert {one["field"]: one["reason"] for one in read["withheld"]} == {
        "contact.language": "no-basis",
        "preferences.topics": "no-basis",
    }

    looked = ana.http.get("/who-looked").text
    assert "Newsletter" in looked
    stopped = ana.send("/privacy", "/privacy/marketing", ("decision", "withdraw"))
    assert stopped.status_code == 303
    after = app.request("GET", path)
    assert after.status_code == 404
    assert after.content == unasked.content


def test_customers_reach_nothing_of_each_other(served: Served) -> None:
    add(served)
    served.run("customer", "add", "--email", "bo@example.org", "--source", "told")
    ana, bo = Customer(served, EMAIL), Customer(served, "bo@example.org")
    ana.sign_in()
    bo.sign_in()
    ana.send(
        "/privacy/marketing", "/privacy/marketing", ("decision", "give"), ("field", "contact.email")
    )
    import re

    receipt = re.search(r"/receipts/[0-9a-f-]{36}", ana.http.get("/receipts").text)
    assert receipt
    assert ana.http.get(receipt[0]).status_code == 200
    assert bo.http.get(receipt[0]).status_code == 404
    assert "O&#39;Brien" not in bo.http.get("/home").text
