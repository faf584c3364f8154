"""Keep the exact bytes of every notice that was shown when consent was asked, by their SHA-256.

They hold no value and no name, are public and stay for ever.
Source: consent-standards note, 2.1; INTERFACES, /notices/{sha256}.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import LargeBinary, Table, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, metadata
from vault.store.types import Digest, UtcTime

notice = Table(
    "notice",
    metadata,
    column("sha256", Digest, "public", primary_key=True),
    column("body", LargeBinary, "public"),
    column("made_at", UtcTime, "time"),
    info={"shard": words.lookup("sha256")},
)


async def put(conn: Conn, sha256: str, *, body: bytes, at: datetime) -> None:
    """Keep a notice; twice is once, for the key is the content's hash."""
    statement = insert(conn, notice).values(sha256=sha256, body=body, made_at=at)
    await conn.execute(statement.on_conflict_do_nothing())


async def known(conn: Conn, hashes: Collection[str]) -> frozenset[str]:
    """Return which of these hashes are of notices; evidence of an import is none."""
    statement = select(notice.c.sha256).where(notice.c.sha256.in_(sorted(hashes)))
    return frozenset((await conn.execute(statement)).scalars())


async def load(conn: Conn, sha256: str) -> bytes | None:
    """Return a notice; None when it was never shown."""
    statement = select(notice.c.body).where(notice.c.sha256 == sha256)
    body: bytes | None = (await conn.execute(statement)).scalar_one_or_none()
    return body
