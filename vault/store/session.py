"""Keep sessions by the SHA-256 of their token: the token itself is in the browser alone.

How long a session may idle or last is a rule of `services`; here is when it started and was last
seen. A session that was ended has no row: a mark could be wiped off. A session has no foreign key
to its person: it is checked when used.
Source: portal note, 7; docs/scale.md, families.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
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

from vault.store import metadata as words
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id, UtcTime

session = Table(
    "session",
    metadata,
    column("hash", LargeBinary, "index", primary_key=True),
    column("person", Id, "id"),  # a customer, or a member of staff
    column("kind", String(16), "state"),  # customer, staff
    column("started_at", UtcTime, "time"),
    column("seen_at", UtcTime, "time"),
    column("auth_time", UtcTime, "time"),
    column("strength", String(16), "state"),  # how they signed in: code, link, passkey
    column("device", String(64), "state"),  # a label from a fixed list, such as "Firefox on Linux"
    column("idle_seconds", Integer, "count", nullable=True),  # how long it lives without a click
    column("previous_at", UtcTime, "time", nullable=True),  # the sign-in before this one
    Index(None, "person"),
    info={"shard": words.lookup("hash")},
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session."""

    hash: bytes
    person: UUID
    kind: str
    started_at: datetime
    seen_at: datetime
    auth_time: datetime
    strength: str
    device: str
    idle_seconds: int | None = None  # None: as long as the rule says
    previous_at: datetime | None = None  # None: there was none


async def start(conn: Conn, row: SessionRow) -> None:
    """Insert a session."""
    await conn.execute(insert(session).values(columns_of(session, row)))


async def load(conn: Conn, token_hash: bytes) -> SessionRow | None:
    """Return a session; None for an unknown token, or when it was ended."""
    row = (await conn.execute(select(session).where(session.c.hash == token_hash))).one_or_none()
    return None if row is None else SessionRow(*row)


async def load_live(conn: Conn, person: UUID) -> list[SessionRow]:
    """Return the sessions of a person that were not ended, the newest first."""
    statement = (
        select(session)
        .where(session.c.person == person)
        .order_by(session.c.started_at.desc(), session.c.hash)
    )
    return [SessionRow(*row) for row in await conn.execute(statement)]


async def seen(conn: Conn, token_hash: bytes, *, at: datetime) -> None:
    """Note that a live session was used; callers do so every few minutes at most."""
    await conn.execute(update(session).where(session.c.hash == token_hash).values(seen_at=at))


async def end(conn: Conn, token_hash: bytes) -> bool:
    """Delete a session; False when it had ended or never was."""
    return (await conn.execute(delete(session).where(session.c.hash == token_hash))).rowcount == 1


async def end_all(conn: Conn, person: UUID, *, but: bytes | None = None) -> int:
    """Delete all sessions of a person, but the one with this hash; returns how many."""
    statement = delete(session).where(session.c.person == person)
    if but is not None:
        statement = statement.where(session.c.hash != but)
    return (await conn.execute(statement)).rowcount


async def prune(conn: Conn, *, before: datetime) -> int:
    """Delete sessions that started before `before`, when none can live that long."""
    return (await conn.execute(delete(session).where(session.c.started_at < before))).rowcount
