"""Keep contact events of a customer: a tree, listed by pages from the newest back.

Kind, purpose, source and time stand in clear, for they decide who may read; what was said, the
channel too, is sealed. A parent is an event of the same customer, or the database refuses.
Source: DESIGN 2; crypto note, 3 and 4.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)

from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.store import attachment, bulk, follow_up
from vault.store.customer import standing
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

interaction = Table(
    "interaction",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("interaction_id", Id, "id", primary_key=True),  # the value id of its seal, too
    column("kind", Name, "policy"),
    column("purpose", Name, "policy", nullable=True),
    column("app", Name, "policy", nullable=True),  # who appended it; NULL: not an app
    column("parent", Id, "id", nullable=True),
    column("at", UtcTime, "time"),  # when it happened
    column("written_at", UtcTime, "time"),
    column("source", String(16), "policy"),
    column("schema", Integer, "count"),
    column("row_version", BigInteger, "count"),
    column("generation", Integer, "count"),  # of the profile key
    column("sealed", LargeBinary, "sealed"),
    # Under the customer's own key: an import sees that an event is the stored one, unopened.
    column("fingerprint", LargeBinary, "index", nullable=True),
    ForeignKeyConstraint(
        ["customer_id", "parent"],
        ["interaction.customer_id", "interaction.interaction_id"],
    ),
    Index(None, "customer_id", "at", "interaction_id"),
    Index(None, "kind", "at"),  # whose time is over
    info={"shard": CUSTOMER},
)
_KEY: Final = ("customer_id", "interaction_id")
_CHUNK: Final = 500  # events in one statement


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """One contact event."""

    customer: CustomerId
    interaction_id: UUID
    kind: str
    purpose: str | None
    app: str | None
    parent: UUID | None
    at: datetime
    written_at: datetime
    source: str
    schema: int
    row_version: int
    generation: int
    sealed: bytes
    fingerprint: bytes | None = None


class Place(NamedTuple):
    """Where a page ended; the next one begins just before."""

    at: datetime
    interaction_id: UUID


async def append(conn: Conn, rows: Sequence[InteractionRow]) -> None:
    """Insert events; parents before their children."""
    if rows:
        await bulk.add(conn, interaction, rows)


async def replace(conn: Conn, rows: Sequence[InteractionRow]) -> None:
    """Replace events by their next version.

    Precondition: the standing rows of their customers are locked.

    Raises:
        ConflictError: a stored event is not the version before.
    """
    for row in rows:
        values = columns_of(interaction, row)
        statement = (
            update(interaction)
            .where(
                interaction.c.customer_id == row.customer,
                interaction.c.interaction_id == row.interaction_id,
                interaction.c.row_version == row.row_version - 1,
            )
            .values({name: values[name] for name in values if name not in _KEY})
        )
        if (await conn.execute(statement)).rowcount != 1:
            raise ConflictError


async def load_of_many(
    conn: Conn, keys: Sequence[tuple[CustomerId, UUID]]
) -> dict[UUID, InteractionRow]:
    """Return events of several customers by their own id; one that is another's is left out."""
    found: dict[UUID, InteractionRow] = {}
    wanted = set(keys)
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        statement = select(interaction).where(
            interaction.c.customer_id.in_(sorted({customer for customer, _ in some})),
            interaction.c.interaction_id.in_(sorted(event for _, event in some)),
        )
        for row in await conn.execute(statement):
            if (row.customer_id, row.interaction_id) in wanted:
                found[row.interaction_id] = InteractionRow(*row)
    return found


async def load(conn: Conn, customer: CustomerId, interaction_id: UUID) -> InteractionRow | None:
    """Return one event; None when this customer has no such event."""
    statement = select(interaction).where(
        interaction.c.customer_id == customer, interaction.c.interaction_id == interaction_id
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else InteractionRow(*row)


async def load_page(
    conn: Conn,
    customer: CustomerId,
    *,
    kinds: Sequence[str] | None = None,
    before: Place | None = None,
    limit: int = 50,
    start: datetime | None = None,
    end: datetime | None = None,
    roots: bool = False,
    tops: bool = False,
) -> list[InteractionRow]:
    """Return a page of events, the newest first; an empty one is the end.

    Args:
        conn: any connection.
        customer: whose events.
        kinds: only these; None for all.
        before: the place of the last row of the page before; None for the first page.
        limit: rows in the page.
        start: only events from then on.
        end: only events before.
        roots: only events that are under no other one.
        tops: only events that are under none of these kinds.
    """
    statement = (
        select(interaction)
        .where(interaction.c.customer_id == customer)
        .order_by(interaction.c.at.desc(), interaction.c.interaction_id.desc())
        .limit(limit)
    )
    if kinds is not None:
        statement = statement.where(interaction.c.kind.in_(kinds))
    if before is not None:
        earlier = or_(
            interaction.c.at < before.at,
            and_(
                interaction.c.at == before.at,
                interaction.c.interaction_id < before.interaction_id,
            ),
        )
        statement = statement.where(interaction.c.at <= before.at, earlier)
    if start is not None:
        statement = statement.where(interaction.c.at >= start)
    if end is not None:
        statement = statement.where(interaction.c.at < end)
    if roots:
        statement = statement.where(interaction.c.parent.is_(None))
    if tops and kinds is not None:
        statement = statement.where(~_is_under(kinds))
    return [InteractionRow(*row) for row in await conn.execute(statement)]


def _is_under(kinds: Collection[str]) -> ColumnElement[bool]:
    above = interaction.alias("above")
    return exists().where(
        above.c.customer_id == interaction.c.customer_id,
        above.c.interaction_id == interaction.c.parent,
        above.c.kind.in_(sorted(kinds)),
    )


async def kinds_of(conn: Conn, customer: CustomerId) -> list[str]:
    """Return the kinds of which a customer has events, in order."""
    kinds = select(interaction.c.kind).where(interaction.c.customer_id == customer).distinct()
    return sorted((await conn.execute(kinds)).scalars())


async def owners(
    conn: Conn, customers: Collection[CustomerId], kinds: Collection[str]
) -> set[CustomerId]:
    """Return those of some customers who have an event of any of these kinds."""
    if not customers or not kinds:
        return set()
    statement = select(interaction.c.customer_id).where(
        interaction.c.customer_id.in_(customers), interaction.c.kind.in_(sorted(kinds))
    )
    return set((await conn.execute(statement)).scalars())


async def load_ended(
    conn: Conn,
    customer: CustomerId,
    kinds: Mapping[str, datetime | None],
    *,
    after: Place | None,
    limit: int,
) -> list[InteractionRow]:
    """Return a page of a customer's events of some kinds, each up to a time, the oldest first.

    Args:
        conn: any connection.
        customer: whose events.
        kinds: kind -> the latest time, inclusive; None for every event of the kind.
        after: the place of the last row of the page before; None for the first page.
        limit: rows in the page.
    """
    if not kinds:
        return []
    wanted = [
        interaction.c.kind == kind
        if before is None
        else and_(interaction.c.kind == kind, interaction.c.at <= before)
        for kind, before in sorted(kinds.items())
    ]
    statement = (
        select(interaction)
        .where(interaction.c.customer_id == customer, or_(*wanted))
        .order_by(interaction.c.at, interaction.c.interaction_id)
        .limit(limit)
    )
    if after is not None:
        later = or_(
            interaction.c.at > after.at,
            and_(
                interaction.c.at == after.at,
                interaction.c.interaction_id > after.interaction_id,
            ),
        )
        statement = statement.where(interaction.c.at >= after.at, later)
    return [InteractionRow(*row) for row in await conn.execute(statement)]


async def remove(conn: Conn, customer: CustomerId, ids: Collection[UUID]) -> int:
    """Delete events with their files and what follows them; those under them are under nothing then."""
    if not ids:
        return 0
    await attachment.remove(conn, customer, ids)
    await follow_up.remove_of(conn, customer, ids)
    mine = interaction.c.customer_id == customer
    orphans = update(interaction).where(mine, interaction.c.parent.in_(sorted(ids)))
    await conn.execute(orphans.values(parent=None))
    gone = delete(interaction).where(mine, interaction.c.interaction_id.in_(sorted(ids)))
    return (await conn.execute(gone)).rowcount
