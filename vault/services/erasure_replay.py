"""Erase again, before anything opens, whoever the journal names and the database still has.

Every process does so when it opens the vault. A database that was restored from a backup brings
people back; a process that was killed between the journal and COMMIT left one behind. Nobody is
served, and no command runs, before they are gone. A journal that is missing or damaged refuses the
start: without it nobody can tell who must not be there.
Source: crypto note, 10; access-log note, 9; DESIGN 11, promise 5.
"""

from collections.abc import Sequence

import structlog

from vault.core.erasure_journal import Erased, Lifted, Line
from vault.services import erase, erasure_journal, tombstone
from vault.services.deps import Deps
from vault.store import commit, erased, wipe

logger = structlog.get_logger()


async def replay(deps: Deps) -> int:
    """Make the database what the journal says; return how many were erased again.

    Raises:
        NotReadyError: the journal is missing, damaged, or lacks what the database knows.
        BusyError: not now; the vault must not open.
    """
    lines = await erasure_journal.read(deps)
    async with deps.database.connect() as conn:
        known = await erased.ids(conn)
        erasure_journal.check_complete(lines, known)
        named = [line.customer for line in lines if isinstance(line, Erased)]
        back = await wipe.are_there(conn, named)
        missing = await tombstone.missing(conn, _standing(lines))
    for customer in back:
        logger.warning("erased-again")
        await erase.erase(deps, customer)
    if missing:
        await commit.request(
            deps.database, lambda conn: tombstone.restore(conn, missing, at=deps.clock.now())
        )
    return len(back)


def _standing(lines: Sequence[Line]) -> frozenset[bytes]:
    """Return the tombstones that stand at the end of the journal."""
    standing: set[bytes] = set()
    for line in lines:
        if isinstance(line, Lifted):
            standing -= set(line.marks)
        else:
            standing |= set(line.marks)
    return frozenset(standing)
