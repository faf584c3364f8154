"""Show one receipt in words on one page, with all fields of the standard by name, and hand it out.

The page says what the signed document says and nothing else; only names of details come from the
code of ethics. A look at it writes nothing.
Source: portal note, 2; consent-standards note, 2; ISO/IEC TS 27560.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from policies.vocabulary import dpv_iri
from portal import receipt_words as words
from portal import state
from portal.answers import Document, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.receipt_words import Link
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, lasting, moment
from vault.core.errors import NotAvailableError
from vault.core.receipt_fields import FIELDS, Section
from vault.crypto import base64url
from vault.services import published, receipts

HERE: Final = "/receipts"
_REQUIRED: Final = dpv_iri("Required")
_NEVER: Final = "9999"  # the year of what has no end

Members = Mapping[str, Any]  # of a receipt that we signed


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part."""

    name: str
    address: str
    contact: Link


@dataclass(frozen=True, slots=True)
class StandardField:
    """A field by the standard's name."""

    name: str
    words: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Everything of `/receipts/{id}`."""

    title: str
    id: str
    file: str  # address of the signed document; one that was not kept is signed again there
    purpose: str
    purpose_id: str
    state: Badge | None
    decided: Moment
    until: Moment | None
    method: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    readers: tuple[str, ...]
    sources: tuple[str, ...]
    actions: tuple[str, ...]
    basis: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]  # detail, how long
    places: tuple[str, ...]
    countries: tuple[str, ...]
    controller: Party
    authority: Party
    stop: tuple[Link, ...]
    rights: tuple[Link, ...]
    notice: str  # path of what was shown; "" where nothing is published
    notice_sha256: str
    code: Link
    made: Moment
    record: str
    log: str
    entry: int
    key: str
    fields: tuple[StandardField, ...]


async def show(visit: Visit) -> Page:
    """Show a receipt to whom it belongs."""
    receipt: Members = json.loads(await _opened(visit))
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    return Page("receipt.html", _page(visit, receipt, labels), HERE)


async def download(visit: Visit) -> Document:
    """Hand out the signed document, to whom it belongs."""
    body = await _opened(visit)
    name = f"receipt-{UUID(visit.params['receipt'])}.json"
    return Document(body, "application/json", "page", filename=name)


async def _opened(visit: Visit) -> bytes:
    try:
        receipt_id = UUID(visit.params["receipt"])
    except ValueError:
        raise NotAvailableError from None
    return await receipts.open_(visit.deps, visit.customer, receipt_id)


def _page(visit: Visit, receipt: Members, labels: Labels) -> ReceiptPage:
    lang, issuer, record = visit.lang, visit.deps.issuer, receipt["record"]
    process, event = record["pii_processing"][0], record["events"][-1]
    notice, code = record["privacy_notice"][0], process["codes_of_conduct"][0]
    parties = {one["party_id"]: one for one in record["parties"]}
    held = process["pii_information"]
    is_needed = {one["pii_attribute_id"]: one["pii_optional"] == _REQUIRED for one in held}
    rights = [(one["@id"], one["isExercisedAt"]) for one in process["privacy_rights"]]
    decided, until = _time(event["event_time"]), event["validity_duration"]["until"]
    kind = words.state(event["event_state"])
    allowing = kind in state.ALLOWING
    end = _time(until) if allowing and not until.startswith(_NEVER) else None
    basis = process["lawful_basis"]
    shown = words.link(notice.get("url", ""), issuer=issuer).href
    return ReceiptPage(
        title=translate(lang, N_("Receipt: {purpose}"), purpose=process["purpose"]["label"]),
        id=receipt["receipt_id"].removeprefix("urn:uuid:"),
        file=f"/receipts/{UUID(visit.params['receipt'])}.json",
        purpose=process["purpose"]["label"],
        purpose_id=process["purpose"]["@id"].partition("#")[2],
        state=state.consent(kind, lang, decided=decided, until=end, now=decided) if kind else None,
        decided=moment(decided, lang),
        until=moment(end, lang) if end else None,
        method=words.term(event["indication_method"], lang),
        needed=labels.all_of(name for name, needed in is_needed.items() if needed),
        optional=labels.all_of(name for name, needed in is_needed.items() if not needed),
        readers=tuple(
            f"{one['party_name']} ({one['party_contact']})"
            if reader in _apps(parties)
            else one["party_name"]
            for reader in process["recipient_third_parties"]
            for one in (parties[reader],)
        ),
        sources=_terms(process["collection_method"], lang),
        actions=_terms(process["processing_method"], lang),
        basis=_terms([basis] if isinstance(basis, str) else basis, lang),
        kept=tuple(
            (labels.of(one["pii_attribute_id"]), lasting(one["duration"], lang))
            for one in process["retention_period"]
        ),
        places=_terms(process["storage_locations"], lang),
        countries=_terms(process["processing_locations"], lang),
        controller=_party(parties[process["pii_controllers"][0]], issuer),
        authority=_party(parties[process["authority_party"]], issuer),
        stop=tuple(
            words.link(one, issuer=issuer) for one in process["withdrawal_method"]["isExercisedAt"]
        ),
        rights=tuple(words.right(iri, where, lang, issuer=issuer) for iri, where in rights),
        notice=shown,
        notice_sha256=notice["sha256"],
        code=words.link(code["url"], issuer=issuer),
        made=moment(_time(receipt["created"]), lang),
        record=record["record_id"].removeprefix("urn:uuid:"),
        log=receipt["log"]["origin"],
        entry=receipt["log"]["seq"],
        key=json.loads(base64url.decode(receipt["signature"].partition(".")[0]))["kid"],
        fields=tuple(
            StandardField(
                one.name, translate(lang, one.words), tuple(_values(receipt, one.section, one.name))
            )
            for one in FIELDS
        ),
    )


def _apps(parties: Mapping[str, Members]) -> frozenset[str]:
    return frozenset(
        name for name, one in parties.items() if one["party_type"] == dpv_iri("Recipient")
    )


def _party(party: Members, issuer: str) -> Party:
    contact = party["party_contact"]
    target = f"mailto:{contact}" if "@" in contact else contact
    return Party(party["party_name"], party["party_address"], words.link(target, issuer=issuer))


def _terms(iris: list[str], lang: str) -> tuple[str, ...]:
    return tuple(words.term(iri, lang) for iri in iris)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _holders(receipt: Members, section: Section) -> list[Members]:
    """Return where a section of the standard's table stands in a receipt."""
    record = receipt["record"]
    processes = record["pii_processing"]
    holders: dict[Section, list[Members]] = {
        "header": [record, receipt],
        "receipt": [receipt],
        "processing": [record, *processes, *(one["purpose"] for one in processes)],
        "pii": [one for process in processes for one in process["pii_information"]],
        "party": record["parties"],
        "event": record["events"],
    }
    return holders[section]


def _values(receipt: Members, section: Section, name: str) -> Iterator[str]:
    """Give what a receipt says under a name of the standard, each thing once."""
    found = [one[name] for one in _holders(receipt, section) if name in one]
    yield from dict.fromkeys(text for value in found for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield json.dumps(value, ensure_ascii=False)
    else:
        yield str(value)
