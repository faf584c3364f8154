"""Show customers who looked: their own lines of the access log, the look at the list among them.

The look at the list is recorded before a line is opened, like every look.
Source: portal note, 2; GDPR 15.
"""

from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.entries import Line, list_entries
from vault.services.load import Load

PAGE = 50  # lines


async def who_looked(
    deps: Deps,
    customer: CustomerId,
    *,
    request: str,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Line]:
    """Record the customer's look at the list and return their lines, the newest first.

    Args:
        deps: what a use case may touch.
        customer: who asks for their own list.
        request: our id of this request; it stands in the entry of this look.
        before: only lines with a smaller index; None for the newest.
        limit: how many at most.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
        NotAvailableError: the customer's audit key is gone or damaged.
    """
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane="customer")
        key = _audit_key(deps, load)
        standing = load.found.standing if load.found else None
        look = Draft(
            customer=customer,
            audit_key=key,
            kind=Kind.OWN_LOOK,
            epoch=standing.epoch if standing else 0,
            actor="customer",
            code=load.rulebook.digest,
            request=request,
            seen=seen,
        )
        await deps.appender.record([look])
    return await list_entries(deps, customer, key, before=before, limit=limit)


async def latest(deps: Deps, customer: CustomerId, *, limit: int) -> list[Line]:
    """Return the newest lines for a page whose own look is recorded already.

    Precondition: the caller has recorded the customer's look in this request.

    Raises:
        NotAvailableError: the customer's audit key is gone or damaged.
    """
    load = await deps.loads.ask(customer, lane="customer")
    return await list_entries(deps, customer, _audit_key(deps, load), limit=limit)


def _audit_key(deps: Deps, load: Load) -> bytes:
    owner, key = audit_key(deps, load)
    if owner != load.customer:
        raise NotAvailableError
    return key
