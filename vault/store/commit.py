"""Commit: the one place, with one named function for each kind.

Decides when a transaction is tried again and what a lost COMMIT means. It refuses to know what is
committed. `work` may run several times, each time in a fresh transaction, so it must keep nothing
from a run that failed.
Source: DESIGN 3 and 6; docs/scale.md, errors and retries.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from vault.store.engine import Conn, Database
from vault.store.errors import (
    DRIVER_ERRORS,
    TryAgainError,
    WriterClosedError,
    lacks_parent,
    spoils,
    translate,
)
from vault.store.line import Line

T = TypeVar("T")
Work = Callable[[Conn], Awaitable[T]]

RETRIES: Final = 3  # after the first try
RECORD_RETRIES: Final = 1  # many wait for a batch of records; a second loss is answered with 503
PAUSE: Final = (0.010, 0.100)  # seconds between tries, so that two rivals do not meet again
PATIENCE: Final = 5.0  # seconds after which no new try begins


async def request(database: Database, work: Work[T]) -> T:
    """Run one use case in one transaction, commit it and return what `work` returned.

    Raises:
        ConflictError: a row that must be unique is there already.
        BusyError: not now; nothing was changed.
        OutcomeUnknownError: the answer to COMMIT was lost; the change may stand or not.
        StoreDefectError: a statement that our own checks should have stopped.
    """
    return await _run(database, work, RETRIES)


async def records(database: Database, work: Work[T]) -> T:
    """Commit a batch of records of the access log; errors as for `request`."""
    return await _run(database, work, RECORD_RETRIES)


async def claim(database: Database, work: Work[T]) -> T:
    """Commit the claim of one-time values or a count, first and alone; errors as for `request`.

    A claim that rolled back with a refused request would never count.
    """
    return await _run(database, work, RETRIES)


async def at_once(line: Line, statement: str, *parameters: object) -> list[Any]:
    """Run one statement that is its own transaction: records, or claims; errors as for `request`.

    When the answer is lost, so is whether it stands. A record whose writer may not append (any more)
    is a WriterClosedError.
    """
    retries = RECORD_RETRIES
    while True:
        try:
            return await line.fetch(statement, *parameters)
        except DRIVER_ERRORS as error:
            if lacks_parent(error):
                raise WriterClosedError from None
            found = translate(error, committing=True)
            if retries == 0 or not isinstance(found, TryAgainError):
                raise found from None
        retries -= 1
        await asyncio.sleep(_pause(asyncio.get_running_loop().time()))


async def _run(database: Database, work: Work[T], retries: int) -> T:
    clock = asyncio.get_running_loop().time
    start = clock()
    while True:
        try:
            return await _transact(database, work)
        except TryAgainError:
            if retries == 0 or clock() - start > PATIENCE:
                raise
        retries -= 1
        await asyncio.sleep(_pause(clock()))


def _pause(moment: float) -> float:
    """Return a pause within PAUSE; the microseconds of the clock are jitter enough for two rivals."""
    least, most = PAUSE
    return least + (most - least) * (moment * 1_000_000 % 1_000 / 1_000)


async def _transact(database: Database, work: Work[T]) -> T:
    committing = False
    try:
        async with database.writing() as conn:
            try:
                result = await work(conn)
            except DRIVER_ERRORS as error:
                if spoils(error):
                    await conn.invalidate()
                raise
            committing = True
            await _to_the_end(conn.commit())
            committing = False
    except DRIVER_ERRORS as error:
        raise translate(error, committing=committing) from None
    return result


async def _to_the_end(commit: Coroutine[Any, Any, None]) -> None:
    """Let COMMIT finish even when its caller is cancelled: a cut COMMIT has no known outcome."""
    task = asyncio.ensure_future(commit)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
