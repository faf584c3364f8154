"""Keep the vault's own keys (index, pairwise, row MAC, signing), each wrapped by a KEK.

A use may have several live generations: readers accept all, the newest active one writes. The
public half of a signing key stays when the private half is gone, for old signatures.
Source: crypto note, 2 and 10; INTERFACES, /log/keys.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Table, insert, select, update

from vault.store import kek
from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Id, UtcTime

service_key = Table(
    "service_key",
    metadata,
    column("use", String(32), "state", primary_key=True),
    column("generation", Integer, "count", primary_key=True),
    column("key_id", Id, "id"),
    column("kek_id", Id, "id", ForeignKey(kek.kek.c.kek_id)),
    column("wrapped", LargeBinary, "sealed", nullable=True),  # NULL once destroyed
    column("public", LargeBinary, "public", nullable=True),
    column("made_at", UtcTime, "time"),
    column("retired_at", UtcTime, "time", nullable=True),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class ServiceKeyRow:
    """One generation of a key of the vault's own."""

    use: str
    generation: int
    key_id: UUID
    kek_id: UUID
    wrapped: bytes | None
    public: bytes | None
    made_at: datetime
    retired_at: datetime | None = None


async def add(conn: Conn, row: ServiceKeyRow) -> None:
    """Insert a new generation.

    Raises at the commit's edge:
        ConflictError: this generation exists.
    """
    await conn.execute(insert(service_key).values(columns_of(service_key, row)))


async def load_all(conn: Conn) -> list[ServiceKeyRow]:
    """Return every generation of every use, the oldest of a use first."""
    order = (service_key.c.use, service_key.c.generation)
    return [ServiceKeyRow(*row) for row in await conn.execute(select(service_key).order_by(*order))]


async def rewrap(conn: Conn, row: ServiceKeyRow, *, old_kek: UUID) -> bool:
    """Put a key under another KEK; False when it is not under `old_kek` any more."""
    statement = (
        update(service_key)
        .where(
            service_key.c.use == row.use,
            service_key.c.generation == row.generation,
            service_key.c.kek_id == old_kek,
        )
        .values(kek_id=row.kek_id, wrapped=row.wrapped)
    )
    return (await conn.execute(statement)).rowcount == 1


async def retire(conn: Conn, use: str, *, generation: int, at: datetime) -> bool:
    """Mark a generation as no longer written with; False when it was already."""
    statement = (
        update(service_key)
        .where(
            service_key.c.use == use,
            service_key.c.generation == generation,
            service_key.c.retired_at.is_(None),
        )
        .values(retired_at=at)
    )
    return (await conn.execute(statement)).rowcount == 1
