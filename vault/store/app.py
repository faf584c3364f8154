"""Keep the apps' registrations, their live state and the tokens that were revoked.

A registration is a published document under a MAC, the same on all nodes and seldom changed. What
must bite on the very next call (frozen, valid from, revoked) lies in lookup tables instead.
The functions on a plain `Connection` are for hooks of the OAuth library, which cannot wait.
Source: oauth note, 5, 6 and 8; docs/scale.md, families.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    LargeBinary,
    String,
    Table,
    delete,
    select,
    update,
)
from sqlalchemy import insert as plain_insert

from vault.core.ids import AppId
from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Digest, Json, Name, UtcTime

app = Table(
    "app",
    metadata,
    column("app_id", Name, "policy", primary_key=True),
    column("document", Json, "policy"),
    column("digest", Digest, "public"),
    column("mac", LargeBinary, "mac"),
    column("added_at", UtcTime, "time"),
    info={"shard": REFERENCE},
)

app_state = Table(
    "app_state",
    metadata,
    column("app", Name, "policy", primary_key=True),
    column("frozen", Boolean, "state"),
    column("valid_from", UtcTime, "time"),  # tokens issued before are void
    column("version", BigInteger, "count"),  # of the registration
    column("mac", LargeBinary, "mac"),  # over the registration's digest too
    info={"shard": words.lookup("app")},
)

revoked = Table(
    "revoked",
    metadata,
    column("jti", String(64), "id", primary_key=True),
    column("until", UtcTime, "time"),  # when the token would have ended anyway
    info={"shard": words.lookup("jti")},
)


@dataclass(frozen=True, slots=True)
class AppRow:
    """One app's registration."""

    app: AppId
    document: str  # canonical JSON, as MACed
    digest: str
    mac: bytes
    added_at: datetime


@dataclass(frozen=True, slots=True)
class AppStateRow:
    """What may change for an app at any moment."""

    app: AppId
    frozen: bool
    valid_from: datetime
    version: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class TokenState:
    """What each batch asks before it believes any cached token."""

    apps: dict[str, AppStateRow]  # those that exist
    revoked: frozenset[str]  # of the jti asked for


async def add(conn: Conn, row: AppRow, *, state: AppStateRow) -> bool:
    """Register an app; False when the id is taken, and nothing is changed."""
    statement = insert(conn, app).values(columns_of(app, row))
    inserted = statement.on_conflict_do_nothing().returning(app.c.app_id)
    if (await conn.execute(inserted)).one_or_none() is None:
        return False
    await conn.execute(plain_insert(app_state).values(columns_of(app_state, state)))
    return True


async def replace(conn: Conn, row: AppRow, *, state: AppStateRow) -> bool:
    """Put another registration and state in an app's place. False for no such app."""
    values = columns_of(app, row)
    del values["app_id"], values["added_at"]
    if (
        await conn.execute(update(app).where(app.c.app_id == row.app).values(values))
    ).rowcount == 0:
        return False
    if not await save_state(conn, state):
        await conn.execute(plain_insert(app_state).values(columns_of(app_state, state)))
    return True


async def save_state(conn: Conn, state: AppStateRow) -> bool:
    """Write an app's state as a whole; False for no such app."""
    values = columns_of(app_state, state)
    del values["app"]
    statement = update(app_state).where(app_state.c.app == state.app).values(values)
    return (await conn.execute(statement)).rowcount == 1


def find(db: Connection, app_id: str) -> AppRow | None:
    """Return a registration; None for an unknown app. For hooks that cannot wait."""
    row = db.execute(select(app).where(app.c.app_id == app_id)).one_or_none()
    return None if row is None else AppRow(*row)


def is_revoked(db: Connection, jti: str) -> bool:
    """Tell whether a token was revoked. For hooks that cannot wait."""
    statement = select(revoked.c.jti).where(revoked.c.jti == jti)
    return db.execute(statement).one_or_none() is not None


async def load(conn: Conn, app_id: str) -> AppRow | None:
    """Return a registration; None for an unknown app."""
    return await conn.run_sync(find, app_id)


async def load_all(conn: Conn) -> list[AppRow]:
    """Return all registrations by id."""
    return [AppRow(*row) for row in await conn.execute(select(app).order_by(app.c.app_id))]


async def load_states(conn: Conn, apps: Collection[str]) -> dict[str, AppStateRow]:
    """Return the live state of those apps that exist."""
    statement = select(app_state).where(app_state.c.app.in_(sorted(apps)))
    return {row.app: AppStateRow(*row) for row in await conn.execute(statement)}


async def token_state(conn: Conn, apps: Collection[str], *, tokens: Collection[str]) -> TokenState:
    """Return what decides whether tokens still hold; two statements for any number of them.

    Args:
        conn: a connection to the primary.
        apps: client ids.
        tokens: the `jti` of each token.
    """
    states = await load_states(conn, apps)
    statement = select(revoked.c.jti).where(revoked.c.jti.in_(sorted(tokens)))
    gone = frozenset((await conn.execute(statement)).scalars()) if tokens else frozenset()
    return TokenState(states, gone)


async def revoke(conn: Conn, jti: str, *, until: datetime) -> None:
    """Revoke a token; twice is once."""
    statement = insert(conn, revoked).values(jti=jti, until=until).on_conflict_do_nothing()
    await conn.execute(statement)


async def prune_revoked(conn: Conn, *, before: datetime) -> int:
    """Forget revoked tokens that have ended; returns how many."""
    return (await conn.execute(delete(revoked).where(revoked.c.until < before))).rowcount
