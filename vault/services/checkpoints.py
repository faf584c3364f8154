"""Sign how far the log has come, and hand out the newest signature.

Only a committed head is signed, in a transaction of its own, so no signature leaves before what it
says is durable. It is signed only when it continues the newest checkpoint and the tiles lead to its
root. Each size has one checkpoint: several processes may sign the same head, and one row stands.
Source: access-log note, 4 and 7.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from vault.core.checkpoint import Checkpoint, NotPublishedError
from vault.core.errors import FormatError, LogBrokenError, SignatureError
from vault.core.ids import LogId
from vault.crypto import note
from vault.crypto.signing import SigningKey, sign_note
from vault.services import log_tree
from vault.services.deps import Deps
from vault.store import checkpoint as store
from vault.store import commit, integration
from vault.store.checkpoint import CheckpointRow
from vault.store.engine import Conn, Database
from vault.store.integration import Head

logger = structlog.get_logger()

# Gives the head and holds its row to the end of the transaction; None: nothing may be signed.
Hold = Callable[[Conn], Awaitable[Head | None]]
# Gives the checkpoint of a row that the log's own key has signed; LogBrokenError for any other row.
Believe = Callable[[CheckpointRow], "Signed"]


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it was signed."""

    checkpoint: Checkpoint
    text: str  # the signed note

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self.checkpoint.size


async def publish(
    database: Database,
    key: SigningKey,
    *,
    believe: Believe,
    log_id: LogId,
    now: datetime,
    hold: Hold | None = None,
) -> Signed | None:
    """Sign the committed head, unless that has been done.

    1. hold the head; stop when somebody else does;
    2. it must continue the newest checkpoint, and the tiles must lead to its root;
    3. sign, insert, and commit: only then is it returned.

    Args:
        database: where the log is.
        key: the service key `log`.
        believe: looks at the signature of what was signed before: a row can be edited, and what is
            returned goes to mirror and witnesses.
        log_id: the log.
        now: the time of signing.
        hold: step 1 for processes of which one leads, with whatever else must be looked at
            before a signature; without it the row's lock decides.

    Returns:
        The checkpoint of the head's size, signed here or before; None when there is nothing to
        sign yet, or somebody else does it.

    Raises:
        LogBrokenError: the log cannot be continued; nothing was signed.
        BusyError: not now; nothing was signed, or (`OutcomeUnknownError`) it is not known.
    """

    async def work(conn: Conn) -> Signed | None:
        held = await (hold(conn) if hold else integration.lock(conn, log_id))
        if held is None or not held.size:
            return None
        head = Checkpoint(held.origin, held.size, held.root)
        row = await store.newest(conn, log_id)
        before = believe(row) if row else None
        if before is None:
            await log_tree.check_root(conn, log_id, head)
        else:
            await log_tree.check_continues(conn, log_id, before.checkpoint, head)
        if before and before.size == head.size:
            return before
        text = sign_note(key, head.origin, head.body())
        await store.add(conn, CheckpointRow(log_id, head.size, int(now.timestamp() * 1000), text))
        return Signed(head, text)

    return await commit.records(database, work)


async def newest(deps: Deps, conn: Conn, log_id: LogId) -> Signed:
    """Return the newest checkpoint that the log's own key has signed.

    Raises:
        NotPublishedError: there is none yet, or no such log.
        LogBrokenError: the row is not a checkpoint of its size, or its signature is not ours.
    """
    row = await store.newest(conn, log_id)
    if row is None:
        raise NotPublishedError
    return believed(deps, row)


def believed(deps: Deps, row: CheckpointRow) -> Signed:
    """Return a checkpoint that the log's own key has signed.

    Raises:
        LogBrokenError: the row is not a checkpoint of its size, or its signature is not ours.
    """
    if deps.trees.knows(row.log_id, row.served):
        return _read(row)
    publics = (SigningKey(key.secret).public for key in deps.keys.generations("log"))
    found = verified(row, note.known(deps.origin_of(row.log_id), *publics))
    deps.trees.know(row.log_id, found.text)
    return found


def verified(row: CheckpointRow, keys: note.Keys) -> Signed:
    """Return a checkpoint that one of these keys has signed; errors as for `believed`."""
    found = _read(row)
    try:
        note.open_(found.text.encode(), keys)
    except SignatureError:
        logger.critical("log-broken", log=row.log_id)
        raise LogBrokenError from None
    return found


def _read(row: CheckpointRow) -> Signed:
    body = row.served.partition("\n\n")[0] + "\n"
    try:
        found = Checkpoint.parse(body.encode(), body.partition("\n")[0])
    except FormatError:
        raise LogBrokenError from None
    if found.size != row.size:
        raise LogBrokenError
    return Signed(found, row.served)
