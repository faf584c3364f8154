"""Tell a log that somebody edited from one that is older than its anchor.

A database that was put back, or a replica that lost commits, is whole in itself: its tiles lead to
its own head, and behind the place where it parts from the mirror nothing is the same any more. Where
the tiles do not lead to the head, or the entries behind a changed one are still those of the mirror,
somebody wrote over rows. The first entry that differs is found by descending the tiles of both, so
it costs two tiles a level, however long the log is.

Nothing here is believed: the vault opens nothing in either case, and only the advice differs.
Source: access-log note, 9; docs/recovery.md, an edited log.
"""

import asyncio
from dataclasses import dataclass

from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.log_errors import LogBehindError, LogEditedError, MirrorDamagedError
from vault.core.merkle import HASH_BYTES
from vault.core.tiles import HEIGHT, WIDTH, Tile, width_at
from vault.services import log_tree
from vault.services.log_folder import Folder
from vault.store import tile
from vault.store.engine import Conn
from vault.store.integration import Head


@dataclass(frozen=True, slots=True)
class _Beside:
    """The log as the database has it, beside the mirror."""

    conn: Conn
    log_id: LogId
    where: Folder
    anchored: int  # size of the anchor

    async def tile(self, level: int, n: int, size: int) -> tuple[list[bytes], list[bytes]]:
        """Return the hashes of a tile at a size: the database's, and the mirror's."""
        width = width_at(level, n, size)
        if not width:
            return [], []
        theirs = await asyncio.to_thread(self.where.tile, Tile.at(level, n, self.anchored))
        wanted = Tile(level, n, width)
        try:
            ours = (await tile.hashes(self.conn, self.log_id, {wanted}))[wanted]
        except LogBrokenError:  # a row is gone, or has not the bytes of one
            ours = b""
        return _cut(ours), _cut(theirs)[:width]


async def told_apart(conn: Conn, where: Folder, head: Head, *, anchored: int) -> LogBehindError:
    """Return the error that says why a log does not continue its anchor.

    Args:
        conn: a connection.
        where: the mirror of the log.
        head: of the log; it does not continue the anchor.
        anchored: size of the anchor.

    Raises:
        MirrorDownError: the mirror cannot be read.
    """
    it = _Beside(conn, head.log_id, where, anchored)
    is_edited = not await _is_whole(conn, head)
    index = None
    try:
        index = await _first(it, min(head.size, anchored))
        if index is not None and head.size >= anchored:
            is_edited = is_edited or await _goes_on_the_same(it, index)
    except MirrorDamagedError:  # a file is missing there: whoever opens it says so
        index = None
    if not is_edited:
        return LogBehindError()
    return LogEditedError() if index is None else LogEditedError.at(index)


async def _is_whole(conn: Conn, head: Head) -> bool:
    """Say whether the tiles lead to the head that the database itself names."""
    try:
        if head.size:
            await log_tree.check_root(conn, head.log_id, log_tree.of(head))
    except LogBrokenError:
        return False
    return True


async def _first(it: _Beside, size: int) -> int | None:
    """Return the first index at which the tiles differ; None where all that are looked at agree."""
    covered = 0  # leaves, by the levels above
    for level in reversed(range(-(-size.bit_length() // HEIGHT))):
        place = await _in_tile(it, level, covered >> HEIGHT * (level + 1), size)
        if place is not None:
            return await _below(it, level, place, size)
        covered = size >> HEIGHT * level << HEIGHT * level
    return None


async def _below(it: _Beside, level: int, place: int, size: int) -> int:
    """Return the first index that differs below a hash that does."""
    while level:
        level -= 1
        found = await _in_tile(it, level, place, size)
        if found is None:  # what is below agrees: the hash above it was edited alone
            return place * WIDTH << HEIGHT * level
        place = found
    return place


async def _in_tile(it: _Beside, level: int, n: int, size: int) -> int | None:
    """Return the first place on a level at which a tile differs; None where it agrees."""
    ours, theirs = await it.tile(level, n, size)
    for at, one in enumerate(theirs):
        if ours[at : at + 1] != [one]:
            return n * WIDTH + at
    return None


async def _goes_on_the_same(it: _Beside, index: int) -> bool:
    """Say whether entries behind one that differs are those of the mirror, at their places.

    Records that waited when commits were lost may come in again in another order, and some of them
    at their old places; so what differs must not stand nearby in the other log.
    """
    n, at = divmod(index, WIDTH)
    last = (it.anchored - 1) // WIDTH
    ours, theirs = await it.tile(0, n, it.anchored)
    if len(ours) != len(theirs):
        return False
    if ours[at] in theirs or theirs[at] in ours:
        return ours[at] == theirs[at]  # a hash above was edited, and no leaf
    if any(mine == its for mine, its in zip(ours[at:], theirs[at:], strict=True)):
        return True
    if last == n:
        return False
    ours, theirs = await it.tile(0, last, it.anchored)
    return ours == theirs


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
