"""Find a customer by the blind index of an identifier; the index itself is the key.

So an identifier is unique over all customers without a statement over all of them: first the
lookup, then the customer, never a join. A row is believed only with its MAC, which is checked
elsewhere, and it has no foreign key to its customer: a lookup without one counts as unknown.
Source: crypto note, 6 and 8; docs/scale.md, lookup tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Index, LargeBinary, SmallInteger, Table, and_, delete, or_, select

from vault.core.ids import CustomerId
from vault.store import bulk
from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.line import Line
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id

lookup = Table(
    "lookup",
    metadata,
    column("idx", LargeBinary, "index", primary_key=True),  # 17 bytes
    column("kind", SmallInteger, "state", primary_key=True),  # the normaliser's number
    column("customer_id", Id, "id"),
    column("mac", LargeBinary, "mac"),
    Index(None, "customer_id"),  # an erasure leaves none behind
    info={"shard": words.lookup("idx")},
)
_CHUNK: Final = 500  # keys in one statement
# For PostgreSQL's driver itself: the same text for any number of keys.
_FIND: Final = (
    "SELECT idx, kind, customer_id, mac FROM lookup WHERE kind = $1 AND idx = ANY($2::bytea[])"
)
# The keys of several tills at once; each is found by the primary key.
_FIND_PAIRS: Final = (
    "SELECT lookup.idx, lookup.kind, customer_id, mac"
    " FROM unnest($1::bytea[], $2::smallint[]) AS asked (idx, kind)"
    " JOIN lookup ON lookup.idx = asked.idx AND lookup.kind = asked.kind"
)
_PUT: Final = (
    "INSERT INTO lookup (idx, kind, customer_id, mac)"
    " SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::uuid[], $4::bytea[])"
    " ON CONFLICT DO NOTHING RETURNING idx, kind"
)


@dataclass(frozen=True, slots=True)
class LookupRow:
    """An identifier's blind index and whom it belongs to."""

    idx: bytes
    kind: int
    customer: CustomerId
    mac: bytes


async def find(conn: Conn, idx: bytes, *, kind: int) -> LookupRow | None:
    """Return the row of one identifier; None when nobody has it."""
    statement = select(lookup).where(lookup.c.idx == idx, lookup.c.kind == kind)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else LookupRow(*row)


async def find_many(
    conn: Conn, keys: Sequence[tuple[bytes, int]]
) -> dict[tuple[bytes, int], LookupRow]:
    """Return the rows of those (idx, kind) that somebody has."""
    found: dict[tuple[bytes, int], LookupRow] = {}
    kinds = sorted({kind for _, kind in keys})
    for kind in kinds:
        wanted = [idx for idx, its in keys if its == kind]
        if bulk.is_bulk(conn, wanted):
            for row in await bulk.fetch(conn, _FIND, kind, wanted):
                found[row["idx"], row["kind"]] = LookupRow(*row)
            continue
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            statement = select(lookup).where(lookup.c.kind == kind, lookup.c.idx.in_(chunk))
            for row in await conn.execute(statement):
                found[row.idx, row.kind] = LookupRow(*row)
    return found


async def find_at_once(
    line: Line, keys: Sequence[tuple[bytes, int]]
) -> dict[tuple[bytes, int], LookupRow]:
    """Do what `find_many` does, in one statement that is its own snapshot.

    Raises:
        DRIVER_ERRORS: the caller translates.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    columns = zip(*wanted, strict=True)
    rows: list[Any] = await line.fetch(_FIND_PAIRS, *(list(one) for one in columns))
    return {(row["idx"], row["kind"]): LookupRow(*row) for row in rows}


async def put(conn: Conn, row: LookupRow) -> bool:
    """Insert a lookup; False when the identifier is taken, and nothing is changed."""
    return not await put_many(conn, [row])


async def put_many(conn: Conn, rows: Sequence[LookupRow]) -> list[LookupRow]:
    """Insert lookups and return those that were taken; sorted, so that two writers cannot lock."""
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: (row.idx, row.kind))
    if bulk.is_bulk(conn, ordered):
        columns = zip(*((row.idx, row.kind, row.customer, row.mac) for row in ordered), strict=True)
        inserted = {(row["idx"], row["kind"]) for row in await bulk.fetch(conn, _PUT, *columns)}
    else:
        statement = insert(conn, lookup).on_conflict_do_nothing()
        given = [columns_of(lookup, row) for row in ordered]
        done = await conn.execute(statement.returning(lookup.c.idx, lookup.c.kind), given)
        inserted = {(row.idx, row.kind) for row in done}
    taken = []
    for row in rows:
        if (row.idx, row.kind) in inserted:
            inserted.remove((row.idx, row.kind))  # the same key twice: the second one is taken
        else:
            taken.append(row)
    return taken


async def remove(conn: Conn, customer: CustomerId, *, keys: Sequence[tuple[bytes, int]]) -> int:
    """Delete lookups of a customer by key; returns how many were theirs."""
    if not keys:
        return 0
    mine = or_(*(and_(lookup.c.idx == idx, lookup.c.kind == kind) for idx, kind in keys))
    statement = delete(lookup).where(mine, lookup.c.customer_id == customer)
    return (await conn.execute(statement)).rowcount
