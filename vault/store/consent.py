"""Keep every consent event of a customer; at most one is current for each purpose.

Rows are never taken back: a new event takes `current` from the one before. A row grants nothing
by standing here. Its MAC and its epoch must agree with the standing row, which this module neither
makes nor checks; `fields` is handed on as the text that the MAC covers.
Source: crypto note, 8; consent-standards note, 4; GDPR 7(1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    select,
    text,
    update,
)

from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.store import bulk
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, metadata
from vault.store.types import Digest, Id, Json, Name, UtcTime

# A text, for a database uses an index of some rows alone only where a query says the same words.
ALLOWS = "current AND state IN ('given', 'renewed')"

consent = Table(
    "consent",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("consent_id", Id, "id", primary_key=True),
    column("purpose", Name, "policy"),
    column("app", Name, "policy", nullable=True),  # NULL: every app of the purpose
    column("state", String(16), "state"),
    column("epoch", BigInteger, "count"),
    column("from_ms", BigInteger, "time"),  # unix ms
    column("until_ms", BigInteger, "time"),  # unix ms, exclusive; 2^63 - 1 for no end
    column("fields", Json, "policy"),
    column("code_digest", Digest, "public"),
    column("shown", Digest, "public"),  # SHA-256 of the notice bytes that were shown
    column("current", Boolean, "state"),
    column("decided_at", UtcTime, "time"),
    column("mac", LargeBinary, "mac"),
    Index(
        "uq_consent_current",
        "customer_id",
        "purpose",
        unique=True,
        postgresql_where=text("current"),
        sqlite_where=text("current"),
    ),
    Index(
        "ix_consent_ending",
        "until_ms",
        postgresql_where=text("current"),
        sqlite_where=text("current"),
    ),
    Index(
        "ix_consent_audience",
        "purpose",
        "customer_id",
        postgresql_where=text(ALLOWS),
        sqlite_where=text(ALLOWS),
    ),
    info={"shard": CUSTOMER},
)


# Not frozen: a look makes three of them, and a frozen one takes three times as long to make.
@dataclass(slots=True, unsafe_hash=True)
class ConsentRow:
    """One consent event."""

    customer: CustomerId
    consent_id: UUID
    purpose: str
    app: str | None
    state: str
    epoch: int
    from_ms: int
    until_ms: int
    fields: str  # canonical JSON of the sorted list, as MACed
    code_digest: str  # hex
    shown: str  # hex
    current: bool
    decided_at: datetime
    mac: bytes


async def load_current(conn: Conn, customer: CustomerId) -> list[ConsentRow]:
    """Return the current event of each purpose, by purpose."""
    statement = (
        select(consent)
        .where(consent.c.customer_id == customer, consent.c.current)
        .order_by(consent.c.purpose)
    )
    return [ConsentRow(*row) for row in await conn.execute(statement)]


async def history(conn: Conn, customer: CustomerId, *, limit: int = 200) -> list[ConsentRow]:
    """Return a customer's consent events, the newest first."""
    statement = (
        select(consent)
        .where(consent.c.customer_id == customer)
        .order_by(consent.c.epoch.desc(), consent.c.consent_id.desc())
        .limit(limit)
    )
    return [ConsentRow(*row) for row in await conn.execute(statement)]


async def change(conn: Conn, row: ConsentRow) -> None:
    """Insert an event as the current one of its purpose; the one before stays as history.

    Precondition: the customer's standing row is locked.
    """
    before = (
        update(consent)
        .where(
            consent.c.customer_id == row.customer,
            consent.c.purpose == row.purpose,
            consent.c.current,
        )
        .values(current=False)
    )
    await conn.execute(before)
    await add(conn, [row])


async def add(conn: Conn, rows: Sequence[ConsentRow]) -> None:
    """Insert events as they are, many at once for an import.

    Raises at the commit's edge:
        ConflictError: a purpose has a current event already.
    """
    await bulk.add(conn, consent, rows)


async def reseal(conn: Conn, rows: Sequence[ConsentRow]) -> None:
    """Write epoch and MAC of current events again, as every change of the customer must.

    Precondition: the customer's standing row is locked.

    Raises:
        ConflictError: one of them is not current any more.
    """
    for row in rows:
        statement = (
            update(consent)
            .where(
                consent.c.customer_id == row.customer,
                consent.c.consent_id == row.consent_id,
                consent.c.current,
            )
            .values(epoch=row.epoch, mac=row.mac)
        )
        if (await conn.execute(statement)).rowcount != 1:
            raise ConflictError
