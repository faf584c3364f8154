"""Keep the key-encryption keys, wrapped by the provider: one for each epoch.

Which one is active is a state in a column, never the last of a list. The provider and its key's
version are stored with the blob, so that an old one can still be opened after a change.
Source: crypto note, 2 and 10.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, String, Table, insert, select, update

from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Id, UtcTime

kek = Table(
    "kek",
    metadata,
    column("kek_id", Id, "id", primary_key=True),
    column("epoch", Integer, "count", unique=True),
    column("state", String(16), "state"),  # active, retiring, destroyed
    column("provider", String(16), "state"),  # file, pkcs11, aws-kms
    column("key_ref", String(300), "id"),
    column("key_version", String(100), "id"),
    column("blob", LargeBinary, "sealed", nullable=True),  # NULL once destroyed
    column("made_at", UtcTime, "time"),
    column("destroy_at", UtcTime, "time", nullable=True),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class KekRow:
    """One wrapped key-encryption key."""

    kek_id: UUID
    epoch: int
    state: str
    provider: str
    key_ref: str
    key_version: str
    blob: bytes | None
    made_at: datetime
    destroy_at: datetime | None = None


async def add(conn: Conn, row: KekRow) -> None:
    """Insert the key of a new epoch."""
    await conn.execute(insert(kek).values(columns_of(kek, row)))


async def load_all(conn: Conn) -> list[KekRow]:
    """Return every epoch, the oldest first; destroyed ones too."""
    return [KekRow(*row) for row in await conn.execute(select(kek).order_by(kek.c.epoch))]


async def set_state(
    conn: Conn, kek_id: UUID, *, state: str, destroy_at: datetime | None = None
) -> bool:
    """Move a key to another state; a destroyed one loses its blob. False when there is none."""
    values: dict[str, object] = {"state": state, "destroy_at": destroy_at}
    if state == "destroyed":
        values["blob"] = None
    statement = update(kek).where(kek.c.kek_id == kek_id).values(values)
    return (await conn.execute(statement)).rowcount == 1
