"""Remember which customer, or which event, a row of an imported file became.

Keyed by a blind index of the file's name in the mapping and the row's key, so that other files can
refer to the row and a second run finds it again. A row is believed only with its MAC, which is
checked elsewhere; it has no foreign key, as a lookup has none, and it goes with its customer.
Source: ecosystem note, 9; docs/formats.md, 8 and 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Table, select

from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.store import bulk
from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id

import_ref = Table(
    "import_ref",
    metadata,
    column("ref", LargeBinary, "index", primary_key=True),  # 17 bytes
    column("customer_id", Id, "id"),
    column("interaction_id", Id, "id", nullable=True),  # NULL: the row is the customer
    column("mac", LargeBinary, "mac"),
    Index(None, "customer_id"),  # an erasure leaves none behind
    info={"shard": words.lookup("ref")},
)
_CHUNK: Final = 500  # keys in one statement
_FIND: Final = (
    "SELECT ref, customer_id, interaction_id, mac FROM import_ref WHERE ref = ANY($1::bytea[])"
)
_PUT: Final = (
    "INSERT INTO import_ref (ref, customer_id, interaction_id, mac)"
    " SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::bytea[])"
    " ON CONFLICT DO NOTHING RETURNING ref"
)


@dataclass(frozen=True, slots=True)
class ImportRefRow:
    """What a row of a file became."""

    ref: bytes
    customer: CustomerId
    interaction: UUID | None
    mac: bytes


async def find_many(conn: Conn, refs: Sequence[bytes]) -> dict[bytes, ImportRefRow]:
    """Return the rows of those references that became something."""
    if bulk.is_bulk(conn, refs):
        return {row["ref"]: ImportRefRow(*row) for row in await bulk.fetch(conn, _FIND, list(refs))}
    found: dict[bytes, ImportRefRow] = {}
    for start in range(0, len(refs), _CHUNK):
        some = list(refs[start : start + _CHUNK])
        statement = select(import_ref).where(import_ref.c.ref.in_(some))
        found |= {row.ref: ImportRefRow(*row) for row in await conn.execute(statement)}
    return found


async def put_many(conn: Conn, rows: Sequence[ImportRefRow]) -> None:
    """Insert references; sorted, so that two writers cannot lock.

    Raises:
        ConflictError: one is there already: another import was faster.
    """
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.ref)
    if bulk.is_bulk(conn, ordered):
        given = ((row.ref, row.customer, row.interaction, row.mac) for row in ordered)
        inserted = len(await bulk.fetch(conn, _PUT, *zip(*given, strict=True)))
    else:
        statement = insert(conn, import_ref).on_conflict_do_nothing().returning(import_ref.c.ref)
        values = [columns_of(import_ref, row) for row in ordered]
        inserted = len((await conn.execute(statement, values)).all())
    if inserted != len(ordered):
        raise ConflictError


async def of_customer(conn: Conn, customer: CustomerId) -> list[bytes]:
    """Return the references that are the customer and no event, in their order."""
    statement = (
        select(import_ref.c.ref)
        .where(import_ref.c.customer_id == customer, import_ref.c.interaction_id.is_(None))
        .order_by(import_ref.c.ref)
    )
    return list((await conn.execute(statement)).scalars())
