"""Keep the signed receipts of consent events, sealed under the customer's audit key.

After erasure they are dead bytes; the customer's own copy still matches the access log.
Source: consent-standards note, 2.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    select,
)

from vault.core.ids import CustomerId
from vault.store import bulk
from vault.store.consent import consent
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Id, UtcTime

receipt = Table(
    "receipt",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("receipt_id", Id, "id", primary_key=True),
    column("consent_id", Id, "id"),
    column("generation", Integer, "count"),  # of the audit key
    column("sealed", LargeBinary, "sealed"),
    column("made_at", UtcTime, "time"),
    ForeignKeyConstraint(
        ["customer_id", "consent_id"], [consent.c.customer_id, consent.c.consent_id]
    ),
    Index(None, "customer_id", "consent_id"),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One sealed receipt."""

    customer: CustomerId
    receipt_id: UUID
    consent_id: UUID
    generation: int
    sealed: bytes
    made_at: datetime


async def add(conn: Conn, row: ReceiptRow) -> None:
    """Insert a receipt."""
    await add_many(conn, [row])


async def add_many(conn: Conn, rows: Sequence[ReceiptRow]) -> None:
    """Insert receipts, those of many customers at once for an import."""
    await bulk.add(conn, receipt, rows)


async def load(conn: Conn, customer: CustomerId, receipt_id: UUID) -> ReceiptRow | None:
    """Return a receipt; None when this customer has no such receipt."""
    statement = select(receipt).where(
        receipt.c.customer_id == customer, receipt.c.receipt_id == receipt_id
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ReceiptRow(*row)


async def load_all(conn: Conn, customer: CustomerId, *, limit: int = 200) -> list[ReceiptRow]:
    """Return a customer's receipts, the newest first."""
    statement = (
        select(receipt)
        .where(receipt.c.customer_id == customer)
        .order_by(receipt.c.made_at.desc(), receipt.c.receipt_id.desc())
        .limit(limit)
    )
    return [ReceiptRow(*row) for row in await conn.execute(statement)]
