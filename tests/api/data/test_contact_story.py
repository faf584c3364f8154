"""A customer's story, told once: an app notes a call with a letter, staff a visit, the customer reads all."""

import re

from policies.model import StaffRole
from portal import app as portal_app
from tests.api.data.conftest import Shop
from tests.portal.console.member import Member
from tests.portal.console.staffed import staffed
from tests.portal.person import Person
from tests.vaults import ISSUER
from vault.guard import Guard

PDF = b"%PDF-1.7\n a letter"


async def test_a_call_a_letter_and_a_visit_are_one_story(shop: Shop, tmp_path) -> None:
    await staffed(shop.deps, tmp_path)
    known = await shop.add()
    app = Guard(portal_app.create(shop.deps), issuer=ISSUER)
    path = f"/api/v1/customers/{await shop.id('delivery', known)}/interactions"
    event = {
        "purpose": "support",
        "kind": "call",
        "at": "2026-11-20T10:00:00Z",
        "channel": "telephone",
        "who": "Delivery team",
        "outcome": "answered",
        "content": {"text": "The parcel was wet."},
    }
    call = (await shop.call("delivery", "POST", path, event)).json()["id"]
    letter = {**event, "kind": "complaint", "channel": "letter", "parent": call, "who": "customer"}
    letter_id = (await shop.call("delivery", "POST", path, letter)).json()["id"]
    file = f"{path}/{letter_id}/attachments/1?purpose=support"
    put = await shop.call(
        "delivery", "PUT", f"{file}&name=carta.pdf", PDF, **{"content-type": "application/pdf"}
    )
    assert put.status_code == 201, put.text

    support = await Member(app).join(shop.deps, "support@example.org", StaffRole.SUPPORT)
    here = "/console/customers"
    asked = [("case", "T-2026-1"), ("customer", "ana@example.org"), ("purpose", "support")]
    look = (await support.send(here, here, *asked)).headers["location"]
    tree = (await support.get(f"{look}/contacts")).text
    assert (
        tree.index("Delivery team") < tree.index("1 that belongs to it") < tree.index("carta.pdf")
    )
    fetched = await support.get(re.findall(r'href="([^"]*/attachments/1)"', tree)[0])
    assert fetched.content == PDF
    under = re.findall(r'href="([^"]*\?under=[^"]*)"', tree)[-1]
    visit = [("kind", "call"), ("day", "2026-11-21"), ("time", "09:00")]
    visit += [
        ("channel", "in the shop"),
        ("text", "She came in."),
        ("outcome", "beyond"),
        ("who", "Shop team"),
    ]
    assert (await support.send(under, f"{look}/contacts/new", *visit)).status_code == 303

    ana = Person(app)
    await ana.sign_in(shop.deps, "ana@example.org")
    mine = (await ana.get("/interactions?view=tree")).text
    order = [mine.index(words) for words in ("Delivery team", "carta.pdf", "She came in.")]
    assert order == sorted(order)
    assert "More was done than was asked for" in mine
    own = await ana.get(re.findall(r'href="(/interactions/[^"]*/attachments/1)"', mine)[0])
    assert (own.content, own.headers["cache-control"]) == (PDF, "no-store")

    # The app reads what staff noted, until she objects; then all of it is gone for the app.
    seen = await shop.call("delivery", "GET", f"{path}?purpose=support&thread={call}")
    assert [one["outcome"] for one in seen.json()["interactions"]] == [
        "answered",
        "answered",
        "beyond",
    ]
    stop = await ana.send("/privacy", "/privacy/support", ("decision", "object"))
    assert stop.status_code == 303, stop.text
    for gone in (f"{path}?purpose=support&thread={call}", f"{path}?purpose=support", file):
        assert (await shop.call("delivery", "GET", gone)).status_code == 404
    assert "She came in." in (await ana.get("/interactions?view=tree")).text
