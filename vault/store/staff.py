"""Keep the members of staff: a pseudonym, a role, where somebody stands; who it is, sealed.

A row is believed under its MAC alone. Members are found by the blind index of their address, by id
and by pseudonym; a row never goes, so that a pseudonym of the access log keeps its one owner.
Source: security note, 8; docs/scale.md, families.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
    update,
)

from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

staff = Table(
    "staff",
    metadata,
    column("staff_id", Id, "id", primary_key=True),
    column("handle", Name, "id"),  # the pseudonym that customers see
    column("address_idx", LargeBinary, "index"),
    column("role", String(16), "state"),
    column("state", String(16), "state"),  # invited, active, ended
    column("sealed", LargeBinary, "sealed"),  # name and address
    column("made_by", Name, "id"),  # a pseudonym, or `operator`
    column("made_at", UtcTime, "time"),
    column("enrolled_at", UtcTime, "time", nullable=True),
    column("reset_at", UtcTime, "time", nullable=True),  # when a new way in was made for it
    column("reset_by", Name, "id", nullable=True),
    column("version", BigInteger, "count"),
    column("mac", LargeBinary, "mac"),
    UniqueConstraint("handle"),
    UniqueConstraint("address_idx"),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One member of staff."""

    staff_id: UUID
    handle: str
    address_idx: bytes
    role: str
    state: str
    sealed: bytes
    made_by: str
    made_at: datetime
    enrolled_at: datetime | None
    reset_at: datetime | None
    reset_by: str | None
    version: int
    mac: bytes


async def add(conn: Conn, row: StaffRow) -> bool:
    """Insert a member; False when somebody has this address or pseudonym."""
    statement = insert(conn, staff).values(columns_of(staff, row)).on_conflict_do_nothing()
    made = await conn.execute(statement.returning(staff.c.staff_id))
    return made.one_or_none() is not None


async def save(conn: Conn, row: StaffRow) -> bool:
    """Write a member as a whole, over the version before; False when somebody else did so first."""
    statement = (
        update(staff)
        .where(staff.c.staff_id == row.staff_id, staff.c.version == row.version - 1)
        .values(columns_of(staff, row))
    )
    return (await conn.execute(statement)).rowcount == 1


async def load(conn: Conn, staff_id: UUID) -> StaffRow | None:
    """Return a member; None for an unknown id."""
    row = (await conn.execute(select(staff).where(staff.c.staff_id == staff_id))).one_or_none()
    return None if row is None else StaffRow(*row)


async def find(conn: Conn, address_idx: bytes) -> StaffRow | None:
    """Return who has an address; None for nobody."""
    statement = select(staff).where(staff.c.address_idx == address_idx)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else StaffRow(*row)


async def load_all(conn: Conn) -> list[StaffRow]:
    """Return all members by the time that they were made."""
    statement = select(staff).order_by(staff.c.made_at, staff.c.staff_id)
    return [StaffRow(*row) for row in await conn.execute(statement)]


async def count(conn: Conn) -> int:
    """Return how many were ever enrolled."""
    statement = select(func.count()).select_from(staff).where(staff.c.enrolled_at.is_not(None))
    return int((await conn.execute(statement)).scalar_one())
