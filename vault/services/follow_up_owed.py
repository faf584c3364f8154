"""List what staff owe customers after contacts, by the day it is due, and find one by its number.

The list leads to follow-ups by number and names nobody. Nothing that was said is opened here; how
one stands is believed from its own row alone.
Source: docs/scale.md, lookup tables.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.model import StaffRole
from vault.core import follow_up as rules
from vault.core.errors import NotAvailableError
from vault.core.follow_up import State
from vault.core.ids import CustomerId
from vault.core.staff import Right
from vault.services import follow_up_row
from vault.services.deps import Deps
from vault.services.follow_up_row import Case
from vault.services.staff import Member
from vault.store import follow_up as store
from vault.store import follow_up_queue
from vault.store.follow_up import FollowUpRow
from vault.store.follow_up_queue import QueueRow


@dataclass(frozen=True, slots=True)
class Owed:
    """A follow-up as staff list it."""

    case: Case
    due: datetime
    overdue: bool


async def owed(
    deps: Deps, *, state: State = State.OPEN, owner: StaffRole | None = None, most: int = 1_000
) -> tuple[Owed, ...]:
    """Return follow-ups in a state, what is due first first; a broken one stands there as broken.

    Args:
        deps: what a use case may touch.
        state: how they stand.
        owner: whose; None for everybody's.
        most: how many at most.
    """
    now = deps.clock.now()
    found: list[Owed] = []
    after: QueueRow | None = None
    async with deps.database.connect() as conn:
        while len(found) < most:
            page = await follow_up_queue.load_page(conn, state, owner=owner, after=after)
            for one in page:
                row = await store.load(conn, one.customer, one.follow_up_id)
                if row is not None and row.number == one.number:
                    case = follow_up_row.case(deps, row)
                    due = case.follow_up.due if case.follow_up else one.due_at
                    late = case.follow_up is None or rules.is_overdue(case.follow_up, now=now)
                    found.append(Owed(case, due, overdue=late))
            if len(page) < follow_up_queue.PAGE:
                break
            after = page[-1]
    return tuple(found[:most])


async def counts(deps: Deps) -> tuple[int, int]:
    """Return how many open follow-ups are late, and how many are not; nothing is opened."""
    async with deps.database.connect() as conn:
        late = await follow_up_queue.count(conn, State.OPEN, before=deps.clock.now())
        return late, await follow_up_queue.count(conn, State.OPEN) - late


async def show(deps: Deps, member: Member, number: str) -> Case:
    """Return how a follow-up stands; nothing that was said is opened.

    Raises:
        NotAvailableError: there is no such number, or this role sees none.
    """
    member.need(Right.SEE_FOLLOW_UPS)
    return follow_up_row.case(deps, await find(deps, number))


async def whose(deps: Deps, number: str) -> CustomerId | None:
    """Return whose follow-up has a number; None for none, and for one that is broken."""
    try:
        row = await find(deps, number)
    except NotAvailableError:
        return None
    return row.customer if follow_up_row.case(deps, row).follow_up else None


async def find(deps: Deps, number: str) -> FollowUpRow:
    """Return the row of a follow-up by its number, as people type it.

    Raises:
        NotAvailableError: there is no such number.
    """
    wanted = number.strip().upper()
    if not (wanted.isascii() and wanted.isalnum() and len(wanted) <= 16):
        raise NotAvailableError
    async with deps.database.connect() as conn:
        found = await follow_up_queue.find(conn, wanted)
        row = await store.load(conn, found.customer, found.follow_up_id) if found else None
    if found is None or row is None or row.number != found.number:
        raise NotAvailableError
    return row
