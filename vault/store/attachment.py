"""Keep the files that are attached to contact events: a head for lists and the bytes, both sealed.

A file goes with its event: whoever deletes the event deletes it first, here. One row holds a file
whole; its size is bounded where it is judged. The table of events is named by its name alone, since
that module clears this one.
Source: DESIGN 2; docs/formats.md, 24; docs/scale.md, schema rules.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    delete,
    insert,
    select,
)

from vault.core.ids import CustomerId
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Id, UtcTime

attachment = Table(
    "attachment",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("interaction_id", Id, "id", primary_key=True),
    column("number", SmallInteger, "count", primary_key=True),  # from 1
    column("attachment_id", Id, "id"),  # the value id of both seals
    column("added_at", UtcTime, "time"),
    column("generation", Integer, "count"),  # of the profile key
    column("head", LargeBinary, "sealed"),  # name, type, size and digest
    column("sealed", LargeBinary, "sealed"),  # the bytes
    ForeignKeyConstraint(
        ["customer_id", "interaction_id"],
        ["interaction.customer_id", "interaction.interaction_id"],
    ),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One attached file."""

    customer: CustomerId
    interaction_id: UUID
    number: int
    attachment_id: UUID
    added_at: datetime
    generation: int
    head: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class HeadRow:
    """What a list reads of one: all but its bytes."""

    customer: CustomerId
    interaction_id: UUID
    number: int
    attachment_id: UUID
    added_at: datetime
    generation: int
    head: bytes


_HEAD = [attachment.c[name] for name in attachment.c.keys() if name != "sealed"]  # noqa: SIM118  not a dict


async def add(conn: Conn, row: AttachmentRow) -> None:
    """Insert a file.

    Raises at the commit's edge:
        ConflictError: the event has a file of this number.
    """
    await conn.execute(insert(attachment).values(columns_of(attachment, row)))


async def heads(conn: Conn, customer: CustomerId, events: Collection[UUID]) -> list[HeadRow]:
    """Return what lists show of the files of some events, by event and number."""
    if not events:
        return []
    statement = (
        select(*_HEAD)
        .where(
            attachment.c.customer_id == customer,
            attachment.c.interaction_id.in_(sorted(events)),
        )
        .order_by(attachment.c.interaction_id, attachment.c.number)
    )
    return [HeadRow(*row) for row in await conn.execute(statement)]


async def load(conn: Conn, customer: CustomerId, event: UUID, number: int) -> AttachmentRow | None:
    """Return one file; None when the event of this customer has none of this number."""
    statement = select(attachment).where(
        attachment.c.customer_id == customer,
        attachment.c.interaction_id == event,
        attachment.c.number == number,
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else AttachmentRow(*row)


async def remove(conn: Conn, customer: CustomerId, events: Collection[UUID]) -> None:
    """Delete the files of some events."""
    if events:
        await conn.execute(
            delete(attachment).where(
                attachment.c.customer_id == customer,
                attachment.c.interaction_id.in_(sorted(events)),
            )
        )
