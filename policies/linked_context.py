"""Hold the `@context` of a code's JSON-LD: each key of ours and the property that it stands for.

Keys are plain words; several may stand for one property where a reader of the JSON wants them
apart. A test walks the documents and finds every key here.
Source: JSON-LD 1.1, 3.1 and 9.15; W3C DPV 2.3; DCMI Terms; SKOS.
"""

from collections.abc import Mapping
from typing import Final

from policies.vocabulary import dpv_iri

_DCT: Final = "http://purl.org/dc/terms/"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_SCHEMA: Final = "https://schema.org/"


def _iris(name: str) -> Mapping[str, str]:
    """Return a property of DPV whose values are IRIs."""
    return {"@id": dpv_iri(name), "@type": "@id"}


def _nodes(name: str) -> Mapping[str, str]:
    """Return a property of DPV whose values are nodes."""
    return {"@id": dpv_iri(name)}


def _texts(iri: str) -> Mapping[str, str]:
    """Return a property whose values are one text in several languages."""
    return {"@id": iri, "@container": "@language"}


CONTEXT: Final[Mapping[str, object]] = {
    "@version": 1.1,
    "url": {"@id": f"{_DCT}source", "@type": "@id"},
    "version": f"{_DCT}hasVersion",
    "digest": f"{_DCT}identifier",
    "identifier": f"{_DCT}identifier",
    "effective": {"@id": f"{_DCT}valid", "@type": f"{_XSD}date"},
    "language": f"{_DCT}language",
    "title": _texts(f"{_DCT}title"),
    "label": _texts(f"{_SKOS}prefLabel"),
    "description": _texts(f"{_DCT}description"),
    "broader": {"@id": f"{_SKOS}broader", "@type": "@id"},
    "name": dpv_iri("hasName"),
    "address": dpv_iri("hasAddress"),
    "contact": dpv_iri("hasContact"),
    "country": _iris("hasJurisdiction"),
    "location": _iris("hasLocation"),
    "controller": _nodes("hasDataController"),
    "officer": _nodes("hasDataProtectionOfficer"),
    "authority": _nodes("hasAuthority"),
    "promises": _nodes("hasObligation"),
    "never": _nodes("hasProhibition"),
    "rules": _nodes("hasRule"),
    "measures": _nodes("hasTechnicalOrganisationalMeasure"),
    "processes": _nodes("hasProcess"),
    "uses": _nodes("hasProcess"),
    "derivations": _nodes("hasProcess"),
    "within": {"@id": f"{_DCT}isPartOf"},
    "purpose": _nodes("hasPurpose"),
    "types": _iris("hasPurpose"),
    "data": _nodes("hasPersonalData"),
    "categories": _iris("hasPersonalData"),
    "kinds": _iris("hasPersonalData"),
    "processing": _iris("hasProcessing"),
    "necessity": _iris("hasNecessity"),
    "bases": _iris("hasLegalBasis"),
    "law": _nodes("hasLegalMeasure"),
    "justification": _nodes("hasJustification"),
    "recipients": _nodes("hasRecipient"),
    "recipientKinds": _iris("hasRecipient"),
    "staff": _nodes("hasResponsibleEntity"),
    "sources": _iris("hasDataSource"),
    "storage": _nodes("hasStorageCondition"),
    "duration": {"@id": dpv_iri("hasDuration"), "@type": f"{_XSD}duration"},
    "until": _nodes("hasDuration"),
    "outcome": _nodes("hasOutcome"),
    "consequence": _nodes("hasConsequence"),
    "rights": _iris("hasRight"),
    "contest": _nodes("hasRight"),
    "automation": _iris("hasAutomationLevel"),
    "context": _iris("hasContext"),
    "human": _nodes("hasHumanInvolvement"),
    "assessment": _nodes("hasImpactAssessment"),
    "channel": f"{_DCT}medium",
    "writers": _iris("hasActiveEntity"),
    "followUp": _nodes("hasObligation"),
    "benefits": _nodes("hasOutcome"),
    "logic": _nodes("hasAlgorithmicLogic"),
    "form": f"{_DCT}type",
    "fact": f"{_DCT}subject",
    # In order: the first that fits counts.
    "parts": {"@id": f"{_DCT}hasPart", "@container": "@list"},
    "when": f"{_DCT}requires",
    "values": f"{_SCHEMA}value",
    "minimum": f"{_SCHEMA}minValue",
    "maximum": f"{_SCHEMA}maxValue",
    "surveys": _nodes("hasProcess"),
    "duplicates": _nodes("hasProcess"),
    "frequency": _nodes("hasFrequency"),
    "wait": {"@id": f"{_DCT}temporal", "@type": f"{_XSD}duration"},
    "thanks": _texts(f"{_DCT}abstract"),
}
