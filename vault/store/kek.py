"""Keep the key-encryption keys, wrapped by the provider: one for each epoch.

Which one is active is a state in a column, never the last of a list. The provider and its key's
version are stored with the blob, so that an old one can still be opened after a change.
Source: crypto note, 2 and 10.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, String, Table, insert, select, update

from vault.core.errors import BusyError
from vault.core.key_epoch import State
from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Id, UtcTime

kek = Table(
    "kek",
    metadata,
    column("kek_id", Id, "id", primary_key=True),
    column("epoch", Integer, "count", unique=True),
    column("state", String(16), "state"),  # vault/core/key_epoch.py, State
    column("provider", String(16), "state"),  # file, pkcs11, aws-kms
    column("key_ref", String(300), "id"),
    column("key_version", String(100), "id"),
    column("blob", LargeBinary, "sealed", nullable=True),  # NULL once destroyed
    column("made_at", UtcTime, "time"),
    column("destroy_at", UtcTime, "time", nullable=True),
    info={"shard": REFERENCE},
)


_GONE: Final = frozenset({State.DESTROYING, State.DESTROYED})


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
    conn: Conn, kek_id: UUID, *, before: str, state: str, destroy_at: datetime | None = None
) -> bool:
    """Move a key from one state to another; False when it is not in the one before.

    One that is being destroyed loses its blob: from then on no process can read it.
    """
    values: dict[str, object] = {"state": state, "destroy_at": destroy_at}
    if state in _GONE:
        values["blob"] = None
    statement = update(kek).where(kek.c.kek_id == kek_id, kek.c.state == before).values(values)
    return (await conn.execute(statement)).rowcount == 1


async def hold(conn: Conn, kek_id: UUID) -> None:
    """Hold a key until the commit: no row that names it can be added meanwhile."""
    await conn.execute(select(kek.c.kek_id).where(kek.c.kek_id == kek_id).with_for_update())


async def check_living(conn: Conn, kek_ids: Collection[UUID]) -> None:
    """Refuse what was wrapped by a key that is gone; call it behind the INSERT that names it.

    A process that did not read the keys for too long would lose what it stores.

    Raises:
        BusyError: one is gone; the process reads the keys again within seconds.
    """
    gone = select(kek.c.kek_id).where(kek.c.kek_id.in_(sorted(set(kek_ids))), kek.c.blob.is_(None))
    if (await conn.execute(gone)).first() is not None:
        raise BusyError
