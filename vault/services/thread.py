"""Follow contact events to those under them, and say what an event may be put under.

1. An event stands under one of the same customer whose kind the same ask may read, or that the same
   app noted; any other is as good as not there.
2. At most ten stand under each other. What an import or a hand made deeper is cut, and said to be.

Nothing is opened here: kinds, times and parents decide.
Source: DESIGN 2; docs/knowing.md.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from policies.decide import Allow, decide
from policies.model import Action
from policies.names import INTERACTION
from vault.core.errors import WrongValueError
from vault.core.event import DEPTH
from vault.core.ids import CustomerId
from vault.services.ask import Ask
from vault.services.disclosure import facts
from vault.services.load import Load
from vault.services.unit import Unit
from vault.store import interaction as store
from vault.store import thread
from vault.store.engine import Conn
from vault.store.interaction import InteractionRow

MOST_UNDER: Final = 200  # events under those of one page


async def check_parent(it: Unit, ask: Ask, load: Load, parent: UUID) -> None:
    """Refuse a parent that this ask must not know, and one that stands too deep already.

    Raises:
        WrongValueError: in the same words for one that is nobody's and one that may not be read.
    """
    row = await store.load(it.conn, ask.customer, parent)
    if row is None or not _may_know(it, ask, load, row):
        raise WrongValueError("The parent is not there.")
    seen = {row.interaction_id}
    while row.parent is not None:
        above = await store.load(it.conn, ask.customer, row.parent)
        if above is None or above.interaction_id in seen:  # a ring was made by hand
            break
        row = above
        seen.add(row.interaction_id)
        if len(seen) >= DEPTH:
            raise WrongValueError(f"At most {DEPTH} events stand under each other.")


def _may_know(it: Unit, ask: Ask, load: Load, row: InteractionRow) -> bool:
    if ask.app is not None and row.app == ask.app:
        return True
    name = f"{INTERACTION}.{row.kind}"
    question = replace(ask.question, action=Action.READ, names=(name,))
    return isinstance(decide(load.rulebook, question, facts(it.deps, load))[name], Allow)


async def under(
    conn: Conn,
    customer: CustomerId,
    tops: Sequence[InteractionRow],
    *,
    kinds: Collection[str] | None = None,
) -> tuple[list[InteractionRow], bool]:
    """Return all that is under some events, level by level, and whether more is.

    Args:
        conn: any connection.
        customer: whose events.
        tops: where to begin.
        kinds: only these, and what is under them; None for all.
    """
    found: list[InteractionRow] = []
    seen = {row.interaction_id for row in tops}
    parents = set(seen)
    for _ in range(DEPTH):
        if not parents:
            return found, False
        rows = await thread.load_children(
            conn, customer, parents, kinds=kinds, limit=MOST_UNDER + 1 - len(found)
        )
        fresh = [row for row in rows if row.interaction_id not in seen]  # a ring was made by hand
        found += fresh
        if len(found) > MOST_UNDER:
            return found[:MOST_UNDER], True
        parents = {row.interaction_id for row in fresh}
        seen |= parents
    deeper = await thread.load_children(conn, customer, parents, kinds=kinds, limit=1)
    return found, any(row.interaction_id not in seen for row in deeper)
