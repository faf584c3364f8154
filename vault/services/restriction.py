"""Restrict the use of data, and lift it: of everything, or of one field alone.

What is restricted stays stored, and no app reads or changes it; the customer does. It works from
the very next read, for it stands in the customer's standing row, which only subtracts.
Source: GDPR 18; recital 67; DESIGN 6.
"""

from dataclasses import dataclass, replace

from vault.core import terms
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services import unit
from vault.services.choices import look
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.situation import situation
from vault.services.standing_change import CUSTOMER, change
from vault.services.unit import Unit


@dataclass(frozen=True, slots=True)
class Restriction:
    """What of one customer is restricted."""

    whole: bool
    fields: frozenset[str]
    erasing: int = 0  # unix ms at which everything is erased; until then the whole is restricted


async def of(deps: Deps, customer: CustomerId) -> Restriction:
    """Return what is restricted at present; of a broken record everything is.

    Raises:
        NotAvailableError: there is no such customer.
    """
    found = situation(deps, await look(deps, customer))
    whole = found.restricted or not found.intact
    return Restriction(whole, found.terms.restricted_fields, found.terms.erase_at)


async def restrict(
    deps: Deps, customer: CustomerId, *, request: str | None, actor: str = CUSTOMER
) -> bool:
    """Restrict everything; False when it was.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row is broken; nothing can change, and nobody reads anything.
    """
    return await _whole(deps, customer, restricted=True, request=request, actor=actor)


async def lift(
    deps: Deps, customer: CustomerId, *, request: str | None, actor: str = CUSTOMER
) -> bool:
    """Lift the restriction of everything; those of single fields stay. Errors as for `restrict`."""
    return await _whole(deps, customer, restricted=False, request=request, actor=actor)


async def restrict_field(
    deps: Deps, customer: CustomerId, field: str, *, request: str | None
) -> bool:
    """Restrict one field; False when it was. Errors as for `restrict`, and for an unknown field."""
    return await _field(deps, customer, field, restricted=True, request=request)


async def lift_field(deps: Deps, customer: CustomerId, field: str, *, request: str | None) -> bool:
    """Lift the restriction of one field; errors as for `restrict_field`."""
    return await _field(deps, customer, field, restricted=False, request=request)


async def _whole(
    deps: Deps, customer: CustomerId, *, restricted: bool, request: str | None, actor: str
) -> bool:
    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        flags = held.standing.flags & ~terms.RESTRICTED
        after = replace(held.standing, flags=flags | (terms.RESTRICTED if restricted else 0))
        kind = Kind.RESTRICTED if restricted else Kind.LIFTED
        return await change(it, held, after, kind=kind, actor=actor, request=request)

    return (await unit.run(deps, work))[0]


async def _field(
    deps: Deps, customer: CustomerId, field: str, *, restricted: bool, request: str | None
) -> bool:
    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        stated = terms.load_terms(held.standing.terms)
        if restricted and field not in held.load.rulebook.fields:
            raise NotAvailableError
        others = stated.restricted_fields - {field}
        fields = others | {field} if restricted else others
        text = terms.dump_terms(replace(stated, restricted_fields=fields))
        kind = Kind.RESTRICTED if restricted else Kind.LIFTED
        after = replace(held.standing, terms=text)
        return await change(it, held, after, kind=kind, names=(field,), request=request)

    return (await unit.run(deps, work))[0]
