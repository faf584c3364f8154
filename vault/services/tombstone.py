"""Ask whether an identifier was erased, so that no import and no app brings a person back.

Only the person may come again: whoever confirms the address at `/join` has it lifted. What is kept
for it names neither customer nor field.
Source: crypto note, 6; security note, T08; DESIGN 11, promise 5.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from vault.core.erasure_journal import Lifted
from vault.services import erasure_journal
from vault.services.identifier import Identity
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import tombstone as store
from vault.store.engine import Conn


async def check(conn: Conn, identities: Iterable[Identity]) -> list[Identity]:
    """Return those identities that were erased and not lifted, in their order.

    Args:
        conn: any connection.
        identities: of customers who may not be there; one whom the vault knows is nobody's ghost.
    """
    asked = list(identities)
    found = await store.standing(conn, [mark for one in asked for mark in one.marks])
    return [one for one in asked if not found.isdisjoint(one.marks)]


async def lift(unit: Unit, identities: Sequence[Identity]) -> None:
    """Let a person join anew with identifiers that were erased; nothing where none was.

    Precondition: the person has just proven to own them.

    Raises:
        BusyError, NotReadyError: the journal cannot be written; the transaction must not commit.
    """
    erased = await check(unit.conn, identities)
    if not erased:
        return
    marks = tuple(sorted({mark for one in erased for mark in one.marks}))
    await store.lift(unit.conn, marks, at=unit.now)
    # In the journal too, or the next start would let them stand again.
    await erasure_journal.lifted(unit.deps, Lifted(unix_ms(unit.now), marks))


async def missing(conn: Conn, standing: frozenset[bytes]) -> tuple[bytes, ...]:
    """Return the tombstones that should stand and do not, as in a restored database."""
    return tuple(sorted(standing - await store.standing(conn, sorted(standing))))


async def restore(conn: Conn, marks: Sequence[bytes], *, at: datetime) -> None:
    """Let tombstones stand again."""
    await store.put(conn, marks, at=at)
