"""Remember what a trait was worked out of, so that nobody's data is looked at again for nothing.

One row for a customer's field: when, under which purpose, and a digest of the method and of the
ids and versions of its inputs. Nothing is decided by it, so it has no MAC: whoever edits a row
makes the vault look once more, or once less until the next input comes.
Source: consent-standards note, 8; docs/knowing.md.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Table, delete, select

from vault.core.ids import CustomerId
from vault.store.customer import standing
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.types import Digest, Id, Name, UtcTime

trait = Table(
    "trait",
    metadata,
    column("customer_id", Id, "id", ForeignKey(standing.c.customer_id), primary_key=True),
    column("field", Name, "policy", primary_key=True),
    column("purpose", Name, "policy"),
    column("worked_out_at", UtcTime, "time"),
    # Over random ids, versions and the code's own words alone.
    column("digest", Digest, "state"),
    info={"shard": CUSTOMER},
)
_KEY: Final = ("customer_id", "field")
_CHUNK: Final = 500  # rows of one statement


@dataclass(frozen=True, slots=True)
class TraitRow:
    """What one trait was last worked out of."""

    customer: CustomerId
    field: str
    purpose: str
    worked_out_at: datetime
    digest: str  # SHA-256 in hex


async def load_of_many(
    conn: Conn, customers: Sequence[CustomerId]
) -> dict[CustomerId, dict[str, TraitRow]]:
    """Return the rows of some customers by customer and field; who has none is left out."""
    found: dict[CustomerId, dict[str, TraitRow]] = {}
    for start in range(0, len(customers), _CHUNK):
        some = list(customers[start : start + _CHUNK])
        for row in await conn.execute(select(trait).where(trait.c.customer_id.in_(some))):
            one = TraitRow(*row)
            found.setdefault(one.customer, {})[one.field] = one
    return found


async def load(conn: Conn, customer: CustomerId, field: str) -> TraitRow | None:
    """Return one row; None where the field was never worked out."""
    statement = select(trait).where(trait.c.customer_id == customer, trait.c.field == field)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else TraitRow(*row)


async def save(conn: Conn, rows: Sequence[TraitRow]) -> None:
    """Insert or replace rows."""
    if not rows:
        return
    statement = insert(conn, trait)
    new = statement.excluded
    upsert = statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={one.name: new[one.name] for one in trait.c if one.name not in _KEY},
    )
    await conn.execute(upsert, [columns_of(trait, row) for row in rows])


async def remove(conn: Conn, customer: CustomerId, fields: Collection[str]) -> None:
    """Forget what fields were worked out of: they are worked out anew, or not at all."""
    if fields:
        mine = trait.c.customer_id == customer
        await conn.execute(delete(trait).where(mine, trait.c.field.in_(sorted(fields))))
