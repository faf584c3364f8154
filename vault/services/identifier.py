"""Find a customer by an identifier, and let an identifier belong to one customer alone.

E-mail, phone, card and external id are never stored in clear outside a sealed value: a row is
keyed by the blind index of the normalised text and says, under a MAC, whose it is.
Source: crypto note, 6 and 8; DESIGN 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policies.model import Identifier, Rulebook
from vault.core.errors import IdentifierTakenError, NotReadyError
from vault.core.identifier import normalise, normaliser_of
from vault.core.ids import CustomerId
from vault.crypto import lookup as blind
from vault.services import lookup_row
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store import lookup as store
from vault.store.engine import Conn

Key = lookup_row.Key


@dataclass(frozen=True, slots=True)
class Identity:
    """An identifier as it is looked up."""

    field: str
    key: Key
    marks: tuple[bytes, ...]  # what its tombstone would be, under each living key; the newest last


def identity(deps: Deps, rulebook: Rulebook, *, field: str, value: str) -> Identity | None:
    """Return how a value is looked up; None for a field that identifies nobody.

    Raises:
        WrongValueError: the text is no e-mail address, phone number or card.
    """
    declared = rulebook.fields.get(field)
    if declared is None or declared.identifies is None:
        return None
    number = normaliser_of(declared.identifies)
    text = normalise(declared.identifies, value, region=rulebook.code.publisher.country)
    return Identity(
        field,
        (blind.index(deps.keys.service("index"), field, number, text), number),
        tuple(blind.tombstone(key, number, text) for key in deps.keys.generations("index")),
    )


def of_email(deps: Deps, rulebook: Rulebook, email: str) -> list[Identity]:
    """Return how an e-mail address is looked up, in each field that identifies by one.

    Raises:
        WrongValueError: this is no e-mail address.
        NotReadyError: the code of ethics has no such field.
    """
    fields = [one.name for one in rulebook.code.fields if one.identifies is Identifier.EMAIL]
    found = [identity(deps, rulebook, field=name, value=email) for name in fields]
    known_as = [one for one in found if one is not None]
    if not known_as:
        msg = "The code of ethics has no field that identifies by e-mail, so nobody can sign in."
        raise NotReadyError(msg)
    return known_as


def identities(deps: Deps, rulebook: Rulebook, values: Mapping[str, object]) -> list[Identity]:
    """Return how each identifying value among `values` is looked up.

    Raises:
        WrongValueError: as `identity`.
    """
    found = (
        identity(deps, rulebook, field=name, value=value)
        for name, value in values.items()
        if isinstance(value, str)
    )
    return [one for one in found if one is not None]


async def find(conn: Conn, deps: Deps, key: Key) -> CustomerId | None:
    """Return whose identifier it is; None for nobody's, and for a row that fails its MAC."""
    return (await find_many(conn, deps, [key])).get(key)


async def find_many(conn: Conn, deps: Deps, keys: Sequence[Key]) -> dict[Key, CustomerId]:
    """Return whose identifiers these are; nobody's are left out."""
    rows = await store.find_many(conn, keys)
    intact = lookup_row.check(deps.keys, deps.deployment)
    return {key: row.customer for key, row in rows.items() if intact(row)}


async def claim(unit: Unit, customer: CustomerId, identities: Sequence[Identity]) -> None:
    """Give identifiers to a customer, who may hold them already.

    Raises:
        IdentifierTakenError: one belongs to another customer; the transaction must not commit.
    """
    await claim_many(unit, [(customer, one) for one in identities])


async def claim_many(unit: Unit, claims: Sequence[tuple[CustomerId, Identity]]) -> None:
    """Do what `claim` does for several customers at once.

    Raises:
        IdentifierTakenError: as `claim`.
    """
    deps = unit.deps
    rows = [
        lookup_row.signed(deps.keys, deps.deployment, customer, one.key) for customer, one in claims
    ]
    taken = await store.put_many(unit.conn, rows)
    if not taken:
        return
    owners = await store.find_many(unit.conn, [(row.idx, row.kind) for row in taken])
    for row in taken:
        owner = owners.get((row.idx, row.kind))
        # None: its owner gave it up at this very moment; whoever asked may ask again.
        if owner is None or owner.customer != row.customer:
            raise IdentifierTakenError


async def release(unit: Unit, customer: CustomerId, identities: Sequence[Identity]) -> None:
    """Take identifiers from a customer who has no use for them any more."""
    await store.remove(unit.conn, customer, keys=[one.key for one in identities])
