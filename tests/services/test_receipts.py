"""Receipts: kept with the decision, signed behind its commit, and good for anyone who checks."""

import json
from uuid import UUID

import pytest
from sqlalchemy import text

from policies.model import ConsentState, Source
from tests.services import logbook
from tests.services.decisions import SESSION, allow, ana, clock, deps, execute, served
from vault.core import canonical, consent_record, receipt
from vault.core.errors import BusyError, NotAvailableError, OpenError, SignatureError
from vault.core.recorded import EntryId
from vault.crypto import base64url, jws
from vault.crypto.jwk import ED25519, PublicJwk
from vault.crypto.keys import Kind, unwrap
from vault.services import consent, customer, receipts
from vault.services.choices import look
from vault.services.deps import MAIN_LOG
from vault.services.entries import list_entries

__all__ = ["ana", "clock", "deps"]


async def integrated(deps):
    """On PostgreSQL an entry gets its index a moment later; here, now."""
    if deps.database.dialect == "postgresql":
        await logbook.integrate(deps.database)


async def opened(deps, who, outcome):
    assert outcome.receipt_id
    return canonical.loads(await receipts.open_(deps, who, outcome.receipt_id))


async def public_key(deps):
    (only,) = json.loads(await receipts.keys(deps))["keys"]
    return only


def check(document, key):
    signed = {name: value for name, value in document.items() if name != "signature"}
    jws.verify_detached(
        document["signature"],
        canonical.dumps(signed),
        PublicJwk.parse({name: key[name] for name in ("kty", "crv", "x")}),
        algorithms=(ED25519,),
        max_bytes=4096,
        typ=receipt.TYP,
    )


async def test_a_receipt_is_signed_and_says_what_was_decided(deps, ana):
    outcome = await allow(deps, ana, fields=("contact.email",))
    assert outcome.receipt_id
    assert outcome.consent_id
    body = await receipts.open_(deps, ana, outcome.receipt_id)
    document = canonical.loads(body)
    assert canonical.dumps(document) == body
    check(document, await public_key(deps))
    record = document["record"]
    assert record["record_id"] == outcome.consent_id.urn
    assert document["receipt_id"] == outcome.receipt_id.urn
    assert record["consent_epoch"] == 1
    (information,) = record["pii_processing"][0]["pii_information"]
    assert information["pii_attribute_id"] == "contact.email"
    notice = record["privacy_notice"][0]
    assert notice["controls"] == ["field", "allow", "refuse", "later"]
    assert str(ana) not in body.decode()
    assert "ana@example.org" not in body.decode()


async def test_the_header_is_exactly_what_the_note_says(deps, ana):
    outcome = await allow(deps, ana)
    document = await opened(deps, ana, outcome)
    head = base64url.decode(document["signature"].split(".")[0].encode())
    key = await public_key(deps)
    assert canonical.loads(head) == {
        "alg": "Ed25519",
        "kid": key["kid"],
        "typ": "ownship-receipt+jws",
    }
    assert key["kid"] == PublicJwk.parse({n: key[n] for n in ("kty", "crv", "x")}).jkt


async def test_any_changed_member_fails_the_signature(deps, ana):
    outcome = await allow(deps, ana)
    document = await opened(deps, ana, outcome)
    key = await public_key(deps)
    for name in document.keys() - {"signature"}:
        with pytest.raises(SignatureError):
            check(document | {name: "changed"}, key)


async def test_each_decision_has_its_receipt_and_the_log_holds_its_digest(deps, ana):
    given = await allow(deps, ana)
    withdrawn = await consent.withdraw(deps, ana, "marketing")
    refused = await consent.refuse(deps, ana, "loyalty.rewards", session=SESSION)
    await integrated(deps)
    key = (await look(deps, ana)).key(Kind.AUDIT)
    assert key
    audit = unwrap(deps.keys.keks, key)
    lines = await list_entries(deps, ana, audit, limit=50)
    assert [(line.consent, line.epoch, line.purpose) for line in lines if line.consent] == [
        ("refused", 3, "loyalty.rewards"),
        ("withdrawn", 2, "marketing"),
        ("given", 1, "marketing"),
    ]
    for outcome in (given, withdrawn, refused):
        document = await opened(deps, ana, outcome)
        digest = consent_record.digest(canonical.dumps(document["record"]))
        async with deps.database.connect() as conn:
            place = await receipts._find(deps, conn, ana, audit, digest)
        assert document["log"] == {
            "origin": place.origin,
            "writer": str(place.writer),
            "seq": place.seq,
        }


async def test_a_withdrawal_cites_the_notice_on_which_it_was_given(deps, ana):
    asked = await served(deps, ana)
    await allow(deps, ana, asked=asked)
    outcome = await consent.withdraw(deps, ana, "marketing", method="mail link")
    record = (await opened(deps, ana, outcome))["record"]
    notice = record["privacy_notice"][0]
    assert (notice["sha256"], notice["template"]) == (asked.sha256, "consent-1")
    event = record["events"][0]
    assert event["event_state"].endswith("#ConsentWithdrawn")
    assert event["indication_method"] == "mail link"


async def test_a_refusal_without_a_notice_cites_the_code(deps, ana):
    outcome = await consent.refuse(deps, ana, "marketing", session=SESSION)
    record = (await opened(deps, ana, outcome))["record"]
    assert record["privacy_notice"][0]["template"] == "code"


async def test_the_list_has_every_decision_newest_first_and_opens_each(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing")
    lines = await receipts.list_(deps, ana)
    assert [line.state for line in lines] == [ConsentState.WITHDRAWN, ConsentState.GIVEN]
    assert all(line.purpose == "marketing" for line in lines)
    key = await public_key(deps)
    for line in lines:
        check(canonical.loads(await receipts.open_(deps, ana, line.receipt_id)), key)


async def test_a_receipt_that_was_not_kept_is_signed_when_asked_for(deps, ana):
    outcome = await allow(deps, ana)
    kept = await opened(deps, ana, outcome)
    await execute(deps, "DELETE FROM receipt WHERE receipt_id <> consent_id")
    (line,) = await receipts.list_(deps, ana)
    assert line.receipt_id == outcome.consent_id
    if deps.database.dialect == "postgresql":
        with pytest.raises(BusyError):  # the entry has no index yet
            await receipts.open_(deps, ana, line.receipt_id)
    await integrated(deps)
    again = canonical.loads(await receipts.open_(deps, ana, line.receipt_id))
    check(again, await public_key(deps))
    assert (again["record"], again["log"]) == (kept["record"], kept["log"])
    assert again["receipt_id"] != kept["receipt_id"]
    async with deps.database.connect() as conn:
        rows = (await conn.execute(text("SELECT count(*) FROM receipt"))).scalar_one()
    assert rows == 1  # a look wrote nothing


async def test_the_place_of_a_decision_is_found_behind_other_entries(deps, ana, monkeypatch):
    monkeypatch.setattr(receipts, "_PAGE", 2)
    outcome = await allow(deps, ana)
    kept = await opened(deps, ana, outcome)
    await allow(deps, ana, "loyalty.rewards")
    for _ in range(3):
        await consent.withdraw(deps, ana, "loyalty.rewards")
        await allow(deps, ana, "loyalty.rewards")
    await integrated(deps)
    await execute(
        deps,
        "DELETE FROM receipt WHERE receipt_id <> consent_id",
        "UPDATE log_leaf SET entry = hash WHERE idx = (SELECT max(idx) FROM log_leaf)",
    )
    assert outcome.consent_id
    again = canonical.loads(await receipts.open_(deps, ana, outcome.consent_id))
    assert again["log"] == kept["log"]


async def test_nobody_opens_the_receipt_of_another(deps, ana):
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    outcome = await allow(deps, ana)
    assert outcome.receipt_id
    with pytest.raises(NotAvailableError):
        await receipts.open_(deps, other, outcome.receipt_id)
    with pytest.raises(NotAvailableError):
        await receipts.open_(deps, ana, UUID(int=1))


async def test_a_receipt_moved_or_changed_in_the_database_does_not_open(deps, ana):
    outcome = await allow(deps, ana)
    assert outcome.receipt_id
    await consent.withdraw(deps, ana, "marketing")
    await execute(
        deps,
        "UPDATE receipt SET sealed = (SELECT r.sealed FROM receipt r"
        " WHERE r.receipt_id = :other) WHERE receipt_id = :one",
        one=outcome.receipt_id,
        other=outcome.consent_id,
    )
    with pytest.raises(OpenError):
        await receipts.open_(deps, ana, outcome.receipt_id)


async def test_without_the_audit_key_no_receipt_opens(deps, ana):
    outcome = await allow(deps, ana)
    assert outcome.receipt_id
    await execute(deps, "DELETE FROM customer_key")
    with pytest.raises(NotAvailableError):
        await receipts.open_(deps, ana, outcome.receipt_id)


async def test_a_decision_stands_where_its_receipt_cannot_be_kept(deps, ana):
    outcome = await allow(deps, ana)
    entry = EntryId(MAIN_LOG, bytes(16), 0, 0)
    assert await receipts.issue(deps, ana, UUID(int=1), entry=entry) is None
    assert outcome.changed


async def test_an_edited_event_of_the_past_is_listed_as_not_valid(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing")
    await execute(deps, "UPDATE consent SET fields = '[]' WHERE NOT current")
    lines = await receipts.list_(deps, ana)
    assert [line.state for line in lines] == [ConsentState.WITHDRAWN, ConsentState.INVALIDATED]


async def test_a_customer_who_decided_nothing_has_no_receipts(deps, ana):
    assert await receipts.list_(deps, ana) == ()


async def test_the_keys_stay_published_with_their_validity_when_retired(deps, ana):
    key = await public_key(deps)
    assert key["alg"] == "Ed25519"
    assert key["valid_from"] == "2026-12-01T12:00:00.250Z"
    assert key["valid_until"] is None
    stamp = "2026-12-02 00:00:00.000000"
    stamp += "+00" if deps.database.dialect == "postgresql" else ""
    await execute(deps, f"UPDATE service_key SET retired_at = '{stamp}'".replace(":", r"\:"))
    assert (await public_key(deps))["valid_until"] == "2026-12-02T00:00:00.000Z"
