"""Publish the form of a consent receipt as JSON Schema, at an address that never changes.

Every field of ISO/IEC TS 27560 stands in it with what it means; fields are only ever added, so a
document with more of them is valid too. What the schema asks for is what `receipt_check` asks for.
Source: JSON Schema 2020-12; consent-standards note, 2.
"""

from collections.abc import Iterable
from typing import Final

from policies import vocabulary
from policies.vocabulary import dpv_iri
from vault.core import canonical
from vault.core.receipt import schema_url
from vault.core.receipt_check import EVENT, PARTY, PROCESS, RECEIPT, RECORD
from vault.core.receipt_fields import FIELDS, OURS

MEDIA_TYPE: Final = "application/schema+json"

Schema = dict[str, object]
Schemas = dict[str, Schema]  # name -> what stands there

_WORDS: Final = {one.name: one.words for one in FIELDS}
_IRI: Final[Schema] = {"type": "string", "pattern": "^https://w3id[.]org/dpv[/#]"}
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT, "minItems": 1}
_HEX: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_URN: Final[Schema] = {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"}
_TIME: Final[Schema] = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$",
}
_DURATION: Final[Schema] = {"type": "string", "pattern": "^P[0-9]"}


def schema(issuer: str) -> bytes:
    """Return the schema in its canonical JSON.

    Args:
        issuer: public origin, no trailing slash.
    """
    return canonical.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": schema_url(issuer),
            "title": "Consent receipt",
            "description": "Follows ISO/IEC TS 27560:2023 in the form of W3C DPV 2.3. Fields are "
            "only ever added.",
            "$defs": {
                name: {"$anchor": name, "description": words} for name, words in OURS.items()
            },
            **_receipt(issuer),
        }
    )


def _receipt(issuer: str) -> Schema:
    known = _named(
        {
            "schema_version": {"const": schema_url(issuer)},
            "receipt_id": _URN,
        }
    )
    ours: Schemas = {
        "record": _record(),
        "@context": {"type": "object"},
        "@id": {"type": "string", "pattern": f"^{_quoted(issuer)}/receipts/[0-9a-f-]{{36}}$"},
        "@type": {"const": dpv_iri("ConsentReceipt")},
        "created": _TIME,
        "log": _object(
            {"origin": _TEXT, "writer": _TEXT, "seq": {"type": "integer", "minimum": 0}},
            ("origin", "writer", "seq"),
        ),
        "signature": {"type": "string", "pattern": r"^[\w-]+[.][.][\w-]+$"},
    }
    return _object(ours | known, (*RECEIPT, "@id", "@type", "created", "signature"))


def _record() -> Schema:
    known = _named(
        {
            "record_id": _URN,
            "pii_principal_id": _TEXT,
            "language": _TEXT,
            "privacy_notice": _several(_notice()),
        }
    )
    ours: Schemas = {
        "@type": {"const": dpv_iri("ConsentRecord")},
        "consent_epoch": {"type": "integer", "minimum": 0},
        "pii_processing": _several(_process()),
        "parties": _several(_party()),
        "events": _several(_event()),
    }
    return _object(ours | known, (*RECORD, "pii_processing"))


def _notice() -> Schema:
    evidence = _object(
        {"file": _HEX, "form": _TEXT, "time": _TIME, "wording": _TEXT},
        ("file", "form", "time", "wording"),
    )
    return _object(
        {
            "@type": {"const": dpv_iri("ConsentNotice")},
            "code": _HEX,
            "controls": {"type": "array", "items": _TEXT},
            "defaults": {"const": "none"},
            "evidence": evidence,
            "sha256": _HEX,
            "template": _TEXT,
            "url": _TEXT,
        },
        ("sha256", "template", "code"),
    )


def _process() -> Schema:
    purpose = _object(
        {"@id": _TEXT, "label": _TEXT, **_named({"purpose_type": _several(_IRI)})}, ("label",)
    )
    kept = _object({"pii_attribute_id": _TEXT, "duration": _DURATION}, ("duration",))
    exercised: Schemas = {"isExercisedAt": {"anyOf": [_TEXT, _TEXTS]}}
    known = _named(
        {
            "purpose": purpose,
            "lawful_basis": {"anyOf": [_IRI, _several(_IRI)]},
            "pii_information": _several(_information()),
            "pii_controllers": _TEXTS,
            "collection_method": _several(_IRI),
            "processing_method": _several(_IRI),
            "storage_locations": _TEXTS,
            "retention_period": _several(kept),
            "processing_locations": _several(_IRI),
            "geographic_restrictions": _TEXTS,
            "service": _TEXT,
            "jurisdiction": _IRI,
            "recipient_third_parties": _TEXTS,
            "withdrawal_method": _object({"@type": _IRI, **exercised}, tuple(exercised)),
            "privacy_rights": _several(_object({"@id": _IRI, **exercised}, ("@id",))),
            "codes_of_conduct": _several(_object({"url": _TEXT, "sha256": _HEX}, ("url",))),
            "impact_assessment": _TEXT,
            "authority_party": _TEXT,
        }
    )
    return _object(known, PROCESS)


def _information() -> Schema:
    known = _named(
        {
            "pii_type": _several(_IRI),
            "pii_attribute_id": _TEXT,
            "pii_optional": {"enum": [dpv_iri("Required"), dpv_iri("Optional")]},
            "sensitive_pii_category": _IRI,
            "special_pii_category": _IRI,
        }
    )
    return _object(known, ("pii_type",))


def _party() -> Schema:
    known = _named({one.name: _TEXT for one in FIELDS if one.section == "party"})
    customer = {"properties": {"party_type": {"const": dpv_iri("DataSubject")}}}
    # The customer has no name, address or contact in a receipt that may be shown around.
    return {
        "type": "object",
        "properties": known,
        "if": customer,
        "then": {"required": ["party_id", "party_type"]},
        "else": {"required": list(PARTY)},
    }


def _event() -> Schema:
    until = _object({"@type": _IRI, "until": _TIME}, ("until",))
    known = _named(
        {
            "event_time": _TIME,
            "validity_duration": until,
            "entity_id": _TEXT,
            "event_type": _IRI,
            "event_state": {"enum": sorted(dpv_iri(one) for one in vocabulary.STATES.values())},
        }
    )
    return _object({"indication_method": _TEXT, **known}, EVENT)


def _named(fields: Schemas) -> Schemas:
    """Give fields of the standard their meaning."""
    return {name: {**shape, "title": _WORDS[name]} for name, shape in fields.items()}


def _object(properties: Schemas, required: Iterable[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(dict.fromkeys(required))}


def _several(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1}


def _quoted(text: str) -> str:
    return text.replace(".", "[.]")
