"""Change a customer's consents: lock, check, raise the epoch, write rows, record and entry.

1. the standing row is locked, so that a customer's changes stand in one order;
2. standing row and current consents are checked: a broken row is never given a good MAC again;
3. each change raises the epoch by one; the epoch and MAC of every other current row follow;
4. the new row, the sealed consent record and the entry go in with the one commit.

What is decided comes from `vault/core/consent.py`; who may decide is the caller's.
Source: crypto note, 8; access-log note, 2 and 3; consent-standards note, 2.2 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from policies.model import ConsentState, Rulebook
from vault.core import consent, consent_record, terms
from vault.core.consent import Consent
from vault.core.consent_record import CUSTOMER, PUBLISHER, Decision, NoticeShown
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.pairwise import pairwise_id
from vault.crypto.random import uuid7
from vault.crypto.receipt import seal_receipt
from vault.crypto.row_mac import CONSENT, consent_row, row_mac
from vault.services import standing
from vault.services.deps import Deps
from vault.services.draft import ConsentChange, Draft
from vault.services.load import Load, load_locked
from vault.services.situation import consent_now, fact, is_intact, unix_ms
from vault.services.unit import Unit
from vault.store import consent as store
from vault.store import customer as customer_store
from vault.store import receipt as receipt_store
from vault.store.consent import ConsentRow
from vault.store.customer import StandingRow
from vault.store.receipt import ReceiptRow

SECTOR = "receipts"  # receipts name the customer by an id that no app sees

logger = structlog.get_logger()

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


async def hold(it: Unit, customer: CustomerId) -> Held:
    """Lock a customer and check what is stored.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row or the audit key is missing or broken; nothing may change.
    """
    return of_load(it.deps, await load_locked(it.conn, it.deps.codes, customer, at=it.now))


def of_load(deps: Deps, load: Load) -> Held:
    """Check a load that the unit holds under lock, or has just made.

    Raises:
        NotAvailableError, OpenError: as `hold` does.
    """
    if load.found is None:
        raise NotAvailableError
    row, audit = load.found.standing, load.key(Kind.AUDIT)
    if row is None or audit is None or not is_intact(deps, load.customer, row):
        logger.error("standing-row-broken", missing=row is None)
        raise OpenError
    rows = {one.purpose: one for one in load.found.consents}
    return Held(
        load=load,
        standing=row,
        audit=audit,
        rows=rows,
        consents={
            purpose: consent_now(deps, load, one, epoch=row.epoch) for purpose, one in rows.items()
        },
    )


async def save(
    it: Unit, held: Held, changes: Sequence[Change], *, request: str | None
) -> tuple[Saved, ...]:
    """Write changes of different purposes; one epoch, one record and one entry each.

    Args:
        it: the unit; its commit makes the changes stand.
        held: from `hold` in the same unit.
        changes: at least one.
        request: our id of the request, for the entries.
    """
    return (await save_many(it, [(held, changes)], request=request))[0]


async def save_many(
    it: Unit, many: Sequence[tuple[Held, Sequence[Change]]], *, request: str | None
) -> list[tuple[Saved, ...]]:
    """Write changes of many customers, the new rows of a table in one statement."""
    saved = [await _advance(it, held, changes) for held, changes in many]
    records: list[ReceiptRow] = []
    fresh: list[ConsentRow] = []
    for (held, changes), made in zip(many, saved, strict=True):
        rows = [_row(it, held, one, epoch=made[-1].epoch) for one in made]
        await reseal(it, held, {new.purpose for new in rows}, epoch=made[-1].epoch)
        for new in rows:
            if new.purpose in held.rows:
                await store.change(it.conn, new)
        fresh += [new for new in rows if new.purpose not in held.rows]
        audit_key = unwrap(it.deps.keys.keks, held.audit)
        for change, one in zip(changes, made, strict=True):
            record = _record(it.deps, held, change, one)
            records.append(_kept(it, held, one.consent_id, record))
            it.log(_draft(held, change, one, record, audit_key, request))
    await store.add(it.conn, fresh)
    await receipt_store.add_many(it.conn, records)
    return saved


async def _advance(it: Unit, held: Held, changes: Sequence[Change]) -> tuple[Saved, ...]:
    """Raise the epoch once for each change."""
    saved = []
    row = held.standing
    for change in changes:
        row = standing.sign(it.deps, replace(row, epoch=consent.next_epoch(row.epoch)))
        await customer_store.save_standing(it.conn, row)
        saved.append(Saved(uuid7(unix_ms(it.now)), change.consent, row.epoch))
    return tuple(saved)


async def reseal(it: Unit, held: Held, changed: set[str], *, epoch: int) -> None:
    """Let every other good row follow the epoch; a broken one stays behind and stays broken."""
    rows = [
        _sign(it.deps, replace(row, epoch=epoch))
        for purpose, row in held.rows.items()
        if purpose not in changed
        and fact(it.deps, held.load.customer, row, epoch=held.standing.epoch).intact
    ]
    await store.reseal(it.conn, rows)


def _row(it: Unit, held: Held, saved: Saved, *, epoch: int) -> ConsentRow:
    one = saved.consent
    row = ConsentRow(
        customer=held.load.customer,
        consent_id=saved.consent_id,
        purpose=one.purpose,
        app=None,
        state=one.state.value,
        epoch=epoch,
        from_ms=one.from_ms,
        until_ms=one.until_ms,
        fields=terms.dump_names(one.fields),
        code_digest=one.code,
        shown=one.shown,
        current=True,
        decided_at=it.now,
        mac=b"",
    )
    return _sign(it.deps, row)


def _sign(deps: Deps, row: ConsentRow) -> ConsentRow:
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
        fields=terms.load_names(row.fields),
        shown=row.shown,
    )
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), CONSENT, content))


def _record(deps: Deps, held: Held, change: Change, saved: Saved) -> bytes:
    decision = Decision(
        record_id=saved.consent_id,
        consent=saved.consent,
        epoch=saved.epoch,
        principal=pairwise_id(deps.keys.service("pairwise"), SECTOR, held.load.customer),
        language=change.language,
        notice=change.notice,
        method=change.method,
        by=PUBLISHER if change.actor == PUBLISHER else CUSTOMER,
        at_ms=change.at_ms,
    )
    return consent_record.write(
        change.rulebook, decision, issuer=deps.issuer, in_force=held.load.rulebook
    )


def _kept(it: Unit, held: Held, consent_id: UUID, record: bytes) -> ReceiptRow:
    """Return the record's own row: its id is the event's, a signed receipt has another."""
    return ReceiptRow(
        customer=held.load.customer,
        receipt_id=consent_id,
        consent_id=consent_id,
        generation=held.audit.generation,
        sealed=seal_receipt(it.deps.keys.keks, held.audit, consent_id, record),
        made_at=it.now,
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
            fields=tuple(sorted(one.fields)),
            from_ms=one.from_ms,
            until_ms=one.until_ms,
            shown=one.shown or None,
            digest=consent_record.digest(record),
        ),
    )
