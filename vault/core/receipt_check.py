"""Read a consent receipt that somebody hands over, by the rules of the independent checker.

1. at most 256 KiB, JSON that reads in one way only; 2. every mandatory field in its place, terms of
the vocabulary in its own form, evidence under its hash. Whose signature it bears is not known
here: the bytes that were signed come out beside it. Nothing of ours is asked whether it is so; a
receipt is judged by what it says.
Source: consent-standards note, 2 and 2.2; `vault/verifier/receipt.py` has the same rules, and a
test compares the two.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies import vocabulary
from policies.vocabulary import DPV, dpv_iri
from vault.core import canonical
from vault.core.errors import BadRequestError, CanonicalError
from vault.core.receipt import MAX_BYTES, schema_url

_TIME: Final = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"
)  # of one width, so that times sort as texts
_TERM: Final = re.compile(r"https://w3id\.org/dpv(/(pd|loc|legal/eu/gdpr))?#[A-Za-z0-9-]+")
_HEX: Final = re.compile("[0-9a-f]{64}")
_STATES: Final = frozenset(vocabulary.STATES.values())
_SUBJECT: Final = dpv_iri("DataSubject")

# What the standard makes mandatory, and we with it.
RECEIPT: Final = ("schema_version", "receipt_id", "record", "log", "@context")
RECORD: Final = (
    "record_id",
    "pii_principal_id",
    "language",
    "privacy_notice",
    "parties",
    "events",
)
PROCESS: Final = (
    "purpose",
    "lawful_basis",
    "pii_information",
    "pii_controllers",
    "storage_locations",
    "retention_period",
    "jurisdiction",
    "recipient_third_parties",
    "withdrawal_method",
)
PARTY: Final = ("party_id", "party_name", "party_address", "party_contact", "party_type")
EVENT: Final = ("event_time", "validity_duration", "entity_id", "event_type", "event_state")

Members = Mapping[str, object]


class Flaw(StrEnum):
    """What is wrong with a receipt."""

    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    LACKS = "lacks"
    VERSION = "version"
    ADDRESS = "address"
    STATE = "state"
    TIME = "time"
    TERM = "term"
    NOTICE = "notice"
    EVIDENCE = "evidence"
    SIGNATURE_FORM = "signature-form"
    SIGNER = "signer"
    SIGNATURE = "signature"
    BEFORE_KEY = "before-key"
    AFTER_KEY = "after-key"


class ReceiptError(BadRequestError):
    """What was handed over is no receipt that holds."""

    code = "bad-receipt"
    sentence = "This is no receipt that holds. Copy all of it, without a change, and try again."

    def __init__(self, flaw: Flaw, name: str = "") -> None:
        """Keep what is wrong; `name` is a field of the standard, never what the receipt says."""
        super().__init__()
        self.flaw = flaw
        self.name = name


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a receipt says; true only when its signature is that of its issuer."""

    issuer: str
    created: str  # ISO 8601, UTC, ms
    purposes: tuple[str, ...]  # labels, in the receipt's language
    state: str  # name of https://w3id.org/dpv#
    at: str  # when it was decided, as `created`
    record_digest: str  # SHA-256 in hex, which the log's entry holds
    notices: tuple[str, ...]  # SHA-256 in hex of what was shown
    signature: str  # compact JWS without its payload
    payload: bytes  # what the signature must be of


def read(data: bytes) -> Claimed:
    """Return what a receipt says.

    Raises:
        ReceiptError: it is too large, malformed, or lacks what is mandatory.
    """
    if len(data) > MAX_BYTES:
        raise ReceiptError(Flaw.TOO_LARGE)
    try:
        receipt = _object(canonical.loads(data))
    except CanonicalError:
        raise ReceiptError(Flaw.NOT_JSON) from None
    signature = _text(receipt, "signature")
    issuer = _issuer(receipt)
    record = _fields(receipt, issuer)
    event = _objects(record, "events")[-1]
    return Claimed(
        issuer=issuer,
        created=_text(receipt, "created"),
        purposes=tuple(
            _text(_object(one["purpose"]), "label") for one in _objects(record, "pii_processing")
        ),
        state=_text(event, "event_state").removeprefix(DPV),
        at=_text(event, "event_time"),
        record_digest=_digest(record),
        notices=_notices(record),
        signature=signature,
        payload=canonical.dumps({k: v for k, v in receipt.items() if k != "signature"}),
    )


def check_age(created: str, *, valid_from: str | None, valid_until: str | None) -> None:
    """Return when a receipt was made while its key was in use.

    Args:
        created: of the receipt.
        valid_from: of the key, as `created`; None: it always was.
        valid_until: of the key; None: it still is.

    Raises:
        ReceiptError: it was made before or after.
    """
    if valid_from is not None and created < valid_from:
        raise ReceiptError(Flaw.BEFORE_KEY)
    if valid_until is not None and created > valid_until:
        raise ReceiptError(Flaw.AFTER_KEY)


def _fields(receipt: Members, issuer: str) -> Members:
    """Return the record, once every mandatory field stands in its place."""
    _need(receipt, RECEIPT)
    if not _TIME.fullmatch(_text(receipt, "created")):
        raise ReceiptError(Flaw.TIME, "created")
    uuid = _text(receipt, "receipt_id").removeprefix("urn:uuid:")
    if receipt.get("@id") != f"{issuer}/receipts/{uuid}":
        raise ReceiptError(Flaw.ADDRESS)
    record = _object(receipt["record"])
    _need(record, RECORD)
    for process in _objects(record, "pii_processing"):
        _need(process, PROCESS)
        for one in _objects(process, "pii_information"):
            _need(one, ("pii_type",))
    for party in _objects(record, "parties"):
        # The person whose receipt it is has no name, address or contact in it.
        _need(party, ("party_id",) if party.get("party_type") == _SUBJECT else PARTY)
    for event in _objects(record, "events"):
        _need(event, EVENT)
        if _text(event, "event_state").removeprefix(DPV) not in _STATES:
            raise ReceiptError(Flaw.STATE, "event_state")
        if not _TIME.fullmatch(_text(event, "event_time")):
            raise ReceiptError(Flaw.TIME, "event_time")
    for text in _strings(receipt):
        if text.startswith("https://w3id.org/dpv") and not _TERM.fullmatch(text):
            raise ReceiptError(Flaw.TERM)
    return record


def _notices(record: Members) -> tuple[str, ...]:
    found = []
    for one in _objects(record, "privacy_notice"):
        digest = _text(one, "sha256")
        if not _HEX.fullmatch(digest):
            raise ReceiptError(Flaw.NOTICE, "privacy_notice")
        evidence = one.get("evidence")
        if evidence is not None and _digest(evidence) != digest:
            raise ReceiptError(Flaw.EVIDENCE, "privacy_notice")
        found.append(digest)
    return tuple(found)


def _issuer(receipt: Members) -> str:
    issuer, found, rest = _text(receipt, "schema_version").partition(schema_url(""))
    if not found or rest or not issuer.startswith(("https://", "http://")):
        raise ReceiptError(Flaw.VERSION, "schema_version")
    return issuer


def _need(members: Members, names: tuple[str, ...]) -> None:
    for name in names:
        if not members.get(name):
            raise ReceiptError(Flaw.LACKS, name)


def _object(value: object) -> Members:
    if not isinstance(value, dict):
        raise ReceiptError(Flaw.NOT_JSON)
    return value


def _objects(members: Members, name: str) -> list[Members]:
    value = members.get(name)
    if not isinstance(value, list) or not value:
        raise ReceiptError(Flaw.LACKS, name)
    return [_object(one) for one in value]


def _text(members: Members, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise ReceiptError(Flaw.LACKS, name)
    return value


def _digest(value: object) -> str:
    return hashlib.sha256(canonical.dumps(value)).hexdigest()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
