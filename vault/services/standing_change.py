"""Change what only subtracts: a customer's standing terms, objections and restrictions.

1. the customer is held under lock, as for a change of consent;
2. the epoch rises by one, whatever changes; every good consent row follows it;
3. the new standing row and the entry go in with the one commit. A change that changes nothing is
   none: no epoch, no entry.

What a change may be is for the callers; here it is only made to stand.
Source: crypto note, 8; DESIGN 6; access-log note, 2.
"""

from collections.abc import Callable
from dataclasses import replace

from policies.situation import Terms
from vault.core import consent, staff, terms
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.crypto.keys import unwrap
from vault.services import standing, trait_soon, unit
from vault.services.consent_change import Held, hold, reseal
from vault.services.deps import Deps
from vault.services.draft import Draft, StandingNow
from vault.services.unit import Unit
from vault.store import customer as customer_store
from vault.store.customer import StandingRow

CUSTOMER = "customer"


async def change(
    it: Unit,
    held: Held,
    after: StandingRow,
    *,
    kind: Kind,
    names: tuple[str, ...] = (),
    told: tuple[tuple[str, str], ...] = (),
    purpose: str | None = None,
    actor: str = CUSTOMER,
    request: str | None = None,
    case: str | None = None,
) -> bool:
    """Let a new standing row stand; False when it says what the old one said.

    Args:
        it: the unit; its commit makes the change stand.
        held: from `hold` in the same unit.
        after: `held.standing` with other flags, objections or terms; epoch and MAC are set here.
        kind: of the entry: `TERMS`, `OBJECTED`, `RESTRICTED` or `LIFTED`.
        names: fields that the change is about, if it is about some.
        told: what was set or lifted, from `own_terms.told`.
        purpose: that the change is about, if it is about one.
        actor: who changes it.
        request: our id of the request, for the entry.
        case: what staff change it for, if they do.
    """
    before = held.standing
    if (after.flags, after.objections, after.terms) == (
        before.flags,
        before.objections,
        before.terms,
    ):
        return False
    row = standing.sign(it.deps, replace(after, epoch=consent.next_epoch(before.epoch)))
    await customer_store.save_standing(it.conn, row)
    await reseal(it, held, set(), epoch=row.epoch)
    it.log(
        Draft(
            customer=held.load.customer,
            audit_key=unwrap(it.deps.keys.keks, held.audit),
            kind=kind,
            epoch=row.epoch,
            actor=actor,
            code=held.load.rulebook.digest,
            purpose=purpose,
            allowed=(*((name, kind.name.lower()) for name in names), *told),
            request=request,
            case=case,
            handle=staff.handle_of(actor),
            standing=StandingNow(row.flags, row.objections, row.terms),
        )
    )
    await trait_soon.queue(it, held.load.customer, held.load.rulebook)
    return True


async def set_terms(
    deps: Deps,
    customer: CustomerId,
    alter: Callable[[Terms], Terms],
    *,
    kind: Kind = Kind.TERMS,
    names: tuple[str, ...] = (),
    actor: str = CUSTOMER,
    request: str | None = None,
) -> bool:
    """Alter a customer's standing terms in a transaction of their own; False when nothing changes.

    Args:
        deps: what a use case may touch.
        customer: whose terms.
        alter: a pure function; it is given the terms as they stand under the lock.
        kind: of the entry.
        names: fields that the change is about.
        actor: who changes them.
        request: our id of the request.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row is broken; nothing can change.
    """

    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        after = replace(
            held.standing, terms=terms.dump_terms(alter(terms.load_terms(held.standing.terms)))
        )
        return await change(it, held, after, kind=kind, names=names, actor=actor, request=request)

    changed, _ = await unit.run(deps, work)
    return changed
