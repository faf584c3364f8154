"""Give a customer a loyalty card: a number that nobody has, found by its blind index alone.

An app that may write the field issues one, recorded as any write; a customer may ask for another,
which is their own write. Whoever has a card gets no second one by accident: it is replaced only where
that is said, and the old number is released, so that a card that was found opens nothing.
Source: docs/api.md, at the till; vault/core/card.py.
"""

from dataclasses import dataclass, replace
from typing import Final

from policies.model import Source
from vault.core import card as rules
from vault.core.errors import (
    BusyError,
    ConflictError,
    IdentifierTakenError,
    NotAvailableError,
    VaultError,
)
from vault.core.ids import CustomerId
from vault.crypto.random import digits
from vault.services import field as own_field
from vault.services import identifier, tombstone, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import check_names
from vault.services.load import Load, load_locked, values_of
from vault.services.profile import Change, apply, decide_write, refuse
from vault.services.unit import Unit

TRIES: Final = 8  # numbers that may be somebody's already
HAS_ONE: Final = "This customer has a card. Send replace: true to let it end and give another."


@dataclass(frozen=True, slots=True)
class Issued:
    """A card that was given."""

    field: str
    number: str
    replaced: bool  # whether an older one ended by it
    receipt: str


async def issue(deps: Deps, ask: Ask, *, replaces: bool) -> Issued:
    """Give a card to a customer.

    Args:
        deps: what the use case may touch.
        ask: of an app, to write the one field that identifies by card.
        replaces: whether a card that the customer has ends by it.

    Raises:
        UnknownFieldError, OutsideTokenError, NotAvailableError, WrongSourceError: recorded.
        ConflictError: the customer has one, and it is not to be replaced; recorded.
        BusyError: nothing was written.
    """
    (name,) = ask.names

    async def work(it: Unit) -> Issued | VaultError:
        load = await load_locked(it.conn, deps.codes, ask.customer, at=it.now)
        decided = decide_write(deps, ask, load, Change({name: ""}, Source.OBSERVED))
        check_names([decided])
        if decided.withheld:
            return refuse(it, decided)
        has_one = name in values_of(load, (name,))
        if has_one and not replaces:
            return refuse(it, decided, ConflictError(HAS_ONE))
        number = await _free(it, load, name)
        refusal = await apply(it, ask, load, Change({name: number}, Source.OBSERVED))
        return refusal or Issued(name, number, has_one, "")

    for _ in range(TRIES):
        try:
            done, records = await unit.run(deps, work)
        except IdentifierTakenError:  # somebody was given this number at this very moment
            continue
        if isinstance(done, IdentifierTakenError):
            continue
        refused = isinstance(done, VaultError)
        deps.uses.count(ask, () if refused else ask.names, now=deps.clock.now())
        if isinstance(done, VaultError):
            raise done
        return replace(done, receipt=records[0].receipt)
    raise BusyError


async def renew(deps: Deps, customer: CustomerId, name: str, *, version: int, request: str) -> None:
    """Give customers another number, or a first one, because they ask for it.

    Args:
        deps: what a use case may touch.
        customer: whose card.
        name: of the field.
        version: of the row that the customer saw; 0 for none.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: there is no such field, or it cannot be told.
        ConflictError: another number stands there by now: a form that was sent twice.
        TooManyError: too many numbers were asked for within the hour.
        BusyError: nothing was written.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    if name not in rules.fields(rulebook):
        raise NotAvailableError
    for _ in range(TRIES):
        try:
            await own_field.correct(
                deps, customer, name, _fresh(deps), version=version, request=request
            )
        except IdentifierTakenError:
            continue
        return
    raise BusyError


def _fresh(deps: Deps) -> str:
    return rules.number(deps.card_range, digits(rules.chances(deps.card_range)))


async def _free(it: Unit, load: Load, name: str) -> str:
    """Return a number that nobody has, nor somebody who was erased had."""
    for _ in range(TRIES):
        number = _fresh(it.deps)
        one = identifier.identity(it.deps, load.rulebook, field=name, value=number)
        if one is None:
            raise NotAvailableError
        taken = await identifier.find(it.conn, it.deps, one.key)
        if taken is None and not await tombstone.check(it.conn, [one]):
            return number
    raise BusyError
