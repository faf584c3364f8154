"""Seal again, under a key of its own, what a law or a legal hold keeps of a customer who is erased.

Nothing else is taken along: a value that no purpose with `keep` uses, and no hold names, is not
looked at, and one that does not open is not kept. What a hold keeps longer than a law stands there a
second time, so that lifting the hold leaves the law's copy and ends its own.
Source: GDPR 17(3)(b) and 17(3)(e); crypto note, 2 and 10.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from vault.core import erasure, hold
from vault.core.erasure import Kept
from vault.core.errors import OpenError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.core.times import unix_ms
from vault.crypto.field import Place, SealedValue, open_each, seal_value
from vault.crypto.keys import Kind, WrappedKey
from vault.crypto.random import uuid7
from vault.services import hold_keep
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
    holds: tuple[tuple[UUID, Kept], ...]  # each with the hold's id
    key: RetainedKeyRow | None  # None: it is stored, with what was kept before
    before: tuple[RetainedRow, ...] = ()  # kept when the customer corrected or deleted it
    rows: list[RetainedRow] = field(default_factory=list)

    async def save(self, conn: Conn) -> tuple[Kept, ...]:
        """Store it, unless it is nothing; return what is kept by which law."""
        if self.rows:
            await retained.put(conn, self.key, self.rows)
        everything = (*self.laws, *(kept for _, kept in self.holds))
        return erasure.of_names(
            everything, frozenset(row.name for row in (*self.rows, *self.before))
        )

    @property
    def used(self) -> frozenset[UUID]:
        """Return the holds that keep something."""
        purposes = {row.purpose for row in (*self.rows, *self.before)}
        return frozenset(one for one, _ in self.holds if hold.purpose(one) in purposes)


async def retain(
    it: Unit,
    load: Load,
    laws: tuple[Kept, ...],
    holds: tuple[tuple[UUID, Kept], ...],
    *,
    recorded: Recorded,
) -> Retained:
    """Open what laws and holds keep, against the record, and seal it again.

    Args:
        it: the erasure's unit, which holds the customer's lock.
        load: of the customer, with all values.
        laws: from `erasure.kept`.
        holds: id of a legal hold, and what it keeps.
        recorded: names what may be opened.
    """
    new, row = await hold_keep.key_of(it, load.customer)
    before = tuple(await retained.load(it.conn, load.customer))
    found = Retained(laws, holds, row, before)
    old = load.key(Kind.PROFILE)
    if old is None or recorded.customer != load.customer:
        return found
    values = load.found.values if load.found else ()
    for value in values:
        _keep(it, found, old, new, recorded, sealed(value), value.gathered_at)
    async for event, at in _events(it, load.customer, (*laws, *(kept for _, kept in holds))):
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
    keepers = [] if law is None else [(law.purpose, law)]
    keepers += [
        (hold.purpose(hold_id), kept)
        for hold_id, kept in found.holds
        if one.field in kept.names and (law is None or law.until < kept.until)
    ]
    if not keepers:
        return
    try:
        (plain,) = open_each(recorded, it.deps.keys.keks, old, [one])
    except OpenError:
        return
    for number, (purpose, kept) in enumerate(keepers):
        value_id = one.value_id if number == 0 else uuid7(unix_ms(it.now))
        place = Place(recorded.customer, one.field, value_id, one.schema, one.row_version)
        found.rows.append(
            RetainedRow(
                customer=recorded.customer,
                value_id=value_id,
                name=one.field,
                purpose=purpose,
                law=kept.law,
                until=kept.until,
                happened_at=at,
                schema=one.schema,
                row_version=one.row_version,
                sealed=seal_value(it.deps.keys.keks, new, place, plain),
            )
        )


async def _events(
    it: Unit, customer: CustomerId, laws: Sequence[Kept]
) -> AsyncIterator[tuple[SealedValue, datetime]]:
    """Give the contact events whose kinds are kept, by pages."""
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
