"""Keep a turn: one process at a time does a piece of work, whatever machine it runs on.

The lease is renewed in the background; when it is lost, because the database did not answer for long,
`lost` is set and the work ends at its next step. A process that was killed gives its turn back by doing
nothing, a minute later.
Source: docs/scale.md, leader lease.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from vault.core.errors import BusyError
from vault.crypto.random import uuid4
from vault.services.deps import Deps
from vault.store import commit, lease
from vault.store.engine import Conn

LENGTH: Final = timedelta(seconds=60)
RENEW_SECONDS: Final = 20.0

logger = structlog.get_logger()


@asynccontextmanager
async def taken(deps: Deps, name: str, *, lost: asyncio.Event) -> AsyncIterator[bool]:
    """Take the turn of a name, or say that somebody else has it.

    Args:
        deps: what a use case may touch.
        name: at most 64 characters.
        lost: set when the turn is over before its time.

    Raises:
        BusyError: the database does not answer.
    """

    async def acquire(conn: Conn) -> int | None:
        return await lease.acquire(conn, name, holder=uuid4(), length=LENGTH)

    fence = await commit.claim(deps.database, acquire)
    if fence is None:
        yield False
        return
    renewing = asyncio.create_task(_renew(deps, name, fence, lost), name="turn")
    try:
        yield True
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})
        with suppress(BusyError):  # then it ends by itself
            await commit.claim(deps.database, partial(lease.release, name=name, fence=fence))


async def _renew(deps: Deps, name: str, fence: int, lost: asyncio.Event) -> None:
    clock = asyncio.get_running_loop().time
    good = clock()
    while not lost.is_set():
        await asyncio.sleep(RENEW_SECONDS)
        renew = partial(lease.renew, name=name, fence=fence, length=LENGTH)
        try:
            held = await commit.claim(deps.database, renew)
        except BusyError:
            held = clock() - good < LENGTH.total_seconds() - RENEW_SECONDS
        else:
            good = clock()
        if not held:
            logger.warning("turn-lost")
            lost.set()
