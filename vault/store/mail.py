"""Keep mails that wait to be sent: the address and what fills the template, sealed.

A job in the same bucket names the row; both go together, so an address lies here no longer than
the mail waits.
Source: ecosystem note, 11.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, String, Table, delete, insert, select

from vault.store.engine import Conn
from vault.store.metadata import QUEUE, column, columns_of, metadata
from vault.store.types import Id, UtcTime

mail = Table(
    "mail",
    metadata,
    column("bucket", SmallInteger, "state", primary_key=True),
    column("id", Id, "id", primary_key=True),
    column("template", String(64), "state"),
    column("sealed", LargeBinary, "sealed"),
    column("made_at", UtcTime, "time"),
    info={"shard": QUEUE},
)


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail that waits."""

    bucket: int
    id: UUID
    template: str
    sealed: bytes
    made_at: datetime


async def add(conn: Conn, row: MailRow) -> None:
    """Insert a mail, in the transaction of its cause."""
    await conn.execute(insert(mail).values(columns_of(mail, row)))


async def load(conn: Conn, bucket: int, *, mail_id: UUID) -> MailRow | None:
    """Return a mail; None when it was sent or dropped."""
    statement = select(mail).where(mail.c.bucket == bucket, mail.c.id == mail_id)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else MailRow(*row)


async def remove(conn: Conn, bucket: int, *, mail_id: UUID) -> None:
    """Delete a mail that was sent, or never can be; twice is once."""
    await conn.execute(delete(mail).where(mail.c.bucket == bucket, mail.c.id == mail_id))
