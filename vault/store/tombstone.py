"""Keep what is left of an erased identifier: a keyed hash that names neither customer nor field.

An import or an app that brings the identifier again finds it here. A person who joins anew has it
lifted; the row stays and says when, so that the journal and the table tell the same.
Source: crypto note, 6; docs/formats.md, 8.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import LargeBinary, Table, select, update

from vault.store import bulk
from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, metadata
from vault.store.types import UtcTime

tombstone = Table(
    "tombstone",
    metadata,
    column("mark", LargeBinary, "index", primary_key=True),  # 16 bytes
    column("made_at", UtcTime, "time"),
    column("lifted_at", UtcTime, "time", nullable=True),  # the person joined anew
    info={"shard": words.lookup("mark")},
)
_CHUNK: Final = 500  # marks in one statement
_STANDING: Final = "SELECT mark FROM tombstone WHERE mark = ANY($1::bytea[]) AND lifted_at IS NULL"


async def standing(conn: Conn, marks: Sequence[bytes]) -> frozenset[bytes]:
    """Return those of the marks that stand: their identifiers were erased."""
    found: set[bytes] = set()
    if bulk.is_bulk(conn, marks):
        return frozenset(row["mark"] for row in await bulk.fetch(conn, _STANDING, list(marks)))
    for start in range(0, len(marks), _CHUNK):
        statement = select(tombstone.c.mark).where(
            tombstone.c.mark.in_(marks[start : start + _CHUNK]), tombstone.c.lifted_at.is_(None)
        )
        found |= set((await conn.execute(statement)).scalars())
    return frozenset(found)


async def put(conn: Conn, marks: Sequence[bytes], *, at: datetime) -> None:
    """Let marks stand; one that was lifted stands again."""
    if not marks:
        return
    statement = insert(conn, tombstone)
    again = statement.on_conflict_do_update(
        index_elements=["mark"], set_={"made_at": statement.excluded.made_at, "lifted_at": None}
    )
    given = [{"mark": mark, "made_at": at, "lifted_at": None} for mark in sorted(set(marks))]
    await conn.execute(again, given)


async def lift(conn: Conn, marks: Sequence[bytes], *, at: datetime) -> None:
    """Lift marks that stand."""
    statement = (
        update(tombstone)
        .where(tombstone.c.mark.in_(sorted(set(marks))), tombstone.c.lifted_at.is_(None))
        .values(lifted_at=at)
    )
    await conn.execute(statement)
