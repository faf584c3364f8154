"""Keep customers' requests and what is said about them; the words are sealed.

A question about a look stands once for each line of the log. The row of a request is believed only
with its MAC. By its number a request is found in `vault/store/request_queue.py`.
Source: docs/scale.md, schema rules 1 to 3; docs/formats.md, 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
    update,
)

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, UtcTime

request = Table(
    "request",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("request_id", Id, "id", primary_key=True),
    column("number", String(16), "id"),
    column("kind", String(16), "state"),
    column("state", String(16), "state"),
    column("made_at", UtcTime, "time"),
    column("about", BigInteger, "public", nullable=True),  # index of a line of the log
    column("longer", String(64), "state"),  # why the time was made longer; "" when it was not
    column("ground", String(64), "state"),  # why it was refused; "" when it was not
    column("messages", Integer, "count"),
    column("version", BigInteger, "count"),
    column("mac", LargeBinary, "mac"),
    Index("uq_request_about", "customer_id", "about", unique=True),
    info={"shard": CUSTOMER},
)

request_message = Table(
    "request_message",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("request_id", Id, "id", primary_key=True),
    column("message_id", Id, "id", primary_key=True),
    column("made_at", UtcTime, "time"),
    column("generation", Integer, "count"),  # of the profile key
    column("sealed", LargeBinary, "sealed"),
    ForeignKeyConstraint(
        ["customer_id", "request_id"], [request.c.customer_id, request.c.request_id]
    ),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request."""

    customer: CustomerId
    request_id: UUID
    number: str
    kind: str
    state: str
    made_at: datetime
    about: int | None
    longer: str
    ground: str
    messages: int
    version: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One sealed message."""

    customer: CustomerId
    request_id: UUID
    message_id: UUID
    made_at: datetime
    generation: int
    sealed: bytes


async def add(conn: Conn, row: RequestRow) -> None:
    """Insert a request.

    Raises at the commit's edge:
        ConflictError: this request is there, or another one about the same line.
    """
    await conn.execute(insert(request).values(columns_of(request, row)))


async def change(conn: Conn, row: RequestRow) -> None:
    """Write how a request stands now.

    Precondition: the customer is held under lock.
    """
    statement = (
        update(request)
        .where(request.c.customer_id == row.customer, request.c.request_id == row.request_id)
        .values(
            state=row.state,
            longer=row.longer,
            ground=row.ground,
            messages=row.messages,
            version=row.version,
            mac=row.mac,
        )
    )
    await conn.execute(statement)


async def load(conn: Conn, customer: CustomerId, request_id: UUID) -> RequestRow | None:
    """Return a request; None when this customer has no such request."""
    statement = select(request).where(
        request.c.customer_id == customer, request.c.request_id == request_id
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else RequestRow(*row)


async def load_about(
    conn: Conn, customer: CustomerId, indexes: Sequence[int]
) -> dict[int, RequestRow]:
    """Return a customer's questions about these lines of the log, by line."""
    if not indexes:
        return {}
    statement = select(request).where(
        request.c.customer_id == customer, request.c.about.in_(indexes)
    )
    rows = [RequestRow(*row) for row in await conn.execute(statement)]
    return {row.about: row for row in rows if row.about is not None}


async def load_all(conn: Conn, customer: CustomerId, *, limit: int) -> list[RequestRow]:
    """Return a customer's requests, the newest first."""
    statement = (
        select(request)
        .where(request.c.customer_id == customer)
        .order_by(request.c.made_at.desc(), request.c.request_id.desc())
        .limit(limit)
    )
    return [RequestRow(*row) for row in await conn.execute(statement)]


async def count_since(conn: Conn, customer: CustomerId, since: datetime) -> int:
    """Return how many requests a customer made after a moment."""
    statement = (
        select(func.count())
        .select_from(request)
        .where(request.c.customer_id == customer, request.c.made_at > since)
    )
    return int((await conn.execute(statement)).scalar_one())


async def say(conn: Conn, row: MessageRow) -> None:
    """Insert a message."""
    await conn.execute(insert(request_message).values(columns_of(request_message, row)))


async def load_messages(conn: Conn, customer: CustomerId, request_id: UUID) -> list[MessageRow]:
    """Return what was said, the oldest first."""
    statement = (
        select(request_message)
        .where(
            request_message.c.customer_id == customer, request_message.c.request_id == request_id
        )
        .order_by(request_message.c.made_at, request_message.c.message_id)
    )
    return [MessageRow(*row) for row in await conn.execute(statement)]
