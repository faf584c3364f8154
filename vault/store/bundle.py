"""Read entries as they are published, by their index, without loading more than is asked for.

Source: access-log note, 6; c2sp.org/tlog-tiles.
"""

from sqlalchemy import bindparam, func, select

from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.store.engine import Conn
from vault.store.leaf import log_leaf


async def lengths(conn: Conn, log_id: LogId, places: range) -> list[int]:
    """Return how many bytes each entry has.

    Raises:
        LogBrokenError: one is missing.
    """
    rows = await conn.execute(
        select(log_leaf.c.idx, func.length(log_leaf.c.entry).label("bytes"))
        .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.between(places[0], places[-1]))
        .order_by(log_leaf.c.idx)
    )
    found = rows.all()
    if [row.idx for row in found] != list(places):
        raise LogBrokenError
    return [row.bytes for row in found]


async def entries(conn: Conn, log_id: LogId, places: range) -> list[bytes]:
    """Return entries in their order.

    Raises:
        LogBrokenError: one is missing.
    """
    within = {"log": log_id, "first": places[0], "last": places[-1]}
    found = (await conn.execute(_ENTRIES, within)).all()
    if [row.idx for row in found] != list(places):
        raise LogBrokenError
    return [bytes(row.entry) for row in found]


# Built once: making a statement costs as much as running it.
_ENTRIES = (
    select(log_leaf.c.idx, log_leaf.c.entry)
    .where(
        log_leaf.c.log_id == bindparam("log"),
        log_leaf.c.idx.between(bindparam("first"), bindparam("last")),
    )
    .order_by(log_leaf.c.idx)
)
