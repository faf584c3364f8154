"""Write the consent record: everything that a decision was about, in the fields of ISO/IEC TS 27560.

A pure function of the code of ethics that the decision names and of the decision itself. It names
fields and never holds a value; the customer stands there under a pairwise id. Its SHA-256 goes
into the access log together with the decision, so the bytes are made once and kept.
Source: consent-standards note, 2 and 3; W3C DPVCG guide consent-27560.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

from policies import vocabulary
from policies.model import Purpose, Rulebook
from policies.vocabulary import dpv_iri
from vault.core import canonical, consent_process, party
from vault.core.consent import Consent

CUSTOMER = "customer"
PUBLISHER = "publisher"

MAX_SHARED = 1024  # clauses, by the details that customers left ticked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        return _evidence_digest(self)


@lru_cache(maxsize=64)  # one paper may show several consents
def _evidence_digest(evidence: Evidence) -> str:
    return hashlib.sha256(canonical.dumps(evidence.members())).hexdigest()


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
    clause = rulebook.purposes[decision.consent.purpose]
    shared = _shared(rulebook, decision, issuer=issuer, in_force=in_force)
    notice = _notice(decision, issuer=issuer, code_url=f"{issuer}/code/{rulebook.version}")
    principal = _dumps(decision.principal)
    return b"".join(  # the members in canonical order
        (
            *(shared.head, b'"consent_epoch":%d,"events":[' % decision.epoch),
            *(_dumps(_event(clause, decision, issuer)), b"],", shared.parties),
            *(_dumps(party.customer(decision.principal)), b'],"pii_principal_id":', principal),
            *(shared.process, b'"privacy_notice":[', _dumps(notice)),
            *(b'],"record_id":"', decision.record_id.urn.encode(), b'"}'),
        )
    )


class _Shared(NamedTuple):
    """What the records of all customers say who made the same decision: nearly all of a record."""

    head: bytes
    parties: bytes  # and the language before them; without the customer, who comes next
    process: bytes


_kept_shared: dict[tuple[object, ...], _Shared] = {}


def _shared(rulebook: Rulebook, decision: Decision, *, issuer: str, in_force: Rulebook) -> _Shared:
    consent = decision.consent
    # A digest stands for all that a code of ethics says.
    which = (rulebook.digest, in_force.digest, in_force.version, issuer, decision.language,
             consent.purpose, consent.fields)  # fmt: skip
    found = _kept_shared.get(which)
    if found is None:
        clause = rulebook.purposes[consent.purpose]
        conduct = {
            "@type": dpv_iri("CodeOfConduct"),
            "url": f"{issuer}/code/{in_force.version}",
            "sha256": in_force.digest,
        }
        process = consent_process.process(
            rulebook,
            clause,
            fields=consent.fields,
            language=decision.language,
            issuer=issuer,
        )
        process |= {"codes_of_conduct": [conduct]}
        parties = party.of_clause(rulebook, clause, issuer=issuer, language=decision.language)
        found = _Shared(
            head=b'{"@type":%s,' % _dumps(dpv_iri("ConsentRecord")),
            parties=b'"language":%s,"parties":[' % _dumps(decision.language)
            + b"".join([_dumps(one) + b"," for one in parties]),
            process=b',"pii_processing":[%s],' % _dumps(process),
        )
        if len(_kept_shared) >= MAX_SHARED:
            _kept_shared.clear()
        _kept_shared[which] = found
    return found


def digest(record: bytes) -> str:
    """Return what the access log holds of a record: SHA-256 in hex of its canonical JSON."""
    return hashlib.sha256(record).hexdigest()


@lru_cache(maxsize=4096)  # an import has the same days over and over
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


def _dumps(value: object) -> bytes:
    written = canonical.dumps(value)
    return written if written.isascii() else canonical.dumps(_nfc(value))


def _nfc(value: object) -> object:
    """Return a JSON value with its texts in NFC, which canonical JSON does not see to."""
    if isinstance(value, str):
        return value if value.isascii() else normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _nfc(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_nfc(item) for item in value]
    return value
