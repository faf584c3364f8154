"""Compliance searches the access log, looks into an entry for a case, and takes the list along."""

import json
import time
from pathlib import Path

from tests.browser.colleague import Colleague
from tests.browser.walk import WAYS, Walk

MOUSE, KEYS = WAYS.values()
SECONDS = 5  # after which a look is on the customer's list
CASE = "T-2026-41"


def taken(walk, name):
    """Download a file, and return its text."""
    with walk.page.expect_download() as waits:
        walk.page.get_by_role("link", name=name).click()
    return Path(waits.value.path()).read_text(encoding="utf-8")


def test_compliance_finds_an_entry_and_its_customer_sees_the_look(shop, visit, staff):
    customer = Walk(visit, MOUSE)
    who = shop.customer("searched@example.org", "contact.email=searched@example.org")
    shop.sign_in(customer.page, who)
    customer.go("/privacy/marketing")
    customer.button("Allow")
    assert shop.look(who) == 200

    compliance = Colleague(visit, shop, MOUSE, storage_state=staff.browser("compliance"))
    compliance.go("/console")
    compliance.menu("Access log")
    compliance.hand.turn(compliance.page.locator("summary", has_text="Choose what to see"))
    compliance.hand.choose(compliance.field("App"), "newsletter")
    compliance.hand.choose(compliance.field("Decision"), "allowed")
    compliance.button("Show these")
    compliance.hand.press(compliance.page.locator("main a[href^='/console/log/']").first)
    compliance.hand.choose(compliance.field("What for"), "audit.question")
    compliance.write("Case", CASE)
    compliance.button("Record the look and open")
    assert "What the entry says" in compliance.main
    assert "searched@example.org" not in compliance.main

    customer.link("Who looked", within="nav.menu")
    deadline = time.monotonic() + SECONDS
    while CASE not in customer.main:
        assert time.monotonic() < deadline
        customer.page.reload()
    assert f"Staff {compliance.handle}" in customer.main

    compliance.go("/console/log?app=newsletter")
    table = taken(compliance, "As a table (CSV)")
    assert table.lstrip("\ufeff").startswith('"index","at","kind","app",')
    lines = taken(compliance, "For programs (NDJSON)").splitlines()
    assert lines
    assert {json.loads(line)["app"] for line in lines} == {"newsletter"}
    compliance.menu("Alerts")
    assert "No alert so far." in compliance.main
    assert compliance.fine()
    assert customer.fine()


def test_by_keys_alone_a_filter_is_set_and_taken_away(shop, visit, staff):
    compliance = Colleague(visit, shop, KEYS, storage_state=staff.browser("compliance"))
    compliance.go("/console/log")
    compliance.hand.turn(compliance.page.locator("summary", has_text="Choose what to see"))
    compliance.write("Case", "T-0-0")
    compliance.button("Show these")
    assert "No entry here is what you chose." in compliance.main
    compliance.link("remove", within="main")
    assert "T-0-0" not in compliance.main
    assert compliance.fine()
