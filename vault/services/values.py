"""Seal and save a customer's field values, and take them away again.

One row a field: the version rises with each write, so that an older ciphertext does not open in a
newer row. Whether a value is the stored one is told by its fingerprint, never by opening it, which
would be a look. Every row is written here, with the MAC of where it comes from; what becomes of a
value afterwards (told, disputed, confirmed) is marked here too.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from policies.model import Source
from vault.core import canonical
from vault.core.errors import OpenError
from vault.core.times import unix_ms
from vault.crypto.field import Place
from vault.crypto.keys import Kind
from vault.crypto.profile_key import ProfileKey
from vault.crypto.random import uuid7s
from vault.services import provenance
from vault.services.deps import Deps
from vault.services.identifier import Key
from vault.services.load import Load, values_of
from vault.services.unit import Unit
from vault.store import lookup as lookup_store
from vault.store import value as value_store
from vault.store.value import ValueRow

SCHEMA = 1  # number of the form of all values


async def save(
    it: Unit,
    load: Load,
    values: Mapping[str, object],
    *,
    keys: Mapping[str, Key],
    source: Source,
    at: datetime | None,
) -> list[ValueRow]:
    """Seal and save values; return their rows.

    Args:
        values: field -> value, of the field's type.
        keys: field -> its key in the lookup, for those that identify.
        source: how they were gathered.
        at: when they were gathered; None for this moment.
    """
    rows = sealed_rows(it.deps, load, {source: values}, keys=keys, at=at, now=it.now)
    await value_store.save(it.conn, rows, at=it.now)
    await _release(it, load, [row.field for row in rows], kept=frozenset(keys.values()))
    return rows


def unchanged(
    it: Unit, load: Load, values: Mapping[str, object], *, source: Source
) -> frozenset[str]:
    """Return the fields whose stored value is this one, from this source; nothing is opened."""
    key = load.key(Kind.PROFILE)
    if key is None or load.found is None:
        return frozenset()
    stored = [
        row for row in load.found.values if row.field in values and row.source == source.value
    ]
    if not stored:
        return frozenset()
    opened = ProfileKey(it.deps.keys.keks, key)
    return frozenset(
        row.field
        for row in stored
        if row.fingerprint == opened.fingerprint(row.field, canonical.dumps(values[row.field]))
    )


async def remove(
    it: Unit, load: Load, fields: Collection[str], *, kept: frozenset[Key] = frozenset()
) -> None:
    """Delete values and release the identifiers among them."""
    if fields:
        await value_store.remove(it.conn, load.customer, fields=fields)
        await _release(it, load, fields, kept=kept)


def sealed_rows(
    deps: Deps,
    load: Load,
    values: Mapping[Source, Mapping[str, object]],
    *,
    keys: Mapping[str, Key],
    at: datetime | None,
    now: datetime,
) -> list[ValueRow]:
    """Seal values into rows that replace the stored ones; nothing is saved.

    Args:
        deps: for the keys.
        load: the customer's.
        values: by source, no field twice.
        keys: field -> its key in the lookup, for those that identify.
        at: when they were gathered; None for this moment.
        now: this moment.

    Raises:
        OpenError: the customer has no profile key any more, or it does not open.
    """
    key = load.key(Kind.PROFILE)
    if key is None:
        raise OpenError
    customer, gathered, found = load.customer, at or now, load.found
    before = {row.field: row for row in found.values} if found else {}
    opened = ProfileKey(deps.keys.keks, key)
    flat = [
        (source.value, name, value)
        for source, several in values.items()
        for name, value in several.items()
    ]
    data = [canonical.dumps(value) for _, _, value in flat]
    prints = [opened.fingerprint(name, text) for (_, name, _), text in zip(flat, data, strict=True)]
    places = [
        Place(customer, name, old.value_id, SCHEMA, old.row_version + 1)
        if (old := before.get(name))
        else Place(customer, name, fresh, SCHEMA, 1)
        for (_, name, _), fresh in zip(flat, uuid7s(unix_ms(now), len(flat)), strict=True)
    ]
    # Who writes the same value again does not make it right.
    disputed = [
        old.disputed_at if (old := before.get(place.field)) and old.fingerprint == kept else None
        for place, kept in zip(places, prints, strict=True)
    ]
    macs = provenance.sign_fresh(
        deps, places, sources=[one[0] for one in flat], gathered_at=gathered, disputed=disputed
    )
    nobody = (None, None)
    return [
        ValueRow(
            customer=customer,
            field=place.field,
            value_id=place.value_id,
            schema=SCHEMA,
            row_version=place.row_version,
            generation=key.generation,
            sealed=sealed,
            source=source,
            gathered_at=gathered,
            idx=(index := keys.get(place.field, nobody))[0],
            idx_kind=index[1],
            fingerprint=kept,
            disputed_at=disputed_at,
            mac=mac,
        )
        for (source, _, _), place, sealed, kept, disputed_at, mac in zip(
            flat, places, opened.seal(places, data), prints, disputed, macs, strict=True
        )
    ]


async def add_many(it: Unit, rows: Sequence[ValueRow]) -> None:
    """Save rows of `sealed_rows`, of customers who are made in this unit: nothing is released."""
    await value_store.add(it.conn, rows, at=it.now)


async def mark(
    it: Unit, load: Load, names: Collection[str], alter: Callable[[ValueRow], ValueRow]
) -> tuple[str, ...]:
    """Let it stand that values were told of, disputed or confirmed; returns the fields it changed.

    A row that does not pass its check is left as it is: no mark may make it good.

    Args:
        it: the unit.
        load: the customer's, under lock.
        names: fields; what is not stored is passed over.
        alter: returns the row with other marks; one that is equal is not written.
    """
    stored = values_of(load, names)
    broken = provenance.damaged(it.deps, load.customer, stored.values(), names=names)
    changed = [
        provenance.sign(it.deps, after)
        for name, row in stored.items()
        if name not in broken and (after := alter(row)) != row
    ]
    await value_store.mark(it.conn, changed)
    return tuple(row.field for row in changed)


async def _release(it: Unit, load: Load, fields: Collection[str], *, kept: frozenset[Key]) -> None:
    """Give up the identifiers that these fields held before, unless they still hold them."""
    rows = load.found.values if load.found else ()
    gone = [
        (row.idx, row.idx_kind)
        for row in rows
        if row.field in fields and row.idx is not None and row.idx_kind is not None
    ]
    await lookup_store.remove(it.conn, load.customer, keys=[key for key in gone if key not in kept])
