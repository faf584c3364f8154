"""Step 1 of the one path: what is stored about a customer, from the primary, in one snapshot.

The load gate (`vault/services/load_gate.py`) shares one statement among the asks that wait; what it
gives is never kept for a later ask. Rows are handed on as they are: MACs are checked by
`situation`, seals by `open_values`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from policies.model import Rulebook
from vault.core.carry import Step
from vault.core.errors import BusyError
from vault.core.ids import CustomerId
from vault.crypto.field import SealedValue
from vault.crypto.keys import Kind, WrappedKey
from vault.services.codes import Codes
from vault.store.customer import CustomerKeyRow, lock_standing
from vault.store.disclosure import Loaded, load_many
from vault.store.engine import Conn
from vault.store.value import ValueRow

MAX_AGE = 0.25  # seconds between a load and the commit of its record
NO_PASSAGES: Mapping[str, tuple[Step, ...]] = MappingProxyType({})


class LoadTooOldError(BusyError):
    """A load waited so long for its record that a change may have come; nothing is recorded."""


def is_too_old(taken: float | None, now: float) -> bool:
    """Say whether a load may not be recorded any more: it bounds how late a withdrawal can be."""
    return taken is not None and taken < now - MAX_AGE


# Not frozen: each look makes one, and a frozen one takes three times as long to make.
@dataclass(slots=True)
class Load:
    """What step 1 found."""

    customer: CustomerId
    rulebook: Rulebook  # in force at the moment of the load
    at: datetime  # the database's clock
    found: Loaded | None  # None for a customer that the vault does not know
    # Digest of the code that a consent was given under -> the codes that came since.
    passages: Mapping[str, tuple[Step, ...]] = field(default_factory=lambda: NO_PASSAGES)
    taken: float | None = None  # seconds of the loop's clock; None for one inside a transaction

    def key(self, kind: Kind) -> WrappedKey | None:
        """Return the newest generation of one of the customer's keys; None when erased."""
        newest = None
        for row in self.found.keys if self.found else ():
            if row.kind == kind and (newest is None or row.generation > newest.generation):
                newest = row
        return None if newest is None else wrapped(newest)


async def passages_of(
    conn: Conn, codes: Codes, rulebook: Rulebook, found: Iterable[Loaded | None]
) -> Mapping[str, tuple[Step, ...]]:
    """Return what lies between the code in force and those that consents were given under."""
    digests = {row.code_digest for one in found if one for row in one.consents}
    if digests <= {rulebook.digest}:  # as a rule: nothing was published since
        return NO_PASSAGES
    return await codes.passages(conn, digests, rulebook)


def wrapped(row: CustomerKeyRow) -> WrappedKey:
    """Return the key of a row as `crypto` takes it."""
    return WrappedKey(
        customer=row.customer,
        kind=Kind(row.kind),
        generation=row.generation,
        key_id=row.key_id,
        kek_id=row.kek_id,
        blob=row.wrapped,
    )


def sealed(row: ValueRow) -> SealedValue:
    """Return a row as `crypto` opens it; whose it is comes from the record, never from the row."""
    return SealedValue(row.field, row.value_id, row.schema, row.row_version, row.sealed)


def values_of(load: Load, names: Collection[str]) -> dict[str, ValueRow]:
    """Return the stored rows of these fields by name."""
    if load.found is None:
        return {}
    wanted = frozenset(names)
    return {row.field: row for row in load.found.values if row.field in wanted}


async def load_locked(conn: Conn, codes: Codes, customer: CustomerId, *, at: datetime) -> Load:
    """Load one customer inside a transaction that changes it; the standing row stays locked.

    The lock comes first, so that what is read after it is what the change will replace.
    """
    await lock_standing(conn, customer)
    found = (await load_many(conn, [customer]))[0]
    rulebook = await codes.in_force(conn, at)
    passages = await passages_of(conn, codes, rulebook, [found])
    return Load(customer, rulebook, at, found, passages)
