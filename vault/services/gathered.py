"""Delete what was gathered for a purpose that the customer stops, and nothing else.

Only values that the customer or the contact with them gave, of fields that no other purpose may
use as things stand; never what the customer signs in with or is found by. The page names them
before; what it did not name is not deleted, whatever changed meanwhile. Deleting is the customer's
own write, decided, recorded and all or nothing.
Source: portal note, 3; CDR, deletion choice before the last step.
"""

from collections.abc import Collection, Mapping, Sequence

from policies.decide import ActorKind
from policies.model import Action, Rulebook, Source
from vault.core.ids import CustomerId
from vault.services import profile
from vault.services.ask import Ask
from vault.services.choices import Choice, choices
from vault.services.deps import Deps
from vault.services.profile import Change

_GATHERED = frozenset({Source.TOLD, Source.OBSERVED})


async def sources(deps: Deps, customer: CustomerId) -> Mapping[str, Source]:
    """Return the stored fields of a customer with how each was gathered; nothing is opened."""
    load = await deps.loads.ask(customer, lane="customer")
    rows = load.found.values if load.found else ()
    known = frozenset(Source)
    # Of a row that somebody edited nothing is known, so nothing is offered to be deleted with it.
    return {row.field: Source(row.source) for row in rows if row.source in known}


def alone(
    rulebook: Rulebook, purpose: str, found: Sequence[Choice], stored: Mapping[str, Source]
) -> tuple[str, ...]:
    """Return the stored fields that only this purpose uses, as its customer may delete them."""
    mine = next((one for one in found if one.purpose.id == purpose), None)
    if mine is None:
        return ()
    needed = {name for one in found if one is not mine for name in one.names if one.allows(name)}
    return tuple(
        name
        for name in mine.names
        if stored.get(name) in _GATHERED and name not in needed and _may_delete(rulebook, name)
    )


def _may_delete(rulebook: Rulebook, name: str) -> bool:
    field = rulebook.fields.get(name)
    return field is not None and field.identifies is None and Source.TOLD in field.sources


async def delete(
    deps: Deps, customer: CustomerId, purpose: str, *, named: Collection[str], request: str
) -> tuple[str, ...]:
    """Delete what the page named and nothing else needs; returns what was deleted.

    Raises:
        NotAvailableError: there is no such customer.
        BusyError: nothing was deleted.
    """
    found = await choices(deps, customer)
    stored = await sources(deps, customer)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    names = tuple(one for one in alone(rulebook, purpose, found, stored) if one in named)
    if not names:
        return ()
    ask = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor="customer",
        names=names,
        action=Action.WRITE,
        request=request,
        present=True,
    )
    await profile.write(deps, ask, Change(dict.fromkeys(names), Source.TOLD))
    return names
