"""Keep what was counted each night: numbers that name nobody, small groups hidden.

The counting itself is in `vault/store/sweeps_numbers.py`.
Source: consent-standards note, 9.12; DESIGN 6.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import String, Table, Text, delete, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import UtcTime

KEPT: Final = 800  # of a kind: one a night for more than two years

numbers = Table(
    "numbers",
    metadata,
    column("kind", String(16), "policy", primary_key=True),
    column("at", UtcTime, "time", primary_key=True),
    column("text", Text, "public"),  # canonical JSON, small groups hidden
    info={"shard": words.lookup("kind")},
)


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """What was counted once."""

    kind: str
    at: datetime
    text: str


async def add(conn: Conn, row: NumbersRow) -> None:
    """Keep what was counted, and let the oldest of its kind go."""
    values = columns_of(numbers, row)
    new = insert(conn, numbers).values(values)
    await conn.execute(new.on_conflict_do_update(index_elements=["kind", "at"], set_=values))
    kept = (
        select(numbers.c.at)
        .where(numbers.c.kind == row.kind)
        .order_by(numbers.c.at.desc())
        .offset(KEPT)
        .limit(1)
    )
    last = (await conn.execute(kept)).scalar_one_or_none()
    if last is not None:
        old = delete(numbers).where(numbers.c.kind == row.kind, numbers.c.at <= last)
        await conn.execute(old)


async def latest(conn: Conn, kind: str, *, limit: int = 1) -> list[NumbersRow]:
    """Return the newest of a kind, the newest first."""
    statement = (
        select(numbers).where(numbers.c.kind == kind).order_by(numbers.c.at.desc()).limit(limit)
    )
    return [NumbersRow(*row) for row in await conn.execute(statement)]
