"""Add a customer: keys and standing row of their own, values by the mirrored path.

A customer is never made from an identifier that somebody holds already, and never merged in
silence. What an app or a command may add is decided field by field, as any write.
Source: DESIGN 6 and 7; INTERFACES, customer add and resolve.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime

from policies.decide import ActorKind
from policies.model import Action, Rulebook, Source
from vault.core.errors import ErasedError, IdentifierTakenError, VaultError, WrongValueError
from vault.core.ids import NOBODY, CustomerId
from vault.crypto.keys import Kind, new_key
from vault.crypto.random import uuid7
from vault.services import identifier, profile, standing, tombstone, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.identifier import Identity
from vault.services.load import Load
from vault.services.profile import Change
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import customer as store
from vault.store.customer import CustomerKeyRow
from vault.store.disclosure import Loaded


async def add(
    deps: Deps,
    values: Mapping[str, object],
    *,
    source: Source,
    request: str | None = None,
    gathered_at: datetime | None = None,
) -> CustomerId:
    """Add a customer by an operator's command, in a transaction of its own.

    Raises:
        UnknownFieldError, WrongSourceError, WrongValueError: nothing is added.
        IdentifierTakenError, ErasedError: likewise; it is somebody's, or was until an erasure.
        BusyError: nothing is added.
    """
    change = Change(values, source, gathered_at)

    async def work(it: Unit) -> CustomerId:
        ask = operator(tuple(values), request=request)
        return (await create(it, ask, change)).customer

    made, _ = await unit.run(deps, work)
    return made


def operator(names: tuple[str, ...], *, request: str | None = None) -> Ask:
    """Return the ask of a command that writes, decided by field and source without a purpose."""
    return Ask(
        customer=NOBODY,  # whom the write makes or finds comes from its load
        kind=ActorKind.OPERATOR,
        actor="operator",
        names=names,
        action=Action.WRITE,
        request=request,
    )


async def create(it: Unit, ask: Ask, change: Change) -> Load:
    """Make a customer within a transaction and write the first values.

    Returns:
        The new customer as a load, with keys and standing row and without the values just written.

    Raises:
        VaultError: what refuses the write; the transaction must not commit.
    """
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    load = unsaved(it.deps, rulebook, now=it.now)
    known_by = _identities(it, load.rulebook, change)
    if await identifier.find_many(it.conn, it.deps, [one.key for one in known_by]):
        raise IdentifierTakenError
    if await tombstone.check(it.conn, known_by):
        raise ErasedError
    refusal = await save(it, ask, load, change)
    if refusal is not None:
        raise refusal
    return load


def unsaved(deps: Deps, rulebook: Rulebook, *, now: datetime) -> Load:
    """Return a customer who is nowhere yet: an id, keys, and a standing row that subtracts nothing."""
    customer = CustomerId(uuid7(unix_ms(now)))
    keys = tuple(_key(deps, customer, kind) for kind in (Kind.PROFILE, Kind.AUDIT))
    row = standing.fresh(deps, customer)
    return Load(customer, rulebook, now, Loaded(row, keys, (), ()))


async def save(it: Unit, ask: Ask, load: Load, change: Change) -> VaultError | None:
    """Store a prepared customer with the first values; returns what refuses the write.

    After a refusal the transaction must not commit.
    """
    if load.found is None or load.found.standing is None:
        msg = "save takes what unsaved made"
        raise ValueError(msg)
    await store.create(it.conn, [load.found.standing], keys=load.found.keys, at=it.now)
    return await profile.apply(it, ask, load, change)


def _identities(it: Unit, rulebook: Rulebook, change: Change) -> list[Identity]:
    """Return how each identifier is looked up; what is none is refused by the write."""
    found = []
    for name, value in change.values.items():
        with contextlib.suppress(WrongValueError):
            if isinstance(value, str):
                one = identifier.identity(it.deps, rulebook, field=name, value=value)
                found += [one] if one else []
    return found


def _key(deps: Deps, customer: CustomerId, kind: Kind) -> CustomerKeyRow:
    key = new_key(deps.keys.keks, customer, kind)
    return CustomerKeyRow(
        customer=customer,
        kind=kind,
        generation=key.generation,
        key_id=key.key_id,
        kek_id=key.kek_id,
        wrapped=key.blob,
    )
