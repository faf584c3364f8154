"""Run one use case in one transaction, with the entries that tell of it, and one commit.

The work reads and changes rows and says what it did; the entries go in with the same COMMIT, so
there is no change without its record and no record of a change that did not happen.
Source: DESIGN 6; access-log note, 3.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from vault.core.recorded import Recorded
from vault.services.deps import Deps
from vault.services.draft import Draft, SystemDraft
from vault.services.lane import Lane
from vault.services.lanes import Appended
from vault.store import commit
from vault.store.engine import Conn

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unit:
    """One use case under way: its transaction, its time, and what the log will tell of it."""

    conn: Conn
    now: datetime
    deps: Deps
    drafts: list[Draft | SystemDraft] = field(default_factory=list)

    def log(self, draft: Draft | SystemDraft) -> None:
        """Add an entry, which goes in with the commit."""
        self.drafts.append(draft)


async def run(
    deps: Deps, work: Callable[[Unit], Awaitable[T]], *, batch: bool = False
) -> tuple[T, list[Recorded]]:
    """Run `work`, commit it with its entries, and return its result and the proofs.

    A caller that is cancelled leaves the transaction to its end.

    Args:
        deps: what the work may touch.
        work: may run several times, each in a fresh transaction; keeps nothing from a failed run.
        batch: one batch record for all entries, at most 1,000, with one receipt.

    Returns:
        The result, and one proof for each entry about a customer, in the order of `log`.

    Raises:
        BusyError: nothing was changed; an `OutcomeUnknownError` says that it may have been.
        ConflictError: a row that must be unique is there already.
        TooLargeError: an entry has no place in the log.
    """
    deps.appender.check_open()
    return await deps.appender.lanes.carry(_run(deps, work, batch=batch))


async def _run(
    deps: Deps, work: Callable[[Unit], Awaitable[T]], *, batch: bool
) -> tuple[T, list[Recorded]]:
    lanes = deps.appender.lanes
    lane: Lane | None = None
    appended: Appended | None = None

    async def transaction(conn: Conn) -> T:
        nonlocal lane, appended
        appended = None
        unit = Unit(conn, deps.clock.now(), deps)
        result = await work(unit)
        if unit.drafts:
            if lane is None:  # a run that is tried again keeps the lane that it holds
                lane = await held.enter_async_context(lanes.lane())
            appended = await lanes.append(conn, lane, unit.drafts, batch=batch)
        return result

    with lanes.looking():
        async with AsyncExitStack() as held:
            result = await commit.request(deps.database, transaction)
            return result, deps.appender.committed(appended) if appended else []
