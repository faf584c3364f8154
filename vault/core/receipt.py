"""Lay out the consent receipt: the record, when and where it stands in the log, and a signature.

The payload is canonical JSON of all but the signature. What the keys mean stands inside, in an
inline `@context`: a remote one could change what a signed file means, and is a fetch at check
time. The schema's address never changes; keys are only added.
Source: consent-standards note, 2, 2.2 and 2.3; RFC 8785.
"""

from dataclasses import dataclass
from uuid import UUID

from policies.vocabulary import dpv_iri
from vault.core import canonical
from vault.core.consent_record import iso_time

TYP = "ownship-receipt+jws"
MAX_BYTES = 262_144  # of a receipt, 256 KiB

_DCT = "http://purl.org/dc/terms/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_PROPERTIES = {
    "record": "hasRecordOfActivity",
    "receipt_id": "hasIdentifier",
    "record_id": "hasIdentifier",
    "pii_principal_id": "hasDataSubject",
    "privacy_notice": "hasNotice",
    "pii_processing": "hasProcess",
    "purpose": "hasPurpose",
    "lawful_basis": "hasLegalBasis",
    "pii_information": "hasPersonalData",
    "pii_optional": "hasNecessity",
    "pii_controllers": "hasDataController",
    "collection_method": "hasDataSource",
    "processing_method": "hasProcessing",
    "storage_locations": "hasStorageCondition",
    "retention_period": "hasStorageCondition",
    "processing_locations": "hasLocation",
    "geographic_restrictions": "hasRule",
    "service": "hasService",
    "jurisdiction": "hasJurisdiction",
    "recipient_third_parties": "hasRecipient",
    "withdrawal_method": "hasConsentControl",
    "isExercisedAt": "isExercisedAt",
    "privacy_rights": "hasRight",
    "codes_of_conduct": "hasOrganisationalMeasure",
    "impact_assessment": "hasImpactAssessment",
    "authority_party": "hasAuthority",
    "parties": "hasEntity",
    "party_id": "hasIdentifier",
    "party_name": "hasName",
    "party_address": "hasAddress",
    "party_contact": "hasContact",
    "party_email": "hasContact",
    "party_url": "hasContact",
    "party_phone": "hasContact",
    "events": "hasConsentStatus",
    "event_time": "isIndicatedAtTime",
    "entity_id": "isIndicatedBy",
    "event_type": "hasLegalBasis",
    "validity_duration": "hasDuration",
    "indication_method": "hasIndicationMethod",
}
_TERMS = {
    "created": f"{_DCT}created",
    "schema_version": f"{_DCT}conformsTo",
    "language": f"{_DCT}language",
    "pii_attribute_id": f"{_DCT}identifier",
    "pii_type": f"{_SKOS}broader",
    "purpose_type": f"{_SKOS}broader",
    "sensitive_pii_category": f"{_SKOS}broader",
    "special_pii_category": f"{_SKOS}broader",
    "label": f"{_SKOS}prefLabel",
    "party_type": "@type",
    "party_role": "@type",
    "event_state": "@type",
    "log": None,
    "signature": None,
}
# Ours alone: their meaning is in the schema.
_OURS = (
    "code",
    "consent_epoch",
    "controls",
    "defaults",
    "duration",
    "evidence",
    "file",
    "form",
    "sha256",
    "template",
    "time",
    "until",
    "url",
    "wording",
)


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where the decision's entry stands in the access log."""

    origin: str
    writer: UUID
    seq: int


def schema_url(issuer: str) -> str:
    """Return the address of the schema, which is the same for ever."""
    return f"{issuer}/schema/consent-receipt/1"


def context(issuer: str) -> dict[str, str | None]:
    """Return what each key means, as JSON-LD has it."""
    return {
        **_TERMS,
        **{key: dpv_iri(name) for key, name in _PROPERTIES.items()},
        **{key: f"{schema_url(issuer)}#{key}" for key in _OURS},
    }


def payload(
    record: bytes, *, issuer: str, receipt_id: UUID, created_ms: int, place: LogPlace
) -> bytes:
    """Return the canonical JSON that is signed.

    Args:
        record: from `consent_record.write`; its digest is in the log's entry at `place`.
        issuer: public origin, no trailing slash.
        receipt_id: new at each issue.
        created_ms: unix ms.
        place: of the decision's entry.
    """
    return canonical.dumps(
        {
            "@context": context(issuer),
            "@id": f"{issuer}/receipts/{receipt_id}",
            "@type": dpv_iri("ConsentReceipt"),
            "created": iso_time(created_ms),
            "schema_version": schema_url(issuer),
            "receipt_id": receipt_id.urn,
            "record": canonical.loads(record),
            "log": {"origin": place.origin, "writer": str(place.writer), "seq": place.seq},
        }
    )


def with_signature(signed: bytes, signature: str) -> bytes:
    """Return the receipt: the payload and its detached signature, canonical again."""
    return canonical.dumps(canonical.loads(signed) | {"signature": signature})
