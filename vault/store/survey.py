"""Keep the links of surveys, by the hash of their secret, and whom a survey asked last.

A link names its customer, so that an erasure takes it; it is believed only with its MAC. Who was
asked, and when they may be asked again, has none: to take such a row away asks somebody once more,
by the same decision. A link is used in one statement, so that of many at once one wins.
Source: portal note, 2 (survey); docs/scale.md, lookup tables.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Table, delete, select, update
from sqlalchemy import insert as plain_insert

from vault.core.ids import CustomerId
from vault.store import metadata as words
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Digest, Id, Name, UtcTime

survey_link = Table(
    "survey_link",
    metadata,
    column("hash", LargeBinary, "index", primary_key=True),
    column("customer_id", Id, "id"),
    column("survey", Name, "policy"),
    column("about", Id, "id"),  # the contact event
    column("code_digest", Digest, "public"),  # where the questions stand
    column("expires_at", UtcTime, "time"),
    column("mac", LargeBinary, "mac"),
    column("used_at", UtcTime, "time", nullable=True),
    Index(None, "customer_id"),  # an erasure leaves none behind
    info={"shard": words.lookup("hash")},
)

survey_turn = Table(
    "survey_turn",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("survey", Name, "policy", primary_key=True),
    column("again_at", UtcTime, "time"),  # not looked at before
    column("about_at", UtcTime, "time", nullable=True),  # of the newest event that was asked about
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link."""

    hash: bytes
    customer: CustomerId
    survey: str
    about: UUID
    code_digest: str
    expires_at: datetime
    mac: bytes
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnRow:
    """When a survey may look at a customer again."""

    customer: CustomerId
    survey: str
    again_at: datetime
    about_at: datetime | None = None  # None: nothing was asked yet


async def add(conn: Conn, row: LinkRow) -> None:
    """Insert a link."""
    await conn.execute(plain_insert(survey_link).values(columns_of(survey_link, row)))


async def load(conn: Conn, link_hash: bytes) -> LinkRow | None:
    """Return a link, whether or not it was used or is over; None for one that never was."""
    statement = select(survey_link).where(survey_link.c.hash == link_hash)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else LinkRow(*row)


async def use(conn: Conn, link_hash: bytes, *, at: datetime) -> bool:
    """Use a link up; False for everyone but the first."""
    statement = (
        update(survey_link)
        .where(survey_link.c.hash == link_hash, survey_link.c.used_at.is_(None))
        .values(used_at=at)
    )
    return (await conn.execute(statement)).rowcount == 1


async def remove(conn: Conn, link_hash: bytes) -> None:
    """Delete a link that leads to nothing any more."""
    await conn.execute(delete(survey_link).where(survey_link.c.hash == link_hash))


async def prune(conn: Conn, *, before: datetime) -> int:
    """Delete links whose time ended before `before`; returns how many."""
    return (
        await conn.execute(delete(survey_link).where(survey_link.c.expires_at < before))
    ).rowcount


async def turn(conn: Conn, customer: CustomerId, survey: str) -> TurnRow | None:
    """Return when a survey may look at a customer again; None where it never did."""
    statement = select(survey_turn).where(
        survey_turn.c.customer_id == customer, survey_turn.c.survey == survey
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else TurnRow(*row)


async def put_turn(conn: Conn, row: TurnRow) -> None:
    """Keep a turn in place of the one before."""
    values = columns_of(survey_turn, row)
    statement = insert(conn, survey_turn).values(values)
    changed = {name: values[name] for name in ("again_at", "about_at")}
    await conn.execute(
        statement.on_conflict_do_update(index_elements=["customer_id", "survey"], set_=changed)
    )
