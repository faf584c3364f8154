"""Batch, resolve, interactions, consents, probes and OpenAPI."""

import asyncio
import json

from sqlalchemy import text

from tests.api.data.conftest import Shop
from vault.services import erase

UNKNOWN = "a" * 26


def kind(answer) -> str:
    return answer.json()["type"].rpartition("/")[2]


async def test_a_batch_answers_in_the_order_asked(shop: Shop) -> None:
    ids = [
        await shop.id(
            "delivery",
            await shop.add(
                contact__email=f"c{n}@example.org", contact__phone=None, loyalty__card=None
            ),
        )
        for n in range(3)
    ]
    asked = [ids[2], UNKNOWN, ids[0], ids[1]]
    answer = await shop.call(
        "delivery",
        "POST",
        "/api/v1/profiles:batch",
        {"purpose": "delivery", "customers": asked, "fields": ["contact.email"]},
    )
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert [one["customer"] for one in body["results"]] == asked
    assert body["results"][1] == {"customer": UNKNOWN, "error": "not-available"}
    assert body["results"][0]["fields"]["contact.email"]["value"] == "c2@example.org"
    assert len(body["receipts"]) == 1


async def test_a_batch_streams_a_line_each_and_a_receipt_for_each_chunk(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    answer = await shop.call(
        "delivery",
        "POST",
        "/api/v1/profiles:batch",
        {"purpose": "delivery", "customers": [who] * 150},
        accept="application/x-ndjson",
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert len(lines) == 152
    assert ["receipt" in line for line in lines].count(True) == 2
    assert "receipt" in lines[100]


async def test_a_batch_over_its_limit_or_outside_the_token_is_refused(shop: Shop) -> None:
    for customers, fields, status, code in [
        ([], None, 400, "bad-request"),
        ([UNKNOWN] * 1001, None, 400, "bad-request"),
        ([7], None, 400, "bad-request"),
        ([UNKNOWN], ["loyalty.card"], 403, "outside-token"),
        ([UNKNOWN], ["no.such"], 400, "unknown-field"),
    ]:
        body = {"purpose": "delivery", "customers": customers}
        if fields:
            body["fields"] = fields
        answer = await shop.call("delivery", "POST", "/api/v1/profiles:batch", body)
        assert (answer.status_code, kind(answer)) == (status, code)


async def resolve(shop: Shop, value: object, *, app: str = "delivery", **more: object):
    body = {
        "purpose": "delivery",
        "identifier": {"field": "contact.email", "value": value},
        **more,
    }
    return await shop.call(app, "POST", "/api/v1/customers:resolve", body)


async def test_an_identifier_leads_to_the_apps_own_id(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    answer = await resolve(shop, " ANA@Example.ORG ".strip())
    assert answer.status_code == 200, answer.text
    assert (answer.json()["customer"], answer.json()["created"]) == (who, False)


async def test_an_identifier_of_nobody_is_not_available(shop: Shop) -> None:
    answer = await resolve(shop, "nobody@example.org")
    assert (answer.status_code, kind(answer)) == (404, "not-available")
    answer = await resolve(shop, "no address")
    assert (answer.status_code, kind(answer)) == (422, "wrong-value")


async def test_an_app_that_may_not_write_an_identifier_creates_nobody(shop: Shop) -> None:
    answer = await resolve(shop, "new@example.org", create=True)
    assert (answer.status_code, kind(answer)) == (403, "outside-token")
    async with shop.deps.database.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one() == 0


async def test_creating_does_not_tell_who_is_a_customer_already(shop: Shop) -> None:
    made = await resolve(shop, "new@example.org", app="loyalty", purpose="support", create=True)
    assert (made.status_code, made.json()["created"]) == (200, True), made.text
    again = await resolve(shop, "new@example.org", app="loyalty", purpose="support", create=True)
    # Answering people rests on a legitimate interest, so the app has a basis for everyone.
    assert again.json()["customer"] == made.json()["customer"]
    assert (again.status_code, again.json()["created"]) == (200, False)
    found = await resolve(shop, "NEW@example.org", app="loyalty", purpose="support")
    assert found.json()["customer"] == made.json()["customer"]
    async with shop.deps.database.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one() == 1


async def test_an_erased_identifier_is_brought_back_by_no_app(shop: Shop) -> None:
    customer = await shop.add()
    who = await shop.id("delivery", customer)
    await erase.erase(shop.deps, customer)
    made = await resolve(shop, "ana@example.org", app="loyalty", purpose="support", create=True)
    unknown = await shop.call(
        "delivery", "GET", f"/api/v1/customers/{UNKNOWN}/profile?purpose=delivery"
    )
    read = await shop.call("delivery", "GET", f"/api/v1/customers/{who}/profile?purpose=delivery")
    assert (made.status_code, made.content) == (404, unknown.content)
    assert (read.status_code, read.content) == (404, unknown.content)
    async with shop.deps.database.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one() == 0


async def test_a_text_that_is_nobodys_value_finds_nobody_either(shop: Shop) -> None:
    await shop.add()
    for spoilt in ("ana@example.org\n", "nobody@example.org\n", " " * 300 + "ana@example.org"):
        answer = await resolve(shop, spoilt, app="loyalty", purpose="support", create=True)
        assert (answer.status_code, kind(answer)) == (422, "wrong-value"), spoilt


async def test_ten_calls_for_one_new_address_make_one_customer(shop: Shop) -> None:
    await shop.token("loyalty")
    await resolve(shop, "first@example.org", app="loyalty", purpose="support")  # learns the nonce
    answers = await asyncio.gather(
        *(
            resolve(shop, "race@example.org", app="loyalty", purpose="support", create=True)
            for _ in range(10)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["customer"] for answer in answers}) == 1


EVENT = {
    "purpose": "support",
    "kind": "call",
    "at": "2026-11-20T10:00:00+01:00",
    "channel": "phone",
    "content": {"said": "The parcel was wet."},
}


async def test_contact_events_come_back_the_newest_first(shop: Shop) -> None:
    known = await shop.add()
    who = await shop.id("delivery", known)
    path = f"/api/v1/customers/{who}/interactions"
    first = await shop.call("delivery", "POST", path, EVENT)
    assert first.status_code == 201, first.text
    second = await shop.call(
        "delivery",
        "POST",
        path,
        {**EVENT, "at": "2026-11-21T10:00:00Z", "parent": first.json()["id"]},
    )
    assert second.json()["receipt"].startswith("ownship-receipt@v1")
    answer = await shop.call("delivery", "GET", f"{path}?purpose=support&kind=call")
    body = answer.json()
    assert [one["id"] for one in body["interactions"]] == [second.json()["id"], first.json()["id"]]
    assert body["interactions"][0]["parent"] == first.json()["id"]
    assert body["interactions"][1]["content"] == EVENT["content"]
    assert body["interactions"][1]["at"] == "2026-11-20T09:00:00Z"
    assert body["next"] is None
    # Another app sees the same event under another id: what two apps hold cannot be joined.
    other = await shop.id("loyalty", known)
    seen = await shop.call(
        "loyalty", "GET", f"/api/v1/customers/{other}/interactions?purpose=support&kind=call"
    )
    assert seen.status_code == 200
    assert not {one["id"] for one in seen.json()["interactions"]} & {first.json()["id"]}


async def test_a_list_of_events_goes_on_from_its_cursor(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/interactions"
    for minute in range(53):
        event = {**EVENT, "at": f"2026-11-20T10:{minute:02}:00Z", "content": {"n": minute}}
        assert (await shop.call("delivery", "POST", path, event)).status_code == 201
    first = (await shop.call("delivery", "GET", f"{path}?purpose=support")).json()
    rest = await shop.call("delivery", "GET", f"{path}?purpose=support&cursor={first['next']}")
    numbers = [one["content"]["n"] for one in first["interactions"] + rest.json()["interactions"]]
    assert numbers == list(range(52, -1, -1))
    bad = await shop.call(
        "delivery", "GET", f"{path}?purpose=support&cursor=AAAA{first['next'][4:]}"
    )
    assert (bad.status_code, kind(bad)) == (400, "bad-request")


async def test_an_event_out_of_bounds_is_refused(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/interactions"
    cases: list[tuple[dict[str, object], int, str]] = [
        ({"kind": "purchase"}, 403, "outside-token"),
        ({"kind": "seance"}, 400, "unknown-field"),
        ({"at": "yesterday"}, 422, "wrong-value"),
        ({"at": "2126-01-01T00:00:00Z"}, 422, "wrong-value"),
        ({"at": "2026-02-30T00:00:00Z"}, 422, "wrong-value"),
        ({"at": "0001-01-01T00:00:00+23:59"}, 422, "wrong-value"),
        ({"kind": "purchase", "channel": "x" * 99, "at": "no"}, 403, "outside-token"),
        ({"content": {"text": "x" * 16_384}}, 422, "wrong-value"),
        ({"content": "x"}, 400, "bad-request"),
        ({"channel": "\x00"}, 422, "wrong-value"),
        ({"parent": UNKNOWN}, 422, "wrong-value"),
        ({"more": 1}, 400, "bad-request"),
    ]
    for change, status, code in cases:
        answer = await shop.call("delivery", "POST", path, {**EVENT, **change})
        assert (answer.status_code, kind(answer)) == (status, code), (change, answer.text)
    listed = await shop.call("delivery", "GET", f"{path}?purpose=support")
    assert listed.json()["interactions"] == []


async def test_a_parent_of_another_customer_is_refused(shop: Shop) -> None:
    ana = await shop.id("delivery", await shop.add())
    bo = await shop.id(
        "delivery",
        await shop.add(contact__email="bo@example.org", contact__phone=None, loyalty__card=None),
    )
    made = await shop.call("delivery", "POST", f"/api/v1/customers/{ana}/interactions", EVENT)
    child = {**EVENT, "parent": made.json()["id"]}
    answer = await shop.call("delivery", "POST", f"/api/v1/customers/{bo}/interactions", child)
    assert (answer.status_code, kind(answer)) == (422, "wrong-value")


async def test_a_purpose_is_allowed_yes_or_no(shop: Shop) -> None:
    known = await shop.add()
    asked = [
        ("delivery", await shop.id("delivery", known), "delivery", True),
        ("loyalty", await shop.id("loyalty", known), "loyalty.rewards", False),
        ("delivery", UNKNOWN, "delivery", False),
    ]
    for app, who, purpose, allowed in asked:
        answer = await shop.call(app, "GET", f"/api/v1/customers/{who}/consents?purpose={purpose}")
        assert (answer.status_code, answer.json()["allowed"]) == (200, allowed)
    answer = await shop.call(
        "delivery", "GET", f"/api/v1/customers/{UNKNOWN}/consents?purpose=marketing"
    )
    assert (answer.status_code, kind(answer)) == (403, "outside-token")


async def test_probes_and_keys_answer_without_a_token(shop: Shop) -> None:
    assert (await shop.client.get("/healthz")).json() == {"status": "ok"}
    # The clock of these tests stands days away from the database's, and readiness says so.
    ready = await shop.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not-ready", "check": "database"})
    keys = (await shop.client.get("/log/keys")).json()
    assert {one["use"] for one in keys["keys"]} == {"log", "entry-receipts", "replay"}
    assert (await shop.client.head("/healthz")).content == b""


async def test_every_data_route_is_in_openapi(shop: Shop) -> None:
    document = (await shop.client.get("/openapi.json")).json()
    data = {path for path in document["paths"] if path.startswith("/api/v1")}
    assert data == {
        "/api/v1/customers/{customer}/profile",
        "/api/v1/profiles:batch",
        "/api/v1/profiles:lookup",
        "/api/v1/profiles",
        "/api/v1/customers:resolve",
        "/api/v1/customers/{customer}/interactions",
        "/api/v1/customers/{customer}/interactions/{interaction}/attachments/{number}",
        "/api/v1/customers/{customer}/card",
        "/api/v1/customers/{customer}/card/points",
        "/api/v1/customers/{customer}/consents",
        "/api/v1/customers/{customer}/follow-ups",
        "/api/v1/customers/{customer}/contacts",
        "/api/v1/contacts:batch",
    }


async def test_without_a_token_nothing_is_served(shop: Shop) -> None:
    document = (await shop.client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        if path.startswith("/api/v1"):
            for method in methods:
                answer = await shop.client.request(method.upper(), path)
                assert answer.status_code == 401, (method, path)
