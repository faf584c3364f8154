"""Let a customer object to what is done without asking, and take the objection back.

Only a legitimate interest and a public task can be objected to (GDPR 21); a contract and a law
cannot, and the page says why. It needs no reason, is done in one press, and bites at the next
look. Objecting twice is once. Taking back is possible whatever the code says by now.
Source: GDPR 21; consent-standards note, 1.
"""

from dataclasses import replace

from vault.core import terms
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services import standing_change, unit
from vault.services.choices import can_object
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.unit import Unit


async def object_(
    deps: Deps, customer: CustomerId, purpose: str, *, request: str | None = None
) -> bool:
    """Record an objection; False when it stands already.

    Raises:
        NotAvailableError: no such customer, or no such purpose that can be objected to.
        OpenError: the standing row is broken; nothing can change.
    """

    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        if not can_object(held.load.rulebook.purposes.get(purpose)):
            raise NotAvailableError
        return await _save(it, held, _names(held) | {purpose}, purpose, Kind.OBJECTED, request)

    changed, _ = await unit.run(deps, work)
    return changed


async def lift(
    deps: Deps, customer: CustomerId, purpose: str, *, request: str | None = None
) -> bool:
    """Take an objection back; False when there is none.

    Raises:
        NotAvailableError: no such customer, or neither an objection nor a purpose to object to.
        OpenError: the standing row is broken; nothing can change.
    """

    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        names = _names(held)
        if purpose not in names and not can_object(held.load.rulebook.purposes.get(purpose)):
            raise NotAvailableError
        return await _save(it, held, names - {purpose}, purpose, Kind.LIFTED, request)

    changed, _ = await unit.run(deps, work)
    return changed


def _names(held: Held) -> frozenset[str]:
    return terms.load_names(held.standing.objections)


async def _save(
    it: Unit, held: Held, names: frozenset[str], purpose: str, kind: Kind, request: str | None
) -> bool:
    after = replace(held.standing, objections=terms.dump_names(names))
    return await standing_change.change(
        it, held, after, kind=kind, purpose=purpose, request=request
    )
