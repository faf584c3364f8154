"""Reading and writing profiles over HTTP, as the interface says it word for word."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.api.data.conftest import ANA, READ_FIELDS, Shop
from tests.vaults import ISSUER
from vault.services import marks
from vault.services.marks import Mark
from vault.store import commit
from vault.store.engine import Conn

UNKNOWN = "a" * 26


def kind(answer) -> str:
    return answer.json()["type"].rpartition("/")[2]


async def test_an_app_reads_the_fields_of_its_token(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    answer = await shop.call("delivery", "GET", f"/api/v1/customers/{who}/profile?purpose=delivery")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["customer"], body["purpose"], body["withheld"]) == (who, "delivery", [])
    assert {name: one["value"] for name, one in body["fields"].items()} == {
        name: ANA[name] for name in READ_FIELDS
    }
    assert body["fields"]["contact.email"]["source"] == "told"
    assert body["code"]["digest"].startswith("sha256:")
    assert body["receipt"].startswith("ownship-receipt@v1")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]


async def test_an_allowed_field_without_a_value_is_in_neither_list(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add(contact__phone=None))
    path = f"/api/v1/customers/{who}/profile?purpose=delivery&fields=contact.phone"
    answer = await shop.call("delivery", "GET", path)
    assert (answer.status_code, answer.json()["fields"], answer.json()["withheld"]) == (200, {}, [])


async def test_unknown_malformed_and_basisless_customers_look_alike(shop: Shop) -> None:
    known = await shop.add()
    ids = [
        await shop.id("loyalty", known),  # no consent was given
        UNKNOWN,
        "short",
        str(known),  # the vault's own id
        await shop.id("delivery", known),  # another app's id
    ]
    answers = [
        await shop.call(
            "loyalty", "GET", f"/api/v1/customers/{one}/profile?purpose=loyalty.rewards"
        )
        for one in ids
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert kind(answers[0]) == "not-available"
    assert "receipt" not in answers[0].json()
    names = [sorted(answer.headers) for answer in answers]
    assert all(one == names[0] for one in names)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("purpose=delivery&fields=loyalty.card", 403, "outside-token"),
        ("purpose=delivery&fields=contact.email,loyalty.card", 403, "outside-token"),
        ("purpose=marketing", 403, "outside-token"),
        ("purpose=nonsense", 400, "unknown-field"),
        ("purpose=delivery&fields=contact.emailx", 400, "unknown-field"),
        ("purpose=delivery&fields=", 400, "bad-request"),
        ("purpose=delivery&fields=contact.email,contact.email", 400, "bad-request"),
        ("purpose=delivery&purpose=delivery", 400, "bad-request"),
        ("purpose=delivery&extra=1", 400, "bad-request"),
        ("fields=contact.email", 400, "bad-request"),
        ("purpose=%ff", 400, "bad-request"),
        ("", 400, "bad-request"),
    ],
)
async def test_what_cannot_be_asked_is_refused_whoever_it_is(
    shop: Shop, query: str, status: int, code: str
) -> None:
    known = await shop.id("delivery", await shop.add())
    answers = [
        await shop.call("delivery", "GET", f"/api/v1/customers/{who}/profile?{query}")
        for who in (known, UNKNOWN)
    ]
    assert {(answer.status_code, kind(answer)) for answer in answers} == {(status, code)}
    assert len({answer.content for answer in answers}) == 1


async def test_an_app_writes_what_its_clause_lets_it_write(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    change = {"contact.postal_address": "Rua do Norte 7, Lisboa"}
    answer = await shop.call(
        "delivery",
        "PATCH",
        f"/api/v1/customers/{who}/profile",
        {"purpose": "delivery", "source": "told", "fields": change},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["written"] == ["contact.postal_address"]
    assert answer.json()["receipt"].startswith("ownship-receipt@v1")
    path = f"/api/v1/customers/{who}/profile?purpose=delivery&fields=contact.postal_address"
    read = await shop.call("delivery", "GET", path)
    field = read.json()["fields"]["contact.postal_address"]
    assert field["value"] == "Rua do Norte 7, Lisboa"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"fields": {"contact.email": "x@example.org"}}, 403, "outside-token"),
        ({"fields": {"contact.nothing": "x"}}, 400, "unknown-field"),
        ({"source": "inferred"}, 422, "wrong-source"),
        ({"source": "guessed"}, 422, "wrong-source"),
        ({"fields": {"contact.postal_address": 7}}, 422, "wrong-value"),
        ({"fields": {"contact.postal_address": "x" * 501}}, 422, "wrong-value"),
        ({"fields": {}}, 400, "bad-request"),
        ({"fields": []}, 400, "bad-request"),
        ({"purpose": None}, 400, "bad-request"),
        ({"role": "admin"}, 400, "bad-request"),
        (
            b'{"purpose":"delivery","purpose":"delivery","source":"told","fields":{}}',
            400,
            "bad-json",
        ),
        (
            b'{"purpose":"delivery","source":"told","fields":{"contact.postal_address":NaN}}',
            400,
            "bad-json",
        ),
        (b"[" * 100_000, 400, "bad-json"),
        (b"\xff", 400, "bad-json"),
    ],
)
async def test_a_write_that_is_not_right_changes_nothing(
    shop: Shop, body: object, status: int, code: str
) -> None:
    who = await shop.id("delivery", await shop.add())
    sent = body
    if isinstance(body, dict):
        good = {"contact.postal_address": "Somewhere else"}
        sent = {"purpose": "delivery", "source": "told", "fields": good, **body}
    answer = await shop.call("delivery", "PATCH", f"/api/v1/customers/{who}/profile", sent)
    assert (answer.status_code, kind(answer)) == (status, code), answer.text
    path = f"/api/v1/customers/{who}/profile?purpose=delivery&fields=contact.postal_address"
    read = await shop.call("delivery", "GET", path)
    assert read.json()["fields"]["contact.postal_address"]["value"] == ANA["contact.postal_address"]


async def test_a_write_without_basis_is_not_available(shop: Shop) -> None:
    who = await shop.id("loyalty", await shop.add())
    change = {
        "purpose": "loyalty.rewards",
        "source": "told",
        "fields": {"preferences.coffee": "tea"},
    }
    answers = [
        await shop.call("loyalty", "PATCH", f"/api/v1/customers/{one}/profile", change)
        for one in (who, UNKNOWN)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_a_frozen_app_reads_nothing_more(shop: Shop) -> None:
    from vault.services import app as apps

    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    assert (await shop.call("delivery", "GET", path)).status_code == 200
    await apps.freeze(shop.deps, "delivery")
    answer = await shop.call("delivery", "GET", path)
    assert (answer.status_code, kind(answer)) == (401, "frozen")


@pytest.mark.parametrize(
    "name",
    [
        "O",
        "Ñ" * 200,
        "Seán Ó'Súilleabháin-de la Cruz",
        "محمد",
        "山田 太郎",
        "กมลชนก",
        "\u200fדוד\u200e",
    ],
)
async def test_names_of_any_script_come_back_exactly(shop: Shop, name: str) -> None:
    who = await shop.id("delivery", await shop.add(contact__full_name=name))
    path = f"/api/v1/customers/{who}/profile?purpose=delivery&fields=contact.full_name"
    read = await shop.call("delivery", "GET", path)
    assert read.json()["fields"]["contact.full_name"]["value"] == name


async def test_a_body_of_more_than_a_megabyte_is_refused(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/profile"
    answer = await shop.call("delivery", "PATCH", path, b" " * 1_048_577)
    assert (answer.status_code, kind(answer)) == (413, "too-large")


async def test_a_body_of_unsaid_length_is_refused_at_a_megabyte(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/profile"
    await shop.call("delivery", "GET", f"{path}?purpose=delivery")  # learns the nonce
    party, token = shop.parties["delivery"], await shop.token("delivery")

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    headers = {
        "authorization": f"DPoP {token}",
        "dpop": party.proof("PATCH", ISSUER + path, token=token),
        "content-type": "application/json",
    }
    answer = await shop.client.patch(path, content=parts(), headers=headers)
    assert (answer.status_code, kind(answer)) == (413, "too-large")


async def test_a_slash_too_many_is_no_redirect(shop: Shop) -> None:
    answer = await shop.client.get("/api/v1/customers/x/profile/?purpose=delivery")
    assert answer.status_code == 404


async def test_what_is_outside_the_token_is_said_before_the_form_of_a_value(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    change = {"purpose": "delivery", "source": "bogus", "fields": {"contact.email": 7}}
    answer = await shop.call("delivery", "PATCH", f"/api/v1/customers/{who}/profile", change)
    assert (answer.status_code, kind(answer)) == (403, "outside-token")


async def test_a_head_request_is_a_get_without_a_body(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    assert (await shop.call("delivery", "GET", path)).status_code == 200
    answer = await shop.call("delivery", "HEAD", path)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_what_the_customer_contests_or_confirmed_is_said_beside_the_value(shop: Shop) -> None:
    known = await shop.add()
    who = await shop.id("delivery", known)
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    before = (await shop.call("delivery", "GET", path)).json()["fields"]
    assert all(one.keys() == {"value", "source", "since"} for one in before.values())
    for name, mark in (("contact.email", Mark.DISPUTED), ("contact.phone", Mark.CONFIRMED)):
        await marks.put(shop.deps, known, name, mark, version=1, request="r")
    after = (await shop.call("delivery", "GET", path)).json()["fields"]
    assert after["contact.email"] == {**before["contact.email"], "disputed": True}
    confirmed = {**before["contact.phone"], "verified": "2026-12-01T12:00:00Z"}
    assert after["contact.phone"] == confirmed
    body = {"purpose": "delivery", "customers": [who], "fields": ["contact.email"]}
    batch = "/api/v1/profiles:batch"
    several = await shop.call("delivery", "POST", batch, body)
    assert several.json()["results"][0]["fields"]["contact.email"]["disputed"] is True
    lines = await shop.call("delivery", "POST", batch, body, accept="application/x-ndjson")
    assert b'"disputed":true' in lines.content.split(b"\n")[0]


async def test_a_third_partys_value_is_not_told_by_editing_the_database(shop: Shop) -> None:
    known = await shop.add()
    path = f"/api/v1/customers/{await shop.id('delivery', known)}/profile"
    name = "contact.postal_address"
    change = {"purpose": "delivery", "source": "third-party", "fields": {name: "2 Quay"}}
    assert (await shop.call("delivery", "PATCH", path, change)).status_code == 200
    asked = f"{path}?purpose=delivery&fields={name},contact.phone"
    answer = await shop.call("delivery", "GET", asked)
    assert [one["reason"] for one in answer.json()["withheld"]] == ["not-told"]
    for edit in ("source = 'told'", "told_at = written_at", "mac = NULL"):

        async def work(conn: Conn, sql: str = edit) -> None:
            await conn.execute(text(f"UPDATE value SET {sql} WHERE field = :n"), {"n": name})

        await commit.request(shop.deps.database, work)
        answer = await shop.call("delivery", "GET", asked)
        assert answer.json()["fields"].keys() == {"contact.phone"}
        assert [one["reason"] for one in answer.json()["withheld"]] == ["not-available"]
