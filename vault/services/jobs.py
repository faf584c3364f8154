"""Run what must happen after a commit: mails that wait, and old one-time rows that may go.

Any number of processes run this loop; a lease on each job picks who does it, at least once, so what
is done here may be done twice. A job that fails waits a while, longer each time, and in the end
stands parked for staff. The loop asks each second, and at once when this process queued something.
Source: ecosystem note, 10.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from vault.core.errors import VaultError
from vault.crypto.random import random_bytes, uuid4
from vault.services import (
    alert,
    app_use,
    barrier,
    budget,
    code_notice,
    code_sweep,
    erase,
    export_job,
    mail,
    numbers,
    reminder,
    replay_job,
    retention_job,
    spent,
    survey_job,
    trait_job,
)
from vault.services.deps import Deps
from vault.services.session import LONGEST
from vault.store import (
    commit,
    confirmation,
    job,
    lease,
    limit,
    session,
    sign_in,
    survey,
    sweeps,
    sweeps_retention,
)
from vault.store.engine import Conn
from vault.store.job import JobRow

Handler = Callable[[Deps, JobRow], Awaitable[None]]

POLL: Final = 1.0  # seconds between two questions
TOGETHER: Final = 5  # jobs of one claim; all run at once, well within the lease
TRIES: Final = 12  # the last one comes hours after the first
SWEEP: Final = timedelta(minutes=1)  # old rows go once a minute, by one process

HANDLERS: Final[Mapping[str, Handler]] = {
    code_notice.KIND: code_notice.carry_out,
    code_sweep.KIND: code_sweep.carry_out,
    erase.KIND: erase.carry_out,
    erase.TRAIL: erase.follow,
    export_job.KIND: export_job.carry_out,
    mail.KIND: mail.carry_out,
    replay_job.KIND: replay_job.carry_out,
    retention_job.KIND: retention_job.carry_out,
    trait_job.KIND: trait_job.carry_out,
    survey_job.KIND: survey_job.carry_out,
}
# What takes minutes has a slot of its own, one at a time, so that no mail waits for it.
LONG: Final = frozenset({export_job.KIND, replay_job.KIND, trait_job.KIND})

# The bells of the loops that run in this process.
_bells: Final[set[asyncio.Event]] = set()
logger = structlog.get_logger()


def wake() -> None:
    """Let the loop of this process look at once; a hint, nothing depends on it."""
    for bell in _bells:
        bell.set()


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Work until told to stop; what is short and under way is finished first."""
    long = asyncio.create_task(_loop(deps, stop, frozenset(LONG), sweeps=False), name="long jobs")
    try:
        await _loop(deps, stop, frozenset(HANDLERS) - LONG, sweeps=True)
    finally:
        # What is long is left: another worker begins it anew when its lease is over.
        long.cancel()
        await asyncio.wait({long})


async def _loop(deps: Deps, stop: asyncio.Event, kinds: frozenset[str], *, sweeps: bool) -> None:
    bell = asyncio.Event()
    _bells.add(bell)
    clock = asyncio.get_running_loop().time
    swept = clock()
    try:
        while not stop.is_set():
            bell.clear()
            try:
                await round_once(deps, kinds)
                if sweeps and clock() - swept >= SWEEP.total_seconds():
                    swept = clock()
                    await sweep(deps)
                    await reminder.sweep(deps)
                    await alert.sweep(deps)
                    await retention_job.daily(deps)
                    await barrier.nightly(deps)
                    await replay_job.daily(deps)
                    await numbers.nightly(deps)
                    await trait_job.daily(deps)
                    await survey_job.hourly(deps)
            except VaultError as error:  # the database is away: the loop outlives it
                logger.warning("jobs-wait", error=type(error).__name__)
            await _rest(bell, stop)
    finally:
        _bells.discard(bell)


async def round_once(deps: Deps, kinds: frozenset[str] = frozenset(HANDLERS)) -> int:
    """Do every job of these kinds that is due and free, and return how many were tried."""
    done = 0
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        buckets = await job.due_buckets(conn, now=now, kinds=sorted(kinds))
    for bucket in buckets:
        while rows := await _claim(deps, bucket, kinds):
            await asyncio.gather(*(_work(deps, row) for row in rows))
            done += len(rows)
    return done


async def sweep(deps: Deps) -> bool:
    """Delete one-time rows that are over; False when another process did so within the minute."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, "sweep", holder=uuid4(), length=SWEEP) is not None

    if not await commit.claim(deps.database, mine):
        return False
    now = deps.clock.now()

    async def work(conn: Conn) -> None:
        await sign_in.prune(conn, before=now - LONGEST)
        await confirmation.prune(conn, before=now)
        await session.prune(conn, before=now - 2 * LONGEST)
        await survey.prune(conn, before=now)
        await limit.prune(conn, now_ms=int(now.timestamp() * 1000))
        await sweeps.forget_retained(conn, now=now)
        await budget.prune(conn, now=now)
        await app_use.prune(conn, now=now)
        await sweeps_retention.forget_holds(conn, now=now)

    await commit.request(deps.database, work)
    await spent.forget(deps)
    await export_job.forget(deps)
    return True


async def _claim(
    deps: Deps, bucket: int, kinds: frozenset[str] = frozenset(HANDLERS)
) -> list[JobRow]:
    together = 1 if kinds <= LONG else TOGETHER

    async def work(conn: Conn) -> list[JobRow]:
        return await job.claim(
            conn, bucket, now=deps.clock.now(), kinds=sorted(kinds), limit=together
        )

    return await commit.claim(deps.database, work)


async def _work(deps: Deps, row: JobRow) -> None:
    try:
        await HANDLERS[row.kind](deps, row)
    except Exception as error:  # noqa: BLE001  one broken job must not stop the others
        logger.warning("job-failed", kind=row.kind, tries=row.tries, error=type(error).__name__)
        await _later(deps, row)
        return

    async def done(conn: Conn) -> None:
        await job.complete(conn, row)

    await commit.request(deps.database, done)


async def _later(deps: Deps, row: JobRow) -> None:
    now = deps.clock.now()
    jitter = random_bytes(1)[0] / 255

    async def give_back(conn: Conn) -> None:
        if row.tries >= TRIES:
            await job.park(conn, row, now=now)
            return
        await job.retry(conn, row, now=now, jitter=jitter)

    # The lease ends by itself when even this fails.
    with contextlib.suppress(VaultError):
        await commit.request(deps.database, give_back)


async def _rest(bell: asyncio.Event, stop: asyncio.Event) -> None:
    pause = POLL * (0.8 + 0.4 * random_bytes(1)[0] / 255)
    waits = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(stop.wait())]
    await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()
