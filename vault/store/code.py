"""Keep every published version of the code of ethics, for ever and as it was published.

The source is the YAML that people wrote, the document its canonical JSON, the digest the SHA-256
of that JSON. What a version means is for `policies` to say.
Source: DESIGN 5.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, LargeBinary, Table, insert, select

from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Digest, Json, Name, UtcTime

code = Table(
    "code",
    metadata,
    column("version", Name, "public", primary_key=True),
    column("digest", Digest, "public", unique=True),
    column("source", LargeBinary, "public"),
    column("document", Json, "public"),
    column("published_at", UtcTime, "time"),
    column("effective_at", UtcTime, "time"),
    column("bootstrap", Boolean, "state"),  # published from the host's shell, by one person
    column("mac", LargeBinary, "mac"),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One published version."""

    version: str
    digest: str
    source: bytes
    document: str
    published_at: datetime
    effective_at: datetime
    bootstrap: bool
    mac: bytes

    @property
    def claim(self) -> "CodeClaim":
        """Return what the MAC speaks of."""
        return CodeClaim(self.version, self.digest, self.effective_at, self.mac)


class CodeClaim(NamedTuple):
    """What a row says of itself, to be proven by its MAC: a version is a document from a moment."""

    version: str
    digest: str
    effective_at: datetime
    mac: bytes


async def publish(conn: Conn, row: CodeRow) -> None:
    """Insert a version.

    Raises at the commit's edge:
        ConflictError: this version, or the same document, is published already.
    """
    await conn.execute(insert(code).values(columns_of(code, row)))


async def load(conn: Conn, version: str) -> CodeRow | None:
    """Return a version; None when it was never published."""
    row = (await conn.execute(select(code).where(code.c.version == version))).one_or_none()
    return None if row is None else CodeRow(*row)


async def load_all(conn: Conn) -> list[CodeRow]:
    """Return all versions, the oldest first; the last in effect at a moment is in force then."""
    order = (code.c.effective_at, code.c.published_at, code.c.version)
    return [CodeRow(*row) for row in await conn.execute(select(code).order_by(*order))]


async def in_force(conn: Conn, now: datetime) -> CodeRow | None:
    """Return the version in force at `now`; None before the first."""
    statement = (
        select(code)
        .where(code.c.effective_at <= now)
        .order_by(code.c.effective_at.desc(), code.c.published_at.desc(), code.c.version.desc())
        .limit(1)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else CodeRow(*row)


async def claim_in_force(conn: Conn, now: datetime) -> CodeClaim | None:
    """Return what names the version in force at `now`, for each look; None before the first."""
    statement = (
        select(code.c.version, code.c.digest, code.c.effective_at, code.c.mac)
        .where(code.c.effective_at <= now)
        .order_by(code.c.effective_at.desc(), code.c.published_at.desc(), code.c.version.desc())
        .limit(1)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else CodeClaim(*row)


async def claims(conn: Conn) -> list[CodeClaim]:
    """Return what names every version, in the order in which they come into force."""
    order = (code.c.effective_at, code.c.published_at, code.c.version)
    statement = select(code.c.version, code.c.digest, code.c.effective_at, code.c.mac)
    return [CodeClaim(*row) for row in await conn.execute(statement.order_by(*order))]


async def load_by_digest(conn: Conn, digest: str) -> CodeRow | None:
    """Return the version with this digest; None when it was never published."""
    row = (await conn.execute(select(code).where(code.c.digest == digest))).one_or_none()
    return None if row is None else CodeRow(*row)
