"""Seal again, under a key of its own, what a law keeps of a customer who is erased.

Nothing else is taken along: a value that no purpose with `keep` uses is not looked at, and one that
does not open is not kept.
Source: GDPR 17(3)(b); crypto note, 2 and 10.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vault.core import erasure
from vault.core.erasure import Kept
from vault.core.errors import OpenError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.crypto.field import Place, SealedValue, open_each, seal_value
from vault.crypto.keys import Kind, WrappedKey, new_key
from vault.services.interaction import name
from vault.services.load import Load, sealed
from vault.services.unit import Unit
from vault.store import interaction, retained
from vault.store.engine import Conn
from vault.store.retained import RetainedKeyRow, RetainedRow

_PAGE: Final = 500  # events that are read at once
_EVENT: Final = name("")  # how the names of contact events begin


@dataclass(frozen=True, slots=True)
class Retained:
    """What stays, sealed already; nothing is stored before `save`."""

    laws: tuple[Kept, ...]
    key: RetainedKeyRow
    rows: list[RetainedRow] = field(default_factory=list)

    async def save(self, conn: Conn) -> tuple[Kept, ...]:
        """Store it, unless it is nothing; return what is kept by which law."""
        if not self.rows:
            return ()
        await retained.put(conn, self.key, self.rows)
        return erasure.of_names(self.laws, frozenset(row.name for row in self.rows))


async def retain(it: Unit, load: Load, laws: tuple[Kept, ...], *, recorded: Recorded) -> Retained:
    """Open what the laws keep, against the record, and seal it again.

    Args:
        it: the erasure's unit, which holds the customer's lock.
        load: of the customer, with all values.
        laws: from `erasure.kept`.
        recorded: names what may be opened.
    """
    new = new_key(it.deps.keys.keks, load.customer, Kind.RETAINED)
    row = RetainedKeyRow(load.customer, new.key_id, new.kek_id, new.blob, it.now)
    found = Retained(laws, row)
    old = load.key(Kind.PROFILE)
    if old is None or recorded.customer != load.customer:
        return found
    values = load.found.values if load.found else ()
    for value in values:
        _keep(it, found, old, new, recorded, sealed(value), value.gathered_at)
    async for event, at in _events(it, load.customer, laws):
        _keep(it, found, old, new, recorded, event, at)
    return found


def _keep(
    it: Unit,
    found: Retained,
    old: WrappedKey,
    new: WrappedKey,
    recorded: Recorded,
    one: SealedValue,
    at: datetime,
) -> None:
    law = erasure.keeper(found.laws, one.field)
    if law is None:
        return
    try:
        (plain,) = open_each(recorded, it.deps.keys.keks, old, [one])
    except OpenError:
        return
    customer = recorded.customer
    place = Place(customer, one.field, one.value_id, one.schema, one.row_version)
    found.rows.append(
        RetainedRow(
            customer=customer,
            value_id=one.value_id,
            name=one.field,
            purpose=law.purpose,
            law=law.law,
            until=law.until,
            happened_at=at,
            schema=one.schema,
            row_version=one.row_version,
            sealed=seal_value(it.deps.keys.keks, new, place, plain),
        )
    )


async def _events(
    it: Unit, customer: CustomerId, laws: Sequence[Kept]
) -> AsyncIterator[tuple[SealedValue, datetime]]:
    """Give the contact events whose kinds a law keeps, by pages."""
    named = {
        one.removeprefix(_EVENT) for law in laws for one in law.names if one.startswith(_EVENT)
    }
    before: interaction.Place | None = None
    while named:
        rows = await interaction.load_page(
            it.conn, customer, kinds=sorted(named), before=before, limit=_PAGE
        )
        for row in rows:
            place = (row.interaction_id, row.schema, row.row_version)
            yield SealedValue(name(row.kind), *place, row.sealed), row.at
        if len(rows) < _PAGE:
            return
        before = interaction.Place(rows[-1].at, rows[-1].interaction_id)
