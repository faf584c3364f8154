"""Keep what has to follow a contact: whose it is, by when, and how it stands.

One follow-up for each contact. Kind, owner and times stand in clear, for they are words of the code
of ethics; what was said lies in the contacts themselves, sealed. A row is believed only with its
MAC. By its number one is found in `vault/store/follow_up_queue.py`. It goes with its contact.
Source: docs/scale.md, schema rules 1 to 3; docs/formats.md, 10.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.follow_up_queue import follow_up_queue
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

follow_up = Table(
    "follow_up",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("follow_up_id", Id, "id", primary_key=True),
    column("number", String(16), "id"),
    column("event", Id, "id"),  # the contact that it follows
    column("kind", Name, "policy"),  # of the contact
    column("within", String(32), "policy"),  # ISO 8601 duration
    column("owner", String(16), "policy"),  # a role of staff
    column("state", String(16), "state"),
    column("outcome", String(32), "state"),  # what was offered; "" for nothing
    column("refusals", Integer, "count"),  # how often the customer refused an offer
    column("begun_at", UtcTime, "time"),  # when the contact was
    column("due_at", UtcTime, "time"),
    column("since", UtcTime, "time"),  # when it stands as it does
    column("version", BigInteger, "count"),
    column("mac", LargeBinary, "mac"),
    Index("uq_follow_up_event", "customer_id", "event", unique=True),
    info={"shard": CUSTOMER},
)
_CHANGES = ("owner", "state", "outcome", "refusals", "due_at", "since", "version", "mac")


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One follow-up."""

    customer: CustomerId
    follow_up_id: UUID
    number: str
    event: UUID
    kind: str
    within: str
    owner: str
    state: str
    outcome: str
    refusals: int
    begun_at: datetime
    due_at: datetime
    since: datetime
    version: int
    mac: bytes


async def add(conn: Conn, row: FollowUpRow) -> None:
    """Insert a follow-up.

    Raises at the commit's edge:
        ConflictError: something follows this contact already.
    """
    await conn.execute(insert(follow_up).values(columns_of(follow_up, row)))


async def change(conn: Conn, row: FollowUpRow) -> None:
    """Write how a follow-up stands now.

    Precondition: the customer is held under lock.
    """
    values = columns_of(follow_up, row)
    statement = (
        update(follow_up)
        .where(
            follow_up.c.customer_id == row.customer, follow_up.c.follow_up_id == row.follow_up_id
        )
        .values({name: values[name] for name in _CHANGES})
    )
    await conn.execute(statement)


async def load(conn: Conn, customer: CustomerId, follow_up_id: UUID) -> FollowUpRow | None:
    """Return a follow-up; None when this customer has no such one."""
    statement = select(follow_up).where(
        follow_up.c.customer_id == customer, follow_up.c.follow_up_id == follow_up_id
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else FollowUpRow(*row)


async def load_of_event(conn: Conn, customer: CustomerId, event: UUID) -> FollowUpRow | None:
    """Return what follows a contact of a customer; None for nothing."""
    statement = select(follow_up).where(
        follow_up.c.customer_id == customer, follow_up.c.event == event
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else FollowUpRow(*row)


async def load_of_events(
    conn: Conn, customer: CustomerId, events: Collection[UUID]
) -> list[FollowUpRow]:
    """Return what follows some contacts of a customer, in no particular order."""
    if not events:
        return []
    statement = select(follow_up).where(
        follow_up.c.customer_id == customer, follow_up.c.event.in_(sorted(events))
    )
    return [FollowUpRow(*row) for row in await conn.execute(statement)]


async def load_all(conn: Conn, customer: CustomerId, *, limit: int) -> list[FollowUpRow]:
    """Return a customer's follow-ups, the newest contact first."""
    statement = (
        select(follow_up)
        .where(follow_up.c.customer_id == customer)
        .order_by(follow_up.c.begun_at.desc(), follow_up.c.follow_up_id.desc())
        .limit(limit)
    )
    return [FollowUpRow(*row) for row in await conn.execute(statement)]


async def load_unsettled(
    conn: Conn, customer: CustomerId, settled: str, *, kinds: Collection[str], limit: int
) -> list[FollowUpRow]:
    """Return a customer's follow-ups that do not stand in a state, by the day they are due.

    Args:
        conn: any connection.
        customer: whose.
        settled: the state that ends one.
        kinds: of contacts; what follows another kind is left out.
        limit: rows at most.
    """
    statement = (
        select(follow_up)
        .where(
            follow_up.c.customer_id == customer,
            follow_up.c.state != settled,
            follow_up.c.kind.in_(sorted(kinds)),
        )
        .order_by(follow_up.c.due_at, follow_up.c.follow_up_id)
        .limit(limit)
    )
    return [FollowUpRow(*row) for row in await conn.execute(statement)]


async def remove_of(conn: Conn, customer: CustomerId, events: Collection[UUID]) -> None:
    """Delete what follows some contacts, which are deleted too, and the way to it."""
    if not events:
        return
    mine = (follow_up.c.customer_id == customer, follow_up.c.event.in_(sorted(events)))
    numbers = list((await conn.execute(select(follow_up.c.number).where(*mine))).scalars())
    if numbers:
        await conn.execute(delete(follow_up_queue).where(follow_up_queue.c.number.in_(numbers)))
        await conn.execute(delete(follow_up).where(*mine))
