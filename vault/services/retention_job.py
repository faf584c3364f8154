"""Let the time of what is over end by itself: once a day, in parts that go on where one was cut.

One process a day queues the first part; each part queues the next one, and may be done twice. What a
publication leaves without a clause goes likewise, once its customers were written to.
Source: ecosystem note, 10; scale note, 5 to 8.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.crypto import base64url
from vault.crypto.random import uuid4, uuid7
from vault.services import code_sweep, retention
from vault.services.deps import Deps
from vault.services.retention import Place
from vault.services.situation import unix_ms
from vault.store import commit, job, lease
from vault.store.engine import Conn
from vault.store.job import JobRow

KIND: Final = code_sweep.SWEEP
EVERY: Final = timedelta(days=1)
PART: Final = 200  # rows of one job: well within its lease
_AFTER: Final = struct.Struct(">q16s")  # unix microseconds, id
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


async def daily(deps: Deps) -> bool:
    """Queue a sweep; False when another process did so within the day."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        if await lease.acquire(conn, KIND, holder=uuid4(), length=EVERY) is None:
            return False
        await queue(deps, conn, at=deps.clock.now())
        return True

    return await commit.claim(deps.database, mine)


async def began(deps: Deps) -> tuple[datetime, datetime] | None:
    """Return when the last sweep was queued and when the next one is; None before the first."""
    async with deps.database.connect() as conn:
        until = await lease.until(conn, KIND)
    return None if until is None else (until - EVERY, until)


async def queue(deps: Deps, conn: Conn, *, at: datetime, place: Place | None = None) -> None:
    """Queue a part of a sweep."""
    work = job.new(
        deps.deployment,
        uuid7(unix_ms(deps.clock.now())),
        kind=KIND,
        ref=dump(place or Place()),
        run_at=at,
    )
    await job.add(conn, [work])


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Do the part of a job, then queue the next one."""
    rest = await retention.sweep_some(deps, load(work.ref), most=PART)
    if rest is None:
        return
    now = deps.clock.now()
    await commit.request(deps.database, lambda conn: queue(deps, conn, at=now, place=rest))


def dump(place: Place) -> str:
    """Return a place as the text of a job: at most 100 characters."""
    if place.after is None:
        return place.name
    at, row_id = place.after
    return (
        f"{place.name}/{base64url.encode(_AFTER.pack((at - _EPOCH) // _MICROSECOND, row_id.bytes))}"
    )


def load(ref: str) -> Place:
    """Read a place.

    Raises:
        FormatError: it is not what `dump` wrote.
    """
    name, _, after = ref.partition("/")
    if not after:
        return Place(name)
    try:
        micros, row_id = _AFTER.unpack(base64url.decode(after))
    except struct.error:
        raise FormatError from None
    return Place(name, (_EPOCH + micros * _MICROSECOND, UUID(bytes=row_id)))
