"""Keep the one row that says which vault this is: its id, issuer and the log's origin.

All three are fixed at `ownship init`; ciphertexts and the log are bound to them.
Source: crypto note, 3; INTERFACES, ownship init.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, Table, select

from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, metadata
from vault.store.types import UtcTime

deployment = Table(
    "deployment",
    metadata,
    column("one", SmallInteger, "id", primary_key=True),  # always 1: a second row cannot be
    column("deployment_id", LargeBinary, "id"),
    column("issuer", String(300), "public"),
    column("origin", String(300), "public"),
    column("made_at", UtcTime, "time"),
    CheckConstraint("one = 1", name="one"),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """Which vault this is."""

    deployment_id: bytes  # 16 random bytes
    issuer: str
    origin: str
    made_at: datetime


async def create(conn: Conn, row: DeploymentRow) -> bool:
    """Insert the row; False when this database has one already, and nothing is changed."""
    statement = (
        insert(conn, deployment)
        .values(one=1, **asdict(row))
        .on_conflict_do_nothing()
        .returning(deployment.c.one)
    )
    return (await conn.execute(statement)).one_or_none() is not None


async def load(conn: Conn) -> DeploymentRow | None:
    """Return the row; None before `ownship init`."""
    row = (await conn.execute(select(deployment))).one_or_none()
    return None if row is None else DeploymentRow(*row[1:])
