"""The consent record and receipt: every field of the standard, in its place, and nothing personal."""

import json
from dataclasses import replace
from pathlib import Path
from unicodedata import is_normalized
from uuid import UUID

import pytest

from policies import vocabulary
from policies.document import Derivation
from policies.names import Automation, ConsentState
from tests.core.rulebooks import PUBLISHER, PURPOSES, purpose, read, rulebook, texts
from vault.core import canonical, consent_record, receipt
from vault.core.consent import Consent
from vault.core.consent_record import PUBLISHER as BY_PUBLISHER
from vault.core.consent_record import Decision, Evidence, NoticeShown
from vault.core.receipt import LogPlace

ISSUER = "https://vault.example"
RULEBOOK = rulebook()
FIELDS = json.loads(Path(__file__).with_name("ts27560_fields.json").read_bytes())["fields"]
SHOWN = "5" * 64
PLACE = LogPlace("vault.example/log", UUID(int=7), 42)
DPV, GDPR = "https://w3id.org/dpv#", "https://w3id.org/dpv/legal/eu/gdpr#"


def a_decision(purpose_id="newsletter", fields=("contact.email", "person.name"), **changes):
    consent = Consent(
        purpose=purpose_id,
        state=ConsentState.GIVEN,
        fields=frozenset(fields),
        from_ms=1_793_527_200_120,
        until_ms=1_825_063_200_120,
        code=RULEBOOK.digest,
        shown=SHOWN,
    )
    of_consent = {name: changes.pop(name) for name in ("state", "shown") if name in changes}
    given: dict = {
        "record_id": UUID("019a0000-0000-7000-8000-000000000001"),
        "consent": replace(consent, **of_consent),
        "epoch": 3,
        "principal": "ujhzfcbtritvrzypnic2uv6eky",
        "language": "en",
        "notice": NoticeShown("consent-1", ("allow", "refuse", "later")),
        "method": "allow button",
    } | changes
    return Decision(**given)


def a_record(*args, book=RULEBOOK, **changes):
    return consent_record.write(
        book, a_decision(*args, **changes), issuer=ISSUER, in_force=RULEBOOK
    )


def a_receipt(*args, **changes):
    signed = receipt.payload(
        a_record(*args, **changes),
        issuer=ISSUER,
        receipt_id=UUID("019a0000-0000-7000-8000-0000000000ff"),
        created_ms=1_793_527_200_500,
        place=PLACE,
    )
    return json.loads(receipt.with_signature(signed, "aa..bb"))


def places(value, path=()):
    """Every key of a document with the keys above it, numbers left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, (*path, key))
    if isinstance(value, list):
        for item in value:
            yield from places(item, path)


# consent-standards note, 2: where each section of the standard's table stands.
ABOVE: dict[str, set] = {
    "header": {("record",), ()},
    "receipt": {()},
    "processing": {
        ("record",),
        ("record", "pii_processing"),
        ("record", "pii_processing", "purpose"),
    },
    "pii": {("record", "pii_processing", "pii_information")},
    "party": {("record", "parties")},
    "event": {("record", "events")},
}


def test_the_list_of_the_standard_has_44_fields():
    assert len({(one["section"], one["f"]) for one in FIELDS}) == 44


@pytest.mark.parametrize("one", FIELDS, ids=lambda one: one["f"])
def test_every_field_of_the_standard_has_a_meaning_and_the_mandatory_ones_a_place(one):
    document = a_receipt()
    assert one["f"] in document["@context"]
    standing = {path[:-1] for path in places(document) if path[-1] == one["f"]}
    standing.discard(("@context",))
    if one["f"] == "pii_attribute_id":
        standing.discard(("record", "pii_processing", "retention_period"))
    assert standing <= ABOVE[one["section"]]
    if one["iso"] == "M":
        assert standing


@pytest.mark.parametrize("purpose_id", ["newsletter", "rewards", "wellbeing"])
def test_no_mandatory_field_is_empty(purpose_id):
    fields = [use.name for use in RULEBOOK.purposes[purpose_id].uses]
    record = json.loads(a_record(purpose_id, fields))
    process = record["pii_processing"][0]
    mandatory = {one["f"] for one in FIELDS if one["iso"] == "M"}
    for holder in (record, process, process["purpose"], *process["pii_information"]):
        assert all(holder[key] for key in holder.keys() & mandatory)
    for party in record["parties"]:
        # The guide exempts the customer from name, address and contact.
        if party["party_type"] != f"{DPV}DataSubject":
            assert {
                one["f"] for one in FIELDS if one["section"] == "party" and one["iso"] == "M"
            } <= {key for key, value in party.items() if value}


@pytest.mark.parametrize("purpose_id", ["newsletter", "rewards", "wellbeing"])
@pytest.mark.parametrize("state", ConsentState)
def test_every_dpv_iri_is_one_of_the_vocabulary(purpose_id, state):
    known = {
        *(DPV + one for one in (*vocabulary.RECEIPT, *vocabulary.PROPERTIES, *vocabulary.PURPOSES)),
        *(
            DPV + one
            for table in (
                vocabulary.SOURCES,
                vocabulary.ACTIONS,
                vocabulary.SENSITIVITIES,
                vocabulary.STATES,
            )
            for one in table.values()
        ),
        *(vocabulary.category_iri(one) for one in vocabulary.CATEGORIES),
        *(vocabulary.country_iri(one) for one in vocabulary.COUNTRIES),
        *(GDPR + one for rights in vocabulary.RIGHTS.values() for one in rights),
        *(GDPR + one for one in (*vocabulary.BASES.values(), vocabulary.EXPLICIT_CONSENT)),
    }
    fields = [use.name for use in RULEBOOK.purposes[purpose_id].uses]
    document = a_receipt(purpose_id, fields, state=state)
    used = {text for text in strings(document) if text.startswith("https://w3id.org/dpv")}
    assert used
    assert used <= known


def strings(value):
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)


def test_every_key_has_a_meaning_in_the_inline_context():
    document = a_receipt()
    keys = {path[-1] for path in places(document) if not {"@context", "log"} & set(path[:-1])}
    assert {key for key in keys if not key.startswith("@")} <= document["@context"].keys()
    assert document["@context"]["log"] is None
    assert document["@context"]["signature"] is None
    assert document["@context"]["events"] == f"{DPV}hasConsentStatus"


def test_the_receipt_has_the_shape_of_the_note():
    document = a_receipt()
    assert document["@id"] == f"{ISSUER}/receipts/019a0000-0000-7000-8000-0000000000ff"
    assert document["@type"] == f"{DPV}ConsentReceipt"
    assert document["created"] == "2026-11-01T10:00:00.500Z"
    assert document["schema_version"] == f"{ISSUER}/schema/consent-receipt/1"
    assert document["receipt_id"] == "urn:uuid:019a0000-0000-7000-8000-0000000000ff"
    assert document["log"] == {
        "origin": "vault.example/log",
        "writer": "00000000-0000-0000-0000-000000000007",
        "seq": 42,
    }
    record = document["record"]
    assert record["record_id"] == "urn:uuid:019a0000-0000-7000-8000-000000000001"
    assert record["consent_epoch"] == 3
    assert record["privacy_notice"] == [
        {
            "@type": f"{DPV}ConsentNotice",
            "template": "consent-1",
            "controls": ["allow", "refuse", "later"],
            "defaults": "none",
            "code": RULEBOOK.digest,
            "sha256": SHOWN,
            "url": f"{ISSUER}/notices/{SHOWN}",
        }
    ]
    assert record["events"] == [
        {
            "event_time": "2026-11-01T10:00:00.120Z",
            "entity_id": "ujhzfcbtritvrzypnic2uv6eky",
            "event_type": f"{DPV}ExpressedConsent",
            "event_state": f"{DPV}ConsentGiven",
            "validity_duration": {
                "@type": f"{DPV}UntilTimeDuration",
                "until": "2027-11-01T10:00:00.120Z",
            },
            "indication_method": "allow button",
        }
    ]
    process = record["pii_processing"][0]
    assert process["lawful_basis"] == f"{GDPR}A6-1-a"
    assert process["recipient_third_parties"] == [f"{ISSUER}/code#recipient-mailer"]
    assert [one["pii_attribute_id"] for one in process["pii_information"]] == [
        "contact.email",
        "person.name",
    ]
    assert process["retention_period"][0] == {
        "pii_attribute_id": "contact.email",
        "duration": "P2Y",
    }


def test_the_payload_is_the_receipt_without_its_signature():
    document = a_receipt()
    signature = document.pop("signature")
    assert signature == "aa..bb"
    signed = receipt.payload(
        a_record(),
        issuer=ISSUER,
        receipt_id=UUID("019a0000-0000-7000-8000-0000000000ff"),
        created_ms=1_793_527_200_500,
        place=PLACE,
    )
    assert canonical.dumps(document) == signed


def test_the_digest_of_the_record_survives_the_receipt():
    record = a_record()
    inside = canonical.dumps(a_receipt()["record"])
    assert inside == record
    assert consent_record.digest(inside) == consent_record.digest(record)


def test_special_categories_are_explicit_and_marked():
    record = json.loads(a_record("wellbeing", ["health.diet"]))
    process = record["pii_processing"][0]
    assert process["lawful_basis"] == [f"{GDPR}A6-1-a", f"{GDPR}A9-2-a"]
    assert record["events"][0]["event_type"] == f"{DPV}ExplicitlyExpressedConsent"
    marks = process["pii_information"][0]
    assert marks["special_pii_category"] == f"{DPV}SpecialCategoryPersonalData"
    assert process["recipient_third_parties"] == [f"{ISSUER}/code#the-publisher"]


def test_profiling_and_interactions_are_said():
    process = json.loads(a_record("rewards", ["interaction.purchase", "person.income"]))[
        "pii_processing"
    ][0]
    assert f"{DPV}Profiling" in process["processing_method"]
    assert f"{DPV}Record" in process["processing_method"]
    first, second = process["pii_information"]
    assert first["pii_type"] == ["https://w3id.org/dpv/pd#Purchase"]
    assert second["sensitive_pii_category"] == f"{DPV}SensitivePersonalData"


CONCLUDES = {"automation": Automation.HIGH, "purposes": ("rewards",)}


@pytest.mark.parametrize(
    ("changes", "fields", "said"),
    [
        (CONCLUDES, ["person.income"], ["Infer", "HighAutomation"]),
        (
            CONCLUDES | {"decides": True},
            ["person.income"],
            ["Infer", "AutomatedDecisionMaking", "HighAutomation"],
        ),
        (CONCLUDES, ["interaction.purchase"], []),  # what is concluded is not consented to
        (CONCLUDES | {"purposes": ("newsletter",)}, ["person.income"], []),
    ],
)
def test_what_is_inferred_under_a_clause_is_said_with_the_machine_s_part(changes, fields, said):
    how = Derivation(
        id="income",
        label=texts("Income"),
        how=texts("From what you buy."),
        field="person.income",
        inputs=("interaction.purchase",),
        contest=texts("Say so."),
        **changes,
    )
    book = rulebook(derivations=(how,))
    (process,) = json.loads(a_record("rewards", fields, book=book))["pii_processing"]
    plain = json.loads(a_record("rewards", fields))["pii_processing"][0]["processing_method"]
    more = [one.removeprefix(DPV) for one in process["processing_method"][len(plain) :]]
    assert more == said
    assert process["processing_method"][: len(plain)] == plain


def test_an_impact_assessment_is_named_by_its_address_and_only_where_there_is_one():
    address = "https://harbour.example/assessments/rewards"
    book = rulebook(purposes=(replace(PURPOSES[0], assessment=address), *PURPOSES[1:]))
    record = a_record(PURPOSES[0].id, book=book)
    assert json.loads(record)["pii_processing"][0]["impact_assessment"] == address
    plain = json.loads(a_record(PURPOSES[0].id))["pii_processing"][0]
    assert "impact_assessment" not in plain


def test_what_the_publisher_ended_names_the_publisher():
    event = json.loads(a_record(state=ConsentState.REVOKED, by=BY_PUBLISHER))["events"][0]
    assert event["entity_id"] == f"{ISSUER}/code#the-publisher"
    assert event["event_state"] == f"{DPV}ConsentRevoked"


def test_evidence_of_an_import_stands_in_the_record_under_its_digest():
    evidence = Evidence("paper form 17", "Yes, write to me.", 1_793_527_200_120, "f" * 64)
    notice = NoticeShown("evidence", evidence=evidence)
    said = json.loads(a_record(shown=evidence.digest(), notice=notice))
    (one,) = said["privacy_notice"]
    assert one["evidence"] == {
        "file": "f" * 64,
        "form": "paper form 17",
        "time": "2026-11-01T10:00:00.120Z",
        "wording": "Yes, write to me.",
    }
    assert one["sha256"] == evidence.digest()
    assert "url" not in one
    later = json.loads(a_record(shown=evidence.digest(), notice=NoticeShown("evidence")))
    assert later["privacy_notice"][0].keys().isdisjoint({"url", "evidence"})


def test_a_decision_without_a_notice_cites_the_published_code():
    (one,) = json.loads(a_record(shown="", notice=NoticeShown("code")))["privacy_notice"]
    assert one["sha256"] == RULEBOOK.digest
    assert one["url"] == f"{ISSUER}/code/2026-11"


def test_a_publisher_without_a_telephone_gives_its_address():
    quiet = rulebook(publisher=replace(PUBLISHER, phone=None))
    record = json.loads(a_record(book=quiet))
    exercised = record["pii_processing"][0]["withdrawal_method"]["isExercisedAt"]
    assert exercised[-1] == "12 Quay Street, Cork"
    assert "party_phone" not in record["parties"][0]


def test_texts_are_nfc_before_they_are_hashed():
    odd = purpose("odd", read("contact.email"), label=texts("Cafe\u0301"))
    record = a_record("odd", ["contact.email"], book=rulebook(purposes=(*PURPOSES, odd)))
    assert is_normalized("NFC", record.decode())
    assert "Café" in record.decode()
