"""Issue, list and open the signed receipts of consent decisions, and publish the keys.

1. the record of a decision is sealed and kept in the decision's own transaction, and the log's
   entry holds its digest; so a record without its entry, or an entry without its record, is none;
2. the receipt says where that entry stands, which is known once it is committed: so it is signed
   behind the commit and then kept. A process that ends in between loses only that: `open_` finds
   the place in the log again and signs then;
3. a look at receipts writes nothing.

Receipts are sealed under the customer's audit key and die with it; the customer's own copy still
matches the log.
Source: consent-standards note, 2 and 2.2; access-log note, 2.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from policies.model import ConsentState
from vault.core import canonical, consent_record, receipt
from vault.core.entry import HEADER_BYTES, Header
from vault.core.errors import (
    BusyError,
    CanonicalError,
    NotAvailableError,
    OpenError,
    VaultError,
)
from vault.core.ids import CustomerId
from vault.core.receipt import LogPlace
from vault.core.recorded import EntryId
from vault.crypto import base64url, jws
from vault.crypto import entry as cipher
from vault.crypto.jwk import PublicJwk
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.random import uuid7
from vault.crypto.receipt import open_receipt, seal_receipt
from vault.crypto.signing import SigningKey
from vault.services.deps import Deps
from vault.services.load import wrapped
from vault.services.situation import fact, unix_ms
from vault.store import commit, consent, leaf, notice, service_key
from vault.store import customer as customer_store
from vault.store import receipt as store
from vault.store.engine import Conn
from vault.store.leaf import Listed
from vault.store.receipt import ReceiptRow

USE = "receipts"  # the service key
_PAGE = 500  # entries of a customer that are read at once

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Line:
    """One decision in the list of receipts."""

    receipt_id: UUID  # what `open_` takes
    purpose: str
    state: ConsentState
    fields: frozenset[str]
    at: datetime  # when it was recorded
    until_ms: int  # unix ms, exclusive
    notice: str  # SHA-256 in hex of what was shown; "" for nothing
    published: bool  # whether that is a notice of ours, which stands at its hash
    code: str  # SHA-256 in hex of the code of ethics


async def issue(
    deps: Deps, customer: CustomerId, consent_id: UUID, *, entry: EntryId
) -> UUID | None:
    """Sign and keep the receipt of a decision that has just been committed.

    The decision stands whatever happens here, so nothing is raised.

    Args:
        deps: keys and database.
        customer: whose decision it is.
        consent_id: of the event.
        entry: of the decision in the log, from its `Recorded`.

    Returns:
        The receipt's id; None when it was not kept: `open_` signs it when it is asked for.
    """
    place = LogPlace(deps.origin_of(entry.log_id), UUID(bytes=entry.writer), entry.seq)
    try:
        async with deps.database.connect() as conn:
            audit, record = await _record(deps, conn, customer, consent_id)
        receipt_id, signed = _sign(deps, record, place)
        row = ReceiptRow(
            customer=customer,
            receipt_id=receipt_id,
            consent_id=consent_id,
            generation=audit.generation,
            sealed=seal_receipt(deps.keys.keks, audit, receipt_id, signed),
            made_at=deps.clock.now(),
        )
        await commit.request(deps.database, lambda conn: store.add(conn, row))
    except VaultError as error:
        logger.warning("receipt-not-kept", error=error.code)
        return None
    return receipt_id


async def newest(conn: Conn, customer: CustomerId, consent_id: UUID) -> UUID:
    """Return the id of the newest receipt of a decision, or the decision's own."""
    rows = await store.load_all(conn, customer, limit=_PAGE)
    signed = [row.receipt_id for row in rows if row.consent_id == consent_id and _is_signed(row)]
    return signed[0] if signed else consent_id


async def list_(deps: Deps, customer: CustomerId, *, limit: int = 200) -> tuple[Line, ...]:
    """Return the customer's decisions, the newest first, each with its receipt's id."""
    async with deps.database.connect() as conn:
        events = await consent.history(conn, customer, limit=limit)
        kept = await store.load_all(conn, customer, limit=2 * len(events) + 1)
        published = await notice.known(conn, {one.shown for one in events if one.shown})
    signed = {row.consent_id: row.receipt_id for row in reversed(kept) if _is_signed(row)}
    lines = []
    for event in events:
        # The MAC of an event that is history covers the last epoch at which it was current.
        said = fact(deps, customer, event, epoch=event.epoch)
        lines.append(
            Line(
                receipt_id=signed.get(event.consent_id, event.consent_id),
                purpose=event.purpose,
                state=said.state,
                fields=said.fields,
                at=event.decided_at,
                until_ms=said.until,
                notice=event.shown,
                published=event.shown in published,
                code=event.code_digest,
            )
        )
    return tuple(lines)


async def open_(deps: Deps, customer: CustomerId, receipt_id: UUID) -> bytes:
    """Return a receipt: canonical JSON with its signature.

    Args:
        deps: keys and database.
        customer: who asks; nobody else's is found.
        receipt_id: of a receipt, or of a decision whose receipt was not kept.

    Raises:
        NotAvailableError: this customer has no such receipt, or has been erased.
        BusyError: the decision's entry is not in the log yet.
        OpenError: what is stored does not open.
    """
    async with deps.database.connect() as conn:
        row = await store.load(conn, customer, receipt_id)
        if row is None:
            raise NotAvailableError
        audit = await _audit_key(conn, customer, row.generation)
        body = open_receipt(deps.keys.keks, audit, receipt_id, row.sealed)
        if _is_signed(row):
            return body
        audit_key = unwrap(deps.keys.keks, audit)
        place = await _find(deps, conn, customer, audit_key, consent_record.digest(body))
    return _sign(deps, body, place)[1]


async def keys(deps: Deps) -> bytes:
    """Return every key that ever signed receipts, as a JWK set with validity, in JSON."""
    async with deps.database.connect() as conn:
        rows = await service_key.load_all(conn)
    found = []
    for row in rows:
        if row.use == USE and row.public is not None:
            document = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(row.public)}
            found.append(
                {
                    **PublicJwk.parse(document).export(),
                    "valid_from": iso(row.made_at),
                    "valid_until": iso(row.retired_at) if row.retired_at else None,
                }
            )
    return canonical.dumps({"keys": found})


def _sign(deps: Deps, record: bytes, place: LogPlace) -> tuple[UUID, bytes]:
    now = unix_ms(deps.clock.now())
    receipt_id = uuid7(now)
    payload = receipt.payload(
        record, issuer=deps.issuer, receipt_id=receipt_id, created_ms=now, place=place
    )
    key = SigningKey(deps.keys.service(USE).secret)
    header = {"kid": key.jwk.jkt, "typ": receipt.TYP}
    return receipt_id, receipt.with_signature(
        payload, jws.sign_detached(key, payload, header=header)
    )


async def _record(
    deps: Deps, conn: Conn, customer: CustomerId, consent_id: UUID
) -> tuple[WrappedKey, bytes]:
    row = await store.load(conn, customer, consent_id)
    if row is None:
        raise NotAvailableError
    audit = await _audit_key(conn, customer, row.generation)
    return audit, open_receipt(deps.keys.keks, audit, consent_id, row.sealed)


async def _audit_key(conn: Conn, customer: CustomerId, generation: int) -> WrappedKey:
    for row in await customer_store.load_keys(conn, customer):
        if row.kind == Kind.AUDIT and row.generation == generation:
            return wrapped(row)
    raise NotAvailableError


async def _find(
    deps: Deps, conn: Conn, customer: CustomerId, audit_key: bytes, digest: str
) -> LogPlace:
    """Return the place of the entry that holds the digest of a record, looking back from now.

    Raises:
        BusyError: none does so far: on PostgreSQL entries reach the list within seconds.
    """
    before: int | None = None
    while True:
        listed = await leaf.entries_of(conn, customer, before=before, limit=_PAGE)
        for one in listed:
            if _digest(audit_key, one, deps.origin_at(one.place)) == digest:
                header = Header.parse(one.entry)
                return LogPlace(deps.origin_at(one.place), UUID(bytes=header.writer), header.seq)
        if len(listed) < _PAGE:
            raise BusyError
        before = listed[-1].place


def _digest(audit_key: bytes, listed: Listed, origin: str) -> str | None:
    """Return the digest of the record that an entry is about; None for other entries."""
    header, sealed = listed.entry[:HEADER_BYTES], listed.entry[HEADER_BYTES:]
    try:
        said = canonical.loads(cipher.open_payload(audit_key, header, origin, sealed))
    except (OpenError, CanonicalError):
        return None  # damaged; "who looked" says so
    consent_: dict[str, str] | None = said.get("consent")
    return None if consent_ is None else consent_["digest"]


def _is_signed(row: ReceiptRow) -> bool:
    return row.receipt_id != row.consent_id


def iso(moment: datetime) -> str:
    """Return a time as receipts and their keys write it."""
    return consent_record.iso_time(unix_ms(moment))
