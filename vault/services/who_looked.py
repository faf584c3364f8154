"""Show customers who looked: their own lines of the access log, the look at the list among them.

The look at the list is recorded before a line is opened, like every look.
Source: portal note, 2; GDPR 15.
"""

from typing import Final

from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.core.look import EVERYTHING, Line, Wanted, Who
from vault.services import look_search
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.entries import list_entries, opened
from vault.services.load import Load
from vault.services.look_search import Found
from vault.store import leaf

PAGE: Final = 50  # lines


async def who_looked(
    deps: Deps,
    customer: CustomerId,
    *,
    request: str,
    wanted: Wanted = EVERYTHING,
    before: int | None = None,
    limit: int = PAGE,
    count: bool = False,
) -> Found:
    """Record the customer's look at the list and return the lines that they want.

    Args:
        deps: what a use case may touch.
        customer: who asks for their own list.
        request: our id of this request; it stands in the entry of this look.
        wanted: the filter.
        before: only lines at a smaller place; None for the newest.
        limit: how many at most.
        count: count the wanted lines by day too.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
        NotAvailableError: the customer's audit key is gone or damaged.
    """
    key = await _looked(deps, customer, request=request)
    return await look_search.search(
        deps, customer, key, wanted, before=before, limit=limit, count=count
    )


async def one(deps: Deps, customer: CustomerId, place: int, *, request: str) -> Line:
    """Record the customer's look and return the line at a place of the log.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
        NotAvailableError: the line is not on this customer's list.
    """
    async with deps.database.connect() as conn:
        if not await leaf.is_listed(conn, customer, place):
            raise NotAvailableError
    key = await _looked(deps, customer, request=request)
    async with deps.database.connect() as conn:
        (line,) = await opened(deps, conn, [place], key)
    return line


async def usage(
    deps: Deps,
    customer: CustomerId,
    *,
    request: str,
    offset: int,
    limit: int,
    before: int | None = None,
) -> list[Line]:
    """Record the customer's look and return their lines by number, the newest first.

    Args:
        deps: what a use case may touch.
        customer: who asks for their own list.
        request: our id of this request.
        offset: number of the first line, from 1.
        limit: how many at most.
        before: only lines at a smaller place, among which the numbers count.

    Raises:
        BusyError, NotAvailableError: as `who_looked`.
    """
    key = await _looked(deps, customer, request=request)
    return await list_entries(deps, customer, key, before=before, limit=limit, skip=offset - 1)


async def latest(deps: Deps, customer: CustomerId, *, limit: int) -> list[Line]:
    """Return the newest lines for a page whose own look is recorded already.

    Precondition: the caller has recorded the customer's look in this request.

    Raises:
        NotAvailableError: the customer's audit key is gone or damaged.
    """
    return await lines_before(deps, customer, before=None, limit=limit)


async def others(deps: Deps, customer: CustomerId, *, limit: int) -> Found:
    """Return the newest looks of others, however often the customer looked since; as `latest`."""
    load = await deps.loads.ask(customer, lane="customer")
    wanted = Wanted(who=Who.OTHERS)
    return await look_search.search(deps, customer, _audit_key(deps, load), wanted, limit=limit)


async def lines_before(
    deps: Deps, customer: CustomerId, *, before: int | None, limit: int
) -> list[Line]:
    """Return lines from a place on, for a page whose own look is recorded; errors as `latest`."""
    load = await deps.loads.ask(customer, lane="customer")
    return await list_entries(deps, customer, _audit_key(deps, load), before=before, limit=limit)


async def _looked(deps: Deps, customer: CustomerId, *, request: str) -> bytes:
    """Record a look at the list, and return the audit key that opens it."""
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
    return key


def _audit_key(deps: Deps, load: Load) -> bytes:
    owner, key = audit_key(deps, load)
    if owner != load.customer:
        raise NotAvailableError
    return key
