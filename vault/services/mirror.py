"""Copy the log out of the database: each published checkpoint, and all that it covers, to files.

1. the newest checkpoint must continue the one that the mirror has; a mirror that is ahead is an
   alarm, and nothing is written;
2. tiles and bundles that became full since are copied by pages, each proven before it is written:
   entries hash to their tile, a tile to its place in the one above;
3. then what is not full at this size; then the checkpoint as the newest, and under its size. In
   this order: one that is kept and is newer than the newest would be taken for a rollback.

So whatever the newest checkpoint covers is there, whenever the power goes; what was cut is written
again. It catches up after any outage in bounded memory, and twice is once. The log never waits for
it: how far it lags is told by readiness, `ownship doctor` and the log.
Source: access-log note, 9; docs/recovery.md.
"""

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Final

import structlog

from vault.core.checkpoint import Checkpoint, NotPublishedError
from vault.core.errors import BusyError, LogBrokenError, VaultError
from vault.core.ids import LogId
from vault.core.log_errors import LogBehindError, MirrorDamagedError, MirrorMissingError
from vault.core.merkle import HASH_BYTES, leaf_hash
from vault.core.tiles import ENTRIES, HEIGHT, WIDTH, Nodes, Tile, width_at
from vault.services import anchor, checkpoints, log_tree
from vault.services.anchor import ALARM
from vault.services.checkpoints import Signed
from vault.services.deps import Deps
from vault.services.log_folder import CHECKPOINT, CHECKPOINTS, Folder
from vault.services.situation import unix_ms
from vault.store import commit, logs, tile
from vault.store.engine import Conn, Database

PAGE: Final = 64  # tiles read at once, 512 KB
EVERY_SECONDS: Final = 2.0  # between two looks at the anchor
LATE: Final = timedelta(minutes=1)  # how long a checkpoint may be missing
_TRIES: Final = 100  # while another process copies
_PAUSE: Final = 0.1  # seconds between two
_LENGTH: Final = struct.Struct(">H")

logger = structlog.get_logger()


async def copy(deps: Deps, database: Database, *, anew: bool = False) -> int | None:
    """Bring the mirror to the newest checkpoint; None before the first.

    Args:
        deps: where the mirror is, and whose log.
        database: as the role that leads.
        anew: fill an empty mirror though there was one before.

    Returns:
        The size of the newest checkpoint in the mirror.

    Raises:
        LogBehindError: the mirror is ahead, or says otherwise.
        MirrorForgedError, MirrorForeignError, MirrorMissingError, MirrorDamagedError: the mirror
            is not what it should be; nothing was changed.
        MirrorDownError: it cannot be written; what was there stays.
        LogBrokenError: the checkpoint is not signed by us, or the tiles do not lead to it.
        BusyError: the database does not answer, or another process copies.
    """
    where = anchor.folder(deps, deps.log_id)
    for _ in range(_TRIES):
        try:
            with where.alone():
                return await _copy(deps, database, where, anew=anew)
        except LogBrokenError:
            raise
        except BusyError:
            await asyncio.sleep(_PAUSE)
    raise BusyError


def follower(deps: Deps, database: Database) -> Callable[[Signed], Awaitable[None]]:
    """Return what the publisher tells of each checkpoint; errors as `copy`, which stop nothing."""

    async def follow(_signed: Signed) -> None:
        await copy(deps, database)

    return follow


async def watch(deps: Deps, database: Database, stop: asyncio.Event) -> None:
    """Look again each `EVERY_SECONDS`: a failover that lost commits happens under a running vault.

    While the log is behind, nothing is recorded, so nothing is opened. A mirror that is gone or
    cannot be read stops nothing here: readiness says it, and what is late is copied again.
    """
    while not stop.is_set():
        try:
            await anchor.check(deps)
            deps.appender.is_behind = False
            if await is_late(deps):
                await copy(deps, database)
        except LogBehindError as error:
            if not deps.appender.is_behind:
                logger.critical(ALARM, log=deps.log_id, error=error.code)
            deps.appender.is_behind = True
        except VaultError as error:
            logger.warning("mirror-not-copied", error=error.code)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def is_late(deps: Deps) -> bool:
    """Say whether a checkpoint has been missing in the mirror for longer than `LATE`.

    Raises:
        NotReadyError: as `anchor.read`.
    """
    async with deps.database.connect() as conn:
        held = await anchor.read(deps, conn, deps.log_id)
        size = held.checkpoint.size if held else 0
        signed = await logs.signed_after(conn, deps.log_id, size)
    limit = unix_ms(deps.clock.now() - LATE)
    return signed is not None and signed < limit


async def _copy(deps: Deps, database: Database, where: Folder, *, anew: bool) -> int | None:
    async with database.connect() as conn:
        try:
            # By our own key: one that is not signed must never take the place of one that is.
            newest = await checkpoints.newest(deps, conn, deps.log_id)
        except NotPublishedError:
            return None
        held = await anchor.read(deps, conn, deps.log_id)
        known = await logs.was_mirrored(conn, deps.log_id)
        if held is None and known and not anew:
            raise MirrorMissingError
        before = held.checkpoint if held else None
        await _check(conn, deps.log_id, before, newest.checkpoint)
        size = before.size if before else 0
        if size < newest.size:
            await _copy_tiles(conn, where, deps.log_id, size, newest.size)
    if held:  # the one before may have been cut off here
        await asyncio.to_thread(_remember, where, size, held.text)
    if size < newest.size:
        await asyncio.to_thread(_publish, where, newest, size)
    if not known:

        async def note(conn: Conn) -> None:
            await logs.note_mirror(conn, deps.log_id, at=deps.clock.now())

        await commit.claim(database, note)
    return newest.size


async def _check(conn: Conn, log_id: LogId, before: Checkpoint | None, newest: Checkpoint) -> None:
    if before is None:
        await log_tree.check_root(conn, log_id, newest)
        return
    try:
        await log_tree.check_continues(conn, log_id, before, newest)
    except LogBrokenError:
        raise LogBehindError from None


async def _copy_tiles(conn: Conn, where: Folder, log_id: LogId, old: int, size: int) -> None:
    fresh = _fresh(old, size)
    while several := list(islice(fresh, PAGE)):
        wanted = {*several, *(_above(one, size) for one in several if one.width == WIDTH)}
        held = await tile.hashes(conn, log_id, wanted)
        for one in several:
            if one.width == WIDTH:
                above = held[_above(one, size)]
                at = one.n % WIDTH * HASH_BYTES
                if Nodes(held[one]).root != above[at : at + HASH_BYTES]:
                    raise LogBrokenError
            if one.level == 0:
                start = one.n * WIDTH
                entries = await logs.entries(conn, log_id, start, start + one.width)
                if b"".join(map(leaf_hash, entries)) != held[one]:
                    raise LogBrokenError
                bundle = Tile(ENTRIES, one.n, one.width)
                await asyncio.to_thread(where.keep, bundle, _bundled(entries))
            await asyncio.to_thread(where.keep, one, held[one])


def _publish(where: Folder, newest: Signed, old: int) -> None:
    """Write the checkpoint, and delete what is a part of longer tiles now."""
    where.replace(CHECKPOINT, newest.text.encode())
    _remember(where, newest.size, newest.text.encode())
    for level in range(-1, newest.size.bit_length() // HEIGHT + 1):
        n = old >> HEIGHT * (max(level, 0) + 1)
        last = newest.size >> HEIGHT * (max(level, 0) + 1)
        for one in {n, last}:
            if width := width_at(level, one, newest.size):
                where.drop_shorter(Tile(level, one, width))


def _remember(where: Folder, size: int, text: bytes) -> None:
    """Keep a checkpoint under its size, unless it is kept already."""
    named = f"{CHECKPOINTS}/{size}"
    there = where.read(named)
    if there is None:
        where.replace(named, text)
    elif there.partition(b"\n\n")[0] != text.partition(b"\n\n")[0]:
        raise MirrorDamagedError


def _fresh(old: int, size: int) -> Iterator[Tile]:
    """Give the tiles that are longer at a size than at an old one, from the leaves up."""
    level = 0
    while size >> HEIGHT * level:
        width = size >> HEIGHT * level
        for n in range(old >> HEIGHT * (level + 1), -(-width // WIDTH)):
            yield Tile.at(level, n, size)
        level += 1


def _above(one: Tile, size: int) -> Tile:
    return Tile.at(one.level + 1, one.n // WIDTH, size)


def _bundled(entries: Sequence[bytes]) -> bytes:
    return b"".join(_LENGTH.pack(len(one)) + one for one in entries)
