"""Write the consent record: everything that a decision was about, in the fields of ISO/IEC TS 27560.

A pure function of the code of ethics that the decision names and of the decision itself. It names
fields and never holds a value; the customer stands there under a pairwise id. Its SHA-256 goes
into the access log together with the decision, so the bytes are made once and kept.
Source: consent-standards note, 2 and 3; W3C DPVCG guide consent-27560.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from uuid import UUID

from policies import vocabulary
from policies.model import (
    Action,
    Basis,
    Field,
    InteractionKind,
    Purpose,
    Rulebook,
    Sensitivity,
    Use,
)
from policies.vocabulary import dpv_iri
from vault.core import canonical, party
from vault.core.consent import Consent

CUSTOMER = "customer"
PUBLISHER = "publisher"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ACTIONS = {
    Action.READ: (vocabulary.ACTIONS[Action.READ], "Disclose"),
    Action.WRITE: (vocabulary.ACTIONS[Action.WRITE],),
    Action.APPEND: (vocabulary.ACTIONS[Action.APPEND],),
}
_MARKED = {
    Sensitivity.SENSITIVE: "sensitive_pii_category",
    Sensitivity.SPECIAL: "special_pii_category",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a customer allowed something elsewhere, before the vault."""

    form: str  # which form, such as "paper form 17"
    wording: str  # what it said
    time_ms: int  # unix ms at which the customer signed it
    file: str  # SHA-256 in hex of the file that it was imported from

    def members(self) -> dict[str, str]:
        """Return the JSON whose canonical bytes are hashed as `shown`."""
        return {
            "file": self.file,
            "form": self.form,
            "time": iso_time(self.time_ms),
            "wording": self.wording,
        }

    def digest(self) -> str:
        """Return SHA-256 in hex of the canonical JSON."""
        return hashlib.sha256(canonical.dumps(self.members())).hexdigest()


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """What the customer decided on."""

    template: str  # of a rendered notice; "evidence" of an import, "code" for the code's own page
    controls: tuple[str, ...] = ()
    defaults: str = "none"
    evidence: Evidence | None = None  # of an import, on the event that took it over
    code: str = ""  # digest of the notice's code; "" for the one that the consent names


@dataclass(frozen=True, slots=True)
class Decision:
    """One event of a consent, with all that its record says."""

    record_id: UUID  # of the event
    consent: Consent
    epoch: int  # the customer's, after this event
    principal: str  # pairwise id of the customer in the sector "receipts"
    language: str  # BCP 47
    notice: NoticeShown
    method: str  # how it was indicated: "allow button", "paper form 17"
    by: str = CUSTOMER
    at_ms: int | None = None  # unix ms of the event; None: it is that of the consent


def write(rulebook: Rulebook, decision: Decision, *, issuer: str, in_force: Rulebook) -> bytes:
    """Return the record as canonical JSON.

    Args:
        rulebook: the code of ethics that the decision was made on, `decision.consent.code`.
        decision: the event.
        issuer: public origin, no trailing slash.
        in_force: the code in force at the event.
    """
    consent = decision.consent
    clause = rulebook.purposes[consent.purpose]
    code_url = f"{issuer}/code/{rulebook.version}"
    process = _process(rulebook, clause, decision, issuer=issuer, code_url=code_url)
    record = {
        "@type": dpv_iri("ConsentRecord"),
        "record_id": decision.record_id.urn,
        "consent_epoch": decision.epoch,
        "pii_principal_id": decision.principal,
        "language": decision.language,
        "privacy_notice": [_notice(decision, issuer=issuer, code_url=code_url)],
        "pii_processing": [
            process
            | {
                "codes_of_conduct": [
                    {
                        "@type": dpv_iri("CodeOfConduct"),
                        "url": f"{issuer}/code/{in_force.version}",
                        "sha256": in_force.digest,
                    }
                ]
            }
        ],
        "parties": party.all_of(
            rulebook,
            clause,
            issuer=issuer,
            principal=decision.principal,
            language=decision.language,
        ),
        "events": [_event(clause, decision, issuer)],
    }
    return canonical.dumps(_nfc(record))


def digest(record: bytes) -> str:
    """Return what the access log holds of a record: SHA-256 in hex of its canonical JSON."""
    return hashlib.sha256(record).hexdigest()


def iso_time(unix_ms: int) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds.

    >>> iso_time(1793527200120)
    '2026-11-01T10:00:00.120Z'
    """
    moment = _EPOCH + timedelta(milliseconds=unix_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _notice(decision: Decision, *, issuer: str, code_url: str) -> dict[str, object]:
    consent, notice = decision.consent, decision.notice
    said: dict[str, object] = {
        "@type": dpv_iri("ConsentNotice"),
        "template": notice.template,
        "controls": notice.controls,
        "defaults": notice.defaults,
        "code": notice.code or consent.code,
    }
    if notice.evidence is not None:
        # In the record itself: it tells of one customer, so it is not published under its hash.
        return said | {"sha256": consent.shown, "evidence": notice.evidence.members()}
    if not consent.shown:
        return said | {"sha256": consent.code, "url": code_url}
    if notice.template == "evidence":
        return said | {"sha256": consent.shown}
    return said | {"sha256": consent.shown, "url": f"{issuer}/notices/{consent.shown}"}


def _process(
    rulebook: Rulebook, clause: Purpose, decision: Decision, *, issuer: str, code_url: str
) -> dict[str, object]:
    publisher = rulebook.code.publisher
    uses = [use for use in clause.uses if use.name in decision.consent.fields]
    kept = {use.name: _kept(rulebook, use.name) for use in uses}
    recipients = [rulebook.recipients[app] for app in clause.recipients]
    return {
        "@type": dpv_iri("Process"),
        "purpose": {
            "@id": f"{code_url}#{clause.id}",
            "label": clause.label.get(decision.language),
            "purpose_type": [vocabulary.purpose_iri(one) for one in clause.types],
        },
        "lawful_basis": _basis(clause),
        "pii_information": [_information(use, kept[use.name]) for use in uses],
        "pii_controllers": [party.publisher_id(issuer)],
        "collection_method": _unique(
            dpv_iri(vocabulary.SOURCES[source]) for one in kept.values() for source in one.sources
        ),
        "processing_method": _unique(
            dpv_iri(term) for use in uses for action in use.actions for term in _ACTIONS[action]
        )
        + ([dpv_iri("Profiling")] if clause.profiling else [])
        + _inferring(rulebook, clause, decision.consent.fields),
        "storage_locations": ["vault", "backups"],
        "retention_period": [
            {"pii_attribute_id": name, "duration": one.retention} for name, one in kept.items()
        ],
        "processing_locations": _unique(
            vocabulary.country_iri(country)
            for country in (publisher.country, *(one.country for one in recipients))
        ),
        "geographic_restrictions": [code_url],
        "service": publisher.url,
        "jurisdiction": vocabulary.country_iri(publisher.country),
        "recipient_third_parties": [party.recipient_id(issuer, one.id) for one in recipients]
        or [party.publisher_id(issuer)],
        "withdrawal_method": {
            "@type": dpv_iri("WithdrawConsent"),
            "isExercisedAt": [
                f"{issuer}/privacy",
                f"mailto:{publisher.email}",
                publisher.phone or publisher.address,
            ],
        },
        "privacy_rights": [
            {
                "@id": vocabulary.right_iri(right),
                "isExercisedAt": party.exercised_at(publisher, right, issuer=issuer),
            }
            for right in vocabulary.RIGHTS[clause.basis]
        ],
        "authority_party": party.authority_id(issuer),
        **({"impact_assessment": clause.assessment} if clause.assessment else {}),
    }


def _inferring(rulebook: Rulebook, clause: Purpose, fields: frozenset[str]) -> list[str]:
    """Say that a detail of the consent is inferred under the clause, and how much a machine does."""
    under = [
        one
        for one in rulebook.code.derivations
        if clause.id in one.purposes and one.field in fields
    ]
    found = [dpv_iri("Infer")] if under else []
    if any(one.decides for one in under):
        found.append(dpv_iri("AutomatedDecisionMaking"))
    return found + _unique(dpv_iri(vocabulary.AUTOMATIONS[one.automation]) for one in under)


def _basis(clause: Purpose) -> str | list[str]:
    iri = vocabulary.basis_iri(Basis.CONSENT)
    if clause.explicit:
        return [iri, vocabulary.right_iri(vocabulary.EXPLICIT_CONSENT)]
    return iri


def _information(use: Use, one: Field | InteractionKind) -> dict[str, object]:
    said: dict[str, object] = {
        "pii_type": [vocabulary.category_iri(one.category)],
        "pii_attribute_id": use.name,
        "pii_optional": dpv_iri("Required" if use.required else "Optional"),
    }
    if mark := _MARKED.get(one.sensitivity):
        said[mark] = dpv_iri(vocabulary.SENSITIVITIES[one.sensitivity])
    return said


def _kept(rulebook: Rulebook, name: str) -> Field | InteractionKind:
    return rulebook.fields.get(name) or rulebook.interactions[name]


def _event(clause: Purpose, decision: Decision, issuer: str) -> dict[str, object]:
    consent = decision.consent
    by_customer = decision.by == CUSTOMER
    return {
        "event_time": iso_time(consent.from_ms if decision.at_ms is None else decision.at_ms),
        "entity_id": decision.principal if by_customer else party.publisher_id(issuer),
        "event_type": dpv_iri(
            "ExplicitlyExpressedConsent" if clause.explicit else "ExpressedConsent"
        ),
        "event_state": dpv_iri(vocabulary.STATES[consent.state]),
        "validity_duration": {
            "@type": dpv_iri("UntilTimeDuration"),
            "until": iso_time(consent.until_ms),
        },
        "indication_method": decision.method,
    }


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _nfc(value: object) -> object:
    """Return a JSON value with its texts in NFC, which canonical JSON does not see to."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _nfc(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_nfc(item) for item in value]
    return value
