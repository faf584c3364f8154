"""Compare the log with its anchor: the newest checkpoint of the mirror, outside of the database.

1. the anchor is read, and must be signed by a key of this log, under its origin;
2. the log must be at least as long, and its tree must continue the anchor's.

A database that was restored, or a replica that lost commits, is found so, before anything is opened
or signed: what was withdrawn or erased since must not come back. A mirror that is empty is filled,
once; one that was there and is gone is an error of its own, and so is one of a later log.
Source: access-log note, 9; docs/recovery.md.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from vault.core.checkpoint import Checkpoint
from vault.core.errors import FormatError, LogBrokenError, NotReadyError, SignatureError
from vault.core.ids import LogId
from vault.core.log_errors import (
    MirrorDownError,
    MirrorForeignError,
    MirrorForgedError,
    MirrorMissingError,
    RecoveryUnfinishedError,
)
from vault.crypto import note
from vault.services import log_edited, log_tree
from vault.services.deps import Deps
from vault.services.log_folder import CHECKPOINT, Folder
from vault.store import logs, service_key
from vault.store.engine import Conn
from vault.store.integration import Head

NAME: Final = "mirror"  # in the home, unless OWNSHIP_MIRROR says where
USE: Final = "log"  # the service key that signs checkpoints
ALARM: Final = "log-behind-anchor"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint that the mirror holds."""

    checkpoint: Checkpoint
    text: bytes  # the signed note


def folder(deps: Deps, log_id: LogId) -> Folder:
    """Return where a log is mirrored: the first in the folder itself, a later one below it."""
    top: Path = deps.mirror or deps.home / NAME
    return Folder(top / str(log_id) if log_id else top)


async def check(deps: Deps) -> None:
    """Compare the log with its anchor, before anything is opened.

    Raises:
        RecoveryUnfinishedError: `ownship log recover` has not come to its end.
        LogBehindError: the log is behind its anchor, or says otherwise; it is a LogEditedError
            where somebody wrote over its rows.
        MirrorForgedError, MirrorForeignError: the anchor is not this log's.
        MirrorMissingError: there was a mirror, and it is gone.
        MirrorDownError: it cannot be read.
    """
    async with deps.database.connect() as conn:
        heads = await logs.standing(conn)
        if len(heads) > 1:
            raise RecoveryUnfinishedError
        for head in heads:
            await compare(deps, conn, head)


async def compare(deps: Deps, conn: Conn, head: Head) -> None:
    """Compare one log with its anchor; errors as `check`."""
    found = await read(deps, conn, head.log_id)
    if found is None:
        # A recovery mirrors the log that it opens; without that a row would do in its place.
        if head.log_id or await logs.was_mirrored(conn, head.log_id):
            raise MirrorMissingError
        return
    try:
        await log_tree.check_continues(conn, head.log_id, found.checkpoint, log_tree.of(head))
    except LogBrokenError:
        where = folder(deps, head.log_id)
        size = found.checkpoint.size
        raise await log_edited.told_apart(conn, where, head, anchored=size) from None


async def before_signing(deps: Deps, conn: Conn, head: Head) -> None:
    """Look at a head before it is signed.

    Raises:
        LogBrokenError: it must not be signed. A mirror that cannot be read stops no signature.
    """
    try:
        await compare(deps, conn, head)
    except (MirrorDownError, MirrorMissingError) as error:
        logger.error("anchor-not-read", log=head.log_id, error=error.code)  # the log goes on
    except NotReadyError as error:
        logger.critical(ALARM, log=head.log_id, error=error.code)
        raise LogBrokenError from error


async def read(deps: Deps, conn: Conn, log_id: LogId) -> Anchor | None:
    """Return the anchor of a log; None where nothing is mirrored yet.

    Raises:
        MirrorForgedError: no key of this log signed it.
        MirrorForeignError: it is of another log.
        MirrorDownError: it cannot be read.
    """
    where = folder(deps, log_id)
    text = await asyncio.to_thread(where.read, CHECKPOINT)
    if text is None:
        return None
    return opened(text, deps.origin_of(log_id), await publics(conn))


async def publics(conn: Conn) -> tuple[bytes, ...]:
    """Return every public key that ever signed the log."""
    rows = await service_key.load_all(conn)
    return tuple(row.public for row in rows if row.use == USE and row.public is not None)


def opened(text: bytes, origin: str, publics: tuple[bytes, ...]) -> Anchor:
    """Return a checkpoint that a key of the log signed; errors as `read`."""
    if text.partition(b"\n")[0] != origin.encode():
        raise MirrorForeignError
    try:
        body = note.open_(text, note.known(origin, *publics))
        return Anchor(Checkpoint.parse(body, origin), text)
    except (SignatureError, FormatError):
        raise MirrorForgedError from None
