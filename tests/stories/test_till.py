"""A customer gets a card, shows it at a till, collects points, and stops one detail: one benefit ends."""

from datetime import UTC, datetime

from tests import rewards
from tests.stories.served import Served
from tests.stories.shop_app import App, Customer

EMAIL = "till@example.org"
PAGE = f"/privacy/{rewards.PURPOSE}"
LOOKUP = "/api/v1/profiles:lookup"


def test_a_card_is_given_shown_and_pays_only_for_what_is_shared(installed: Served) -> None:
    served = installed
    code = served.home / "rewards.yaml"
    text = rewards.SOURCE.replace("effective: 2026-12-01", f"effective: {datetime.now(UTC).date()}")
    code.write_text(text, encoding="utf-8")
    served.run("code", "publish", str(code))
    served.start()
    values = ("contact.full_name=Ána O'Brien", "contact.birth_date=1980-02-29")
    pairs = [word for one in values for word in ("--set", one)]
    who = served.run("customer", "add", "--email", EMAIL, *pairs, "--source", "told")
    app = App(served, "loyalty", rewards.APPROVED)
    app.sign_in()
    pairwise = served.run("app", "id", "loyalty", who)
    card = f"/api/v1/customers/{pairwise}/card"
    purpose = {"purpose": rewards.PURPOSE}
    assert app.request("POST", card, purpose).status_code == 404  # nobody asked them yet

    ana = Customer(served, EMAIL)
    ana.sign_in()
    assert ana.send(PAGE, PAGE, ("decision", "give")).status_code == 303
    given = app.request("POST", card, purpose)
    assert given.status_code == 201, given.text
    number = given.json()["number"]

    told = ana.send(
        "/home/preferences.coffee",
        "/home/preferences.coffee",
        ("value", "flat_white"),
        ("do", "correct"),
    )
    assert told.status_code == 303
    field = "loyalty.card"
    shown = {
        **purpose,
        "identifier": {"field": field, "value": f"{number[:4]} {number[4:]}"},
        "fields": ["contact.full_name", "preferences.*", "contact.birth_date"],
    }
    seen = app.request("POST", LOOKUP, shown)
    assert {name: one["value"] for name, one in seen.json()["fields"].items()} == {
        "contact.full_name": "Ána O'Brien",
        "contact.birth_date": "1980-02-29",
        "preferences.coffee": "flat_white",
    }
    assert seen.json()["customer"] == pairwise
    event = {"kind": "purchase", "at": "2026-11-02T09:00:00Z", "channel": "shop"}
    for points, reference, balance in ((7, "1", 7), (7, "1", 7), (5, "2", 12)):
        counted = {**purpose, **event, "points": points, "reference": reference}
        answer = app.request("POST", f"{card}/points", counted)
        assert answer.json()["points"] == balance, answer.text

    page = ana.http.get("/card").text
    assert f"{number[:4]} {number[4:8]}" in page
    assert "+5" in page
    assert "A drink on your birthday" in page
    assert "Without it you do not get: A drink on your birthday. Nothing else changes." in (
        ana.http.get(PAGE).text
    )
    stop = (("decision", "withdraw"), ("field", "contact.birth_date"))
    assert ana.send("/privacy", PAGE, *stop).status_code == 303
    after = app.request("POST", LOOKUP, shown).json()
    assert set(after["fields"]) == {"contact.full_name", "preferences.coffee"}
    assert [one["field"] for one in after["withheld"]] == ["contact.birth_date"]
    assert "Given when all of this is shared" in ana.http.get("/card").text

    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    answers = [
        app.request("POST", LOOKUP, {**shown, "identifier": {"field": field, "value": text}})
        for text in (wrong, "4111 1111 1111 1111")
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
