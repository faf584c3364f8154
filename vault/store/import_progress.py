"""Keep how far an import has come, by the file's digest, so that it resumes and never repeats.

Written in the transaction of the rows it counts.
Source: ecosystem note, 9.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Table, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Digest, UtcTime

import_progress = Table(
    "import_progress",
    metadata,
    column("file_digest", Digest, "index", primary_key=True),  # of file and mapping
    column("row", BigInteger, "count"),  # rows read
    column("written", BigInteger, "count"),
    column("refused", BigInteger, "count"),
    column("done_at", UtcTime, "time", nullable=True),
    info={"shard": words.lookup("file_digest")},
)


@dataclass(frozen=True, slots=True)
class ImportProgressRow:
    """How far one file has come."""

    file_digest: str
    row: int
    written: int
    refused: int
    done_at: datetime | None = None


async def load(conn: Conn, file_digest: str) -> ImportProgressRow | None:
    """Return how far a file has come; None when it was never begun."""
    statement = select(import_progress).where(import_progress.c.file_digest == file_digest)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ImportProgressRow(*row)


async def save(conn: Conn, row: ImportProgressRow) -> None:
    """Write how far a file has come."""
    values = columns_of(import_progress, row)
    statement = insert(conn, import_progress).values(values)
    del values["file_digest"]
    await conn.execute(statement.on_conflict_do_update(index_elements=["file_digest"], set_=values))
