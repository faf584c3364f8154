"""Work all customers' traits out: once a day, in parts that go on where one was cut.

One process a day queues the first part; each part queues the next one, and may be done twice: what
nothing changed of is not looked at again. `ownship traits run` does the same at once. Behind a
decision of a customer, that one's traits have a job of their own (`vault/services/trait_soon.py`).
Source: ecosystem note, 10; scale note, 5 to 8.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import CustomerId
from vault.crypto.random import uuid4, uuid7
from vault.services import trait, trait_soon
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.trait import Tally
from vault.services.trait_plan import Do, worked
from vault.store import commit, job, lease, sweeps
from vault.store.engine import Conn
from vault.store.job import JobRow

KIND: Final = trait_soon.KIND
EVERY: Final = timedelta(days=1)
PART: Final = 500  # customers of one job: some seconds of work


async def daily(deps: Deps) -> bool:
    """Queue a run; False when another process did so within the day, or nothing is worked out."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        if await lease.acquire(conn, KIND, holder=uuid4(), length=EVERY) is None:
            return False
        if not await _is_any(deps, conn):
            return False
        await _queue(deps, conn, at=deps.clock.now(), after=None)
        return True

    return await commit.claim(deps.database, mine)


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Do the part of a job, then queue the next one; or what one customer's decision asks for."""
    if work.ref.startswith(trait_soon.ONE):
        customer = _read(work.ref.removeprefix(trait_soon.ONE))
        if customer is not None:
            await trait.work_out(deps, [customer])
        return
    last, _, _ = await part(deps, _read(work.ref))
    if last is None:
        return
    now = deps.clock.now()
    await commit.request(deps.database, lambda conn: _queue(deps, conn, at=now, after=last))


async def part(deps: Deps, after: CustomerId | None) -> tuple[CustomerId | None, int, Tally]:
    """Work out the traits of the next customers.

    Returns:
        The last of them, None at the end; how many they are, and what came of it.

    Raises:
        BusyError: the part may be done again.
    """
    tally = Tally()
    customers, step = await _next(deps, after)
    for start in range(0, len(customers), step):
        tally += await trait.work_out(deps, customers[start : start + step])
    return _last(customers), len(customers), tally


async def run(deps: Deps, *, told: Callable[[int, Tally], None] | None = None) -> tuple[int, Tally]:
    """Work out the traits of all customers now; returns how many they are, and what came of it.

    Args:
        deps: what a use case may touch.
        told: is called after each part with the customers so far, and what came of them.

    Raises:
        BusyError: the rest is done by the next run.
    """
    count, tally = 0, Tally()
    after: CustomerId | None = None
    while True:
        after, several, some = await part(deps, after)
        count, tally = count + several, tally + some
        if told is not None:
            told(count, tally)
        if after is None:
            return count, tally


async def survey(deps: Deps) -> tuple[int, Counter[Do]]:
    """Say what a run would do, and look at nothing: how many customers there are, and what is due."""
    count, found = 0, Counter[Do]()
    after: CustomerId | None = None
    while True:
        customers, step = await _next(deps, after)
        for start in range(0, len(customers), step):
            found += await trait.due(deps, customers[start : start + step])
        count, after = count + len(customers), _last(customers)
        if after is None:
            return count, found


async def _is_any(deps: Deps, conn: Conn) -> bool:
    """Say whether a trait is worked out by the code in force, or was by an earlier one."""
    rulebook = await deps.codes.in_force(conn, deps.clock.now())
    return bool(worked(rulebook)) or await sweeps.is_worked_out(conn)


async def _next(deps: Deps, after: CustomerId | None) -> tuple[list[CustomerId], int]:
    """Return the customers of the next part, and for how many of them at once."""
    async with deps.database.connect() as conn:
        found = await sweeps.customers_after(conn, after, limit=PART)
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    return [CustomerId(one) for one in found], trait.together(rulebook)


def _last(customers: Sequence[CustomerId]) -> CustomerId | None:
    return customers[-1] if len(customers) == PART else None


async def _queue(deps: Deps, conn: Conn, *, at: datetime, after: CustomerId | None) -> None:
    work = job.new(
        deps.deployment,
        uuid7(unix_ms(deps.clock.now())),
        kind=KIND,
        ref=after.hex if after else "",
        run_at=at,
    )
    await job.add(conn, [work])


def _read(ref: str) -> CustomerId | None:
    if not ref:
        return None
    try:
        return CustomerId(UUID(ref))
    except ValueError:
        raise FormatError from None
