"""What opens values takes two people: steward proposes, compliance decides, administration invites.

Each walks through the console's pages by hand. Who may decide is tested in tests/services; here it
is seen that the pages lead there, and offer nobody what is not theirs.
"""

import re
import time

from tests.browser.colleague import Colleague
from tests.browser.shop import READ_ORDER
from tests.browser.walk import WAYS
from tests.followed import swapped

MOUSE, KEYS = WAYS.values()
PATIENCE = 10  # seconds for a letter


def plan(walk):
    """Return what a proposal would do, as its page says it."""
    return walk.page.locator("dl.sums, main table").all_inner_texts()


def here(walk):
    """Return the path of the page."""
    return walk.page.url.removeprefix(walk.visit.issuer).partition("?")[0]


def decide(compliance, path, button):
    compliance.sign_in_freshly(f"{path}/decide")
    compliance.button(button)
    assert here(compliance) == path


def invitation(shop, email):
    """Return the link of a mailed invitation, waiting for it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for file in shop.mails():
            text = file.read_text(encoding="utf-8")
            found = re.search(r"/console/enrol/[A-Za-z0-9_-]+", text)
            if found and email in text:
                return found.group()
        time.sleep(0.05)
    raise AssertionError("no invitation came")


def test_a_code_of_ethics_is_mended_weighed_and_approved_by_another(shop, visit, staff):
    steward = Colleague(visit, shop, KEYS, storage_state=staff.browser("steward"))
    compliance = Colleague(visit, shop, MOUSE).join("approves@example.org", "compliance")
    good = swapped(
        (shop.home / "later.yaml").read_text(encoding="utf-8"),
        ("version: 2026-12-2\neffective: 2099-01-01", "version: 2026-12-3\neffective: 2099-02-01"),
        (
            "      contact.phone: [read]\n    recipients: [newsletter]",
            "    recipients: [newsletter]",
        ),
    )
    bad = swapped(good, ("basis: contract", "basis: whim"))
    steward.go("/console")
    steward.menu("Code of ethics")
    steward.link("Propose a new version")
    steward.hand.paste(steward.field("The code of ethics, as YAML"), bad)
    steward.button("Check it")
    line = bad[: bad.index("whim")].count("\n") + 1
    assert f"Line {line}, column" in steward.main
    steward.hand.paste(steward.field("The code of ethics, as YAML"), good)
    steward.button("Check it")
    assert "Nobody but you sees this draft" in steward.main
    assert "Letters about what is new" in "".join(plan(steward))
    steward.button("Propose it")
    path, weighed = here(steward), plan(steward)
    assert "Your role does not decide on this." in steward.main

    compliance.menu("Proposals")
    compliance.link(path[-9:])
    assert plan(compliance) == weighed
    decide(compliance, path, "Approve")
    assert "Approved" in compliance.main
    compliance.menu("Code of ethics")
    row = compliance.page.locator("tr", has_text="2026-12-3").inner_text()
    assert steward.handle in row
    assert compliance.handle in row
    assert steward.fine()
    assert compliance.fine()


def test_one_freezes_an_app_and_two_let_it_go_on(shop, visit, staff):
    steward = Colleague(visit, shop, MOUSE, storage_state=staff.browser("steward"))
    compliance = Colleague(visit, shop, MOUSE).join("thaws@example.org", "compliance")
    customer = shop.customer("frozen@example.org", "contact.full_name=Ana Example")
    name = shop.run("app", "id", "delivery", customer)
    read = f"/api/v1/customers/{name}/{READ_ORDER}"
    shop.delivery.sign_in()
    assert shop.delivery.request("GET", read).status_code == 200

    steward.go("/console")
    steward.menu("Apps")
    steward.hand.press(steward.page.locator("main a[href='/console/apps/delivery']"))
    steward.hand.choose(steward.field("Why"), "asks-too-much")
    steward.button("Freeze this app")
    assert "Frozen" in steward.main
    assert shop.delivery.request("GET", read).status_code != 200
    for button in ("Refuse", "Approve"):
        steward.menu("Proposals")
        steward.hand.write(steward.page.locator("#app"), "delivery")
        steward.button("Propose that it goes on")
        decide(compliance, here(steward), button)
    steward.menu("Apps")
    steward.hand.press(steward.page.locator("main a[href='/console/apps/delivery']"))
    assert "Frozen" not in steward.main
    shop.delivery.sign_in()
    assert shop.delivery.request("GET", read).status_code == 200
    assert steward.fine()
    assert compliance.fine()


def test_administration_invites_by_two_and_its_own_invitee_does_not_decide(shop, visit, staff):
    admin = Colleague(visit, shop, KEYS, storage_state=staff.browser("admin"))
    compliance = Colleague(visit, shop, MOUSE).join("invites@example.org", "compliance")
    admin.go("/console")
    assert admin.page.locator("nav a[href='/console/log']").count() == 0
    for path in ("/console/log", "/console/requests", "/console/customers"):
        admin.go(path, status=404)
    paths = []
    for email in ("lee@example.org", "mo@example.org"):
        admin.menu("Staff")
        admin.write("E-mail address", email)
        admin.hand.choose(admin.field("Role"), "compliance")
        admin.button("Propose the invitation")
        paths.append(here(admin))
    decide(compliance, paths[0], "Approve")
    link = invitation(shop, "lee@example.org")
    lee = Colleague(visit, shop, MOUSE).join("lee@example.org", "compliance", link=link)
    lee.menu("Proposals")
    lee.link(paths[1][-9:])
    assert "Somebody else decides." in lee.main
    lee.go(f"{paths[1]}/decide")
    assert lee.page.get_by_role("button", name="Approve").count() == 0
    for one in (admin, compliance, lee):
        assert one.fine()
