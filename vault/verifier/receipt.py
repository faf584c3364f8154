"""Check a consent receipt offline: what was decided, on which words, signed by whom.

1. at most 256 KiB, strict JSON; 2. every mandatory field, and terms of the vocabulary in its own
form; 3. the signature, by one of the keys given; 4. the notice that was shown, by its hash. A good
receipt tells of a decision then, not of today's state, and its place in the log is a promise until
the log itself is checked.
Source: consent-standards note, 2 and 2.2; RFC 7515, appendix F; RFC 7638; RFC 9864.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vault.verifier import key_set, strict_json
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.key_set import Key

MAX_BYTES = 262_144
TYP = "ownship-receipt+jws"
DPV = "https://w3id.org/dpv#"
STATES = (
    "ConsentUnknown",
    "ConsentRequested",
    "ConsentRequestDeferred",
    "ConsentGiven",
    "RenewedConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "ConsentExpired",
    "ConsentRevoked",
    "ConsentInvalidated",
)

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_TERM = re.compile(r"https://w3id\.org/dpv(/(pd|loc|legal/eu/gdpr))?#[A-Za-z0-9-]+")
_HEX = re.compile("[0-9a-f]{64}")
_RECORD = ("record_id", "pii_principal_id", "language", "privacy_notice", "parties", "events")
_PROCESS = (
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
_PARTY = ("party_id", "party_name", "party_address", "party_contact", "party_type")
_EVENT = ("event_time", "validity_duration", "entity_id", "event_type", "event_state")

Members = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that holds."""

    issuer: str
    purposes: tuple[str, ...]  # labels, in the receipt's language
    state: str  # name of https://w3id.org/dpv#
    at: str  # when it was decided, ISO 8601
    record_digest: str  # SHA-256 in hex, which the log's entry holds
    notice: str | None  # SHA-256 in hex of the notice that was checked; None: none was


def check(data: bytes, *, keys: bytes | None, notice: bytes | None = None) -> Receipt:
    """Return what a receipt says, once it is checked.

    Args:
        data: the receipt.
        keys: the publisher's key set, fetched from its own site; None when there is none at hand.
        notice: the bytes of the notice; None to leave it unchecked.

    Raises:
        BadError: the receipt is malformed, changed, forged, or about another notice.
        CannotTellError: there is no key set, or it cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise BadError("The receipt is larger than 256 KiB.")
    receipt = _object(strict_json.read(data), "receipt")
    signature = _text(receipt, "signature")
    payload = strict_json.canonical({k: v for k, v in receipt.items() if k != "signature"})
    record = _check_fields(receipt)
    if keys is None:
        raise CannotTellError("Without the publisher's keys nobody can say who signed it: --keys.")
    created = _text(receipt, "created")
    _check_signature(signature, payload, created=created, keys=key_set.read(keys))
    shown = _check_notice(record, notice)
    event = _objects(record, "events")[-1]
    return Receipt(
        issuer=_issuer(receipt),
        purposes=tuple(
            _text(_object(one["purpose"], "purpose"), "label")
            for one in _objects(record, "pii_processing")
        ),
        state=_text(event, "event_state").removeprefix(DPV),
        at=_text(event, "event_time"),
        record_digest=hashlib.sha256(strict_json.canonical(record)).hexdigest(),
        notice=shown,
    )


def _check_signature(
    signature: str, payload: bytes, *, created: str, keys: Mapping[str, Key]
) -> None:
    try:
        head, middle, tail = signature.split(".")
    except ValueError:
        raise BadError("The signature is no compact JWS.") from None
    if middle:
        raise BadError("The signature brings a payload of its own.")
    header = _object(strict_json.read(key_set.decode(head)), "signature's header")
    if header.keys() != {"alg", "kid", "typ"} or header["alg"] != "Ed25519":
        raise BadError("The signature's header is not that of a receipt.")
    key = keys.get(_text(header, "kid"))
    if header["typ"] != TYP or key is None:
        raise BadError("The receipt is signed by none of the keys given.")
    signed = f"{head}.{key_set.encode(payload)}".encode()
    key.check(key_set.decode(tail), signed, at=created, what="receipt")


def _check_fields(receipt: Members) -> Members:
    """Return the record, once every mandatory field stands in its place."""
    _need(receipt, ("schema_version", "receipt_id", "record", "log", "@context"), "receipt")
    if not _TIME.fullmatch(_text(receipt, "created")):
        raise BadError("The receipt does not say when it was made.")
    issuer = _issuer(receipt)
    uuid = _text(receipt, "receipt_id").removeprefix("urn:uuid:")
    if receipt.get("@id") != f"{issuer}/receipts/{uuid}":
        raise BadError("The receipt's address is not that of its issuer and number.")
    record = _object(receipt["record"], "record")
    _need(record, _RECORD, "record")
    for process in _objects(record, "pii_processing"):
        _need(process, _PROCESS, "processing")
        for one in _objects(process, "pii_information"):
            _need(one, ("pii_type",), "information")
    for party in _objects(record, "parties"):
        # The person whose receipt it is has no name, address or contact in it.
        is_person = party.get("party_type") == f"{DPV}DataSubject"
        _need(party, ("party_id",) if is_person else _PARTY, "party")
    for event in _objects(record, "events"):
        _need(event, _EVENT, "event")
        if _text(event, "event_state").removeprefix(DPV) not in STATES:
            raise BadError("The event's state is none of the ten.")
        if not _TIME.fullmatch(_text(event, "event_time")):
            raise BadError("The event does not say when it was.")
    for text in _strings(receipt):
        if text.startswith("https://w3id.org/dpv") and not _TERM.fullmatch(text):
            raise BadError("The receipt uses a term that is none of the vocabulary's.")
    return record


def _check_notice(record: Members, notice: bytes | None) -> str | None:
    named = [_text(one, "sha256") for one in _objects(record, "privacy_notice")]
    if not all(_HEX.fullmatch(one) for one in named):
        raise BadError("The receipt does not name its notice by a hash.")
    for one in _objects(record, "privacy_notice"):
        evidence = one.get("evidence")
        if evidence is not None:
            digest = hashlib.sha256(strict_json.canonical(evidence)).hexdigest()
            if digest != one["sha256"]:
                raise BadError("The evidence is not what the receipt names.")
    if notice is None:
        return None
    digest = hashlib.sha256(notice).hexdigest()
    if digest not in named:
        raise BadError("The notice is not the one that the receipt names.")
    return digest


def _issuer(receipt: Members) -> str:
    issuer, found, rest = _text(receipt, "schema_version").partition("/schema/consent-receipt/1")
    if not found or rest or not issuer.startswith(("https://", "http://")):
        raise BadError("The receipt is of no version that this checker knows.")
    return issuer


def _need(members: Members, names: tuple[str, ...], where: str) -> None:
    for name in names:
        if not members.get(name):
            raise BadError(f"The {where} lacks {name}, which is mandatory.")


def _object(value: object, name: str) -> Members:
    if not isinstance(value, dict):
        raise BadError(f"The {name} is not what a receipt has there.")
    return value


def _objects(members: Members, name: str) -> list[Members]:
    value = members.get(name)
    if not isinstance(value, list) or not value:
        raise BadError(f"{name} is missing or empty.")
    return [_object(one, name) for one in value]


def _text(members: Members, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise BadError(f"{name} is missing or is no text.")
    return value


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
