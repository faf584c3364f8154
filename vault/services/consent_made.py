"""Make what a change of consents comes to: standing row, events, records, entries; nothing is written.

Each change raises the epoch by one, and the standing row ends at the last one's; every event's row
has that epoch under its MAC. A record is sealed under the customer's own audit key, and its digest
stands in the entry.
Source: crypto note, 8; access-log note, 2 and 3; consent-standards note, 2.2 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from policies.model import ConsentState, Rulebook
from vault.core import consent_record, terms
from vault.core.consent import Consent
from vault.core.consent_record import CUSTOMER, PUBLISHER, Decision, NoticeShown
from vault.core.entry import Kind as EntryKind
from vault.core.ids import CustomerId
from vault.crypto.audit_key import AuditKey
from vault.crypto.keys import WrappedKey
from vault.crypto.pairwise import pairwise_id
from vault.crypto.random import uuid7s
from vault.crypto.row_mac import CONSENT, consent_row, row_mac
from vault.services import standing
from vault.services.deps import Deps
from vault.services.draft import ConsentChange, Draft
from vault.services.load import Load
from vault.services.situation import unix_ms
from vault.store.consent import ConsentRow
from vault.store.customer import StandingRow
from vault.store.receipt import ReceiptRow

SECTOR = "receipts"  # receipts name the customer by an id that no app sees

# Sets of names of the code of ethics are few.
_sorted = lru_cache(maxsize=1024)(lambda names: tuple(sorted(names)))
_dumped = lru_cache(maxsize=1024)(terms.dump_names)
_names = lru_cache(maxsize=1024)(terms.load_names)

_KINDS = {
    ConsentState.GIVEN: EntryKind.GIVEN,
    ConsentState.RENEWED: EntryKind.GIVEN,
    ConsentState.REFUSED: EntryKind.REFUSED,
    ConsentState.DEFERRED: EntryKind.REFUSED,  # "not now" allows nothing; the entry names the state
    ConsentState.WITHDRAWN: EntryKind.WITHDRAWN,
    ConsentState.REVOKED: EntryKind.WITHDRAWN,
    ConsentState.INVALIDATED: EntryKind.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of one customer, locked and checked."""

    load: Load
    standing: StandingRow
    audit: WrappedKey
    rows: Mapping[str, ConsentRow]  # current ones by purpose, broken ones too
    # The same under the code in force; a broken one counts as invalidated.
    consents: Mapping[str, Consent]


@dataclass(frozen=True, slots=True)
class Change:
    """A new decision, with what its record says beside it."""

    consent: Consent
    rulebook: Rulebook  # the code of ethics of `consent.code`
    language: str
    notice: NoticeShown
    method: str  # "allow button", "paper form 17"
    actor: str = CUSTOMER
    at_ms: int | None = None  # unix ms of the event; None for that of the consent


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that stands once the unit commits."""

    consent_id: UUID
    consent: Consent
    epoch: int


@dataclass(frozen=True, slots=True)
class Made:
    """What changes of one customer come to, before anything is written."""

    standing: StandingRow  # behind the last one
    saved: tuple[Saved, ...]
    rows: list[ConsentRow]
    records: list[ReceiptRow]
    drafts: list[Draft]  # their entries


def make(
    deps: Deps,
    held: Held,
    audit: AuditKey,
    changes: Sequence[Change],
    *,
    request: str | None,
    now: datetime,
) -> Made:
    """Return all that changes of different purposes come to; nothing is written.

    Args:
        deps, held, audit: keys, what is stored of the customer, and their own key.
        changes, request: as for `save`.
        now: this moment.
    """
    customer, first = held.load.customer, held.standing.epoch
    row = replace(held.standing, epoch=first + len(changes))
    ids = uuid7s(unix_ms(now), len(changes))
    saved = tuple(
        Saved(id_, change.consent, epoch)
        for epoch, (id_, change) in enumerate(zip(ids, changes, strict=True), first + 1)
    )
    principal = pairwise_id(deps.keys.service("pairwise"), SECTOR, customer)
    records = [
        _record(deps, held, change, one, principal)
        for change, one in zip(changes, saved, strict=True)
    ]
    return Made(
        standing=standing.sign(deps, row),
        saved=saved,
        rows=[_row(deps, customer, one, epoch=row.epoch, now=now) for one in saved],
        records=[
            _kept(held, audit, one.consent_id, record, now)
            for one, record in zip(saved, records, strict=True)
        ],
        drafts=[
            _draft(held, change, one, record, audit.secret, request)
            for change, one, record in zip(changes, saved, records, strict=True)
        ],
    )


def _row(
    deps: Deps, customer: CustomerId, saved: Saved, *, epoch: int, now: datetime
) -> ConsentRow:
    one = saved.consent
    content = consent_row(
        deps.deployment,
        customer,
        consent_id=saved.consent_id,
        purpose=one.purpose,
        app=None,
        state=one.state.value,
        epoch=epoch,
        from_ms=one.from_ms,
        until_ms=one.until_ms,
        code=one.code,
        fields=one.fields,
        shown=one.shown,
    )
    return ConsentRow(
        customer=customer,
        consent_id=saved.consent_id,
        purpose=one.purpose,
        app=None,
        state=one.state.value,
        epoch=epoch,
        from_ms=one.from_ms,
        until_ms=one.until_ms,
        fields=_dumped(one.fields),
        code_digest=one.code,
        shown=one.shown,
        current=True,
        decided_at=now,
        mac=row_mac(deps.keys.service("row-mac"), CONSENT, content),
    )


def sign(deps: Deps, row: ConsentRow) -> ConsentRow:
    """Return an event's row with the MAC of what it says.

    Raises:
        FormatError: what it says has no place in the format.
    """
    content = consent_row(
        deps.deployment,
        row.customer,
        consent_id=row.consent_id,
        purpose=row.purpose,
        app=row.app,
        state=row.state,
        epoch=row.epoch,
        from_ms=row.from_ms,
        until_ms=row.until_ms,
        code=row.code_digest,
        fields=_names(row.fields),
        shown=row.shown,
    )
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), CONSENT, content))


def _record(deps: Deps, held: Held, change: Change, saved: Saved, principal: str) -> bytes:
    decision = Decision(
        record_id=saved.consent_id,
        consent=saved.consent,
        epoch=saved.epoch,
        principal=principal,
        language=change.language,
        notice=change.notice,
        method=change.method,
        by=PUBLISHER if change.actor == PUBLISHER else CUSTOMER,
        at_ms=change.at_ms,
    )
    return consent_record.write(
        change.rulebook, decision, issuer=deps.issuer, in_force=held.load.rulebook
    )


def _kept(
    held: Held, audit: AuditKey, consent_id: UUID, record: bytes, now: datetime
) -> ReceiptRow:
    """Return the record's own row: its id is the event's, a signed receipt has another."""
    return ReceiptRow(
        customer=held.load.customer,
        receipt_id=consent_id,
        consent_id=consent_id,
        generation=held.audit.generation,
        sealed=audit.seal_receipt(consent_id, record),
        made_at=now,
    )


def _draft(
    held: Held,
    change: Change,
    saved: Saved,
    record: bytes,
    audit_key: bytes,
    request: str | None,
) -> Draft:
    one = saved.consent
    return Draft(
        customer=held.load.customer,
        audit_key=audit_key,
        kind=_KINDS[one.state],
        epoch=saved.epoch,
        actor=change.actor,
        code=held.load.rulebook.digest,
        purpose=one.purpose,
        request=request,
        consent=ConsentChange(
            state=one.state.value,
            purpose=one.purpose,
            fields=_sorted(one.fields),
            from_ms=one.from_ms,
            until_ms=one.until_ms,
            shown=one.shown or None,
            digest=consent_record.digest(record),
        ),
    )
