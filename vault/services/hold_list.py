"""List legal holds as they stand, and find one by its id; nothing is opened.

A hold is proven twice: by the MAC of its row and by the customer's standing row. Where the two do
not say the same, somebody edited the database, and the hold is listed as broken.
Source: GDPR 18(2); DESIGN 8.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services import hold_row
from vault.services.deps import Deps
from vault.services.holds import in_force
from vault.store import customer as customers
from vault.store import legal_hold as store
from vault.store import sweeps_retention
from vault.store.engine import Conn
from vault.store.legal_hold import HoldRow


class State(StrEnum):
    """How a hold stands."""

    STANDS = "stands"
    ENDED = "ended"
    BROKEN = "broken"  # row and standing row do not say the same: somebody edited the database


@dataclass(frozen=True, slots=True)
class Listed:
    """A hold as it is listed; without its reason."""

    customer: CustomerId
    hold_id: UUID
    state: State
    ground: str
    until: datetime
    names: frozenset[str]  # empty for everything
    made_by: str
    made_at: datetime | None  # None: no row says so
    erased: bool = False  # the customer is; what it keeps is sealed


async def list_(deps: Deps, customer: CustomerId | None = None) -> tuple[Listed, ...]:
    """Return holds, the first to end first: of one customer or of all.

    Of one customer those are among them that have no row any more; of all, only those with a row.
    """
    async with deps.database.connect() as conn:
        if customer is not None:
            return await _of(deps, conn, customer, await store.load(conn, customer))
        rows = await sweeps_retention.holds(conn)
        owners = dict.fromkeys(row.customer for row in rows)
        found: list[Listed] = []
        for owner in owners:
            mine = [row for row in rows if row.customer == owner]
            found += await _of(deps, conn, owner, mine)
    return tuple(sorted(found, key=lambda one: (one.until, one.hold_id)))


async def find(deps: Deps, hold_id: UUID) -> Listed:
    """Return a hold by its id.

    Raises:
        NotAvailableError: there is none.
    """
    async with deps.database.connect() as conn:
        rows = [row for row in await sweeps_retention.holds(conn) if row.hold_id == hold_id]
        if len(rows) != 1:  # of two with one id somebody put one in
            raise NotAvailableError
        found = await _of(deps, conn, rows[0].customer, await store.load(conn, rows[0].customer))
    return next(one for one in found if one.hold_id == hold_id)


async def _of(
    deps: Deps, conn: Conn, who: CustomerId, rows: Collection[HoldRow]
) -> tuple[Listed, ...]:
    standing = await customers.load_standing(conn, who)
    erased = standing is None
    now = deps.clock.now()
    stand = {one.hold_id: one for one in await in_force(deps, conn, who, at=now)}
    found = []
    for row in rows:
        one = hold_row.proven(deps, row)
        state = State.STANDS if one and (erased or stand.get(one.hold_id) == one) else State.BROKEN
        if one and one.until <= now:
            state = State.ENDED
        found.append(
            Listed(
                customer=who,
                hold_id=row.hold_id,
                state=state,
                ground=row.ground,
                until=row.until,
                names=one.names if one else frozenset(),
                made_by=row.made_by,
                made_at=row.made_at,
                erased=erased,
            )
        )
    known = {row.hold_id for row in rows}
    found += [
        Listed(who, one.hold_id, State.BROKEN, one.ground, one.until, one.names, "", None)
        for one in stand.values()
        if one.hold_id not in known
    ]
    return tuple(sorted(found, key=lambda one: (one.until, one.hold_id)))
