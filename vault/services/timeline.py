"""Show customers their contact events: by time, or as a tree with what belongs to what.

The customer's own look, on the one path: decided, recorded, then opened. A page of the tree is a
page of events that are under no other one, each with all that is under it; a page by time is flat,
and names what an event belongs to without opening that. An event that did not pass its check is
said to be damaged and hides no other.
Source: portal note, 2; GDPR 15; DESIGN 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Rulebook
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services import thread
from vault.services.ask import Ask, Decided
from vault.services.contact_tree import Node, nodes
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, record
from vault.services.interaction import name, open_events
from vault.services.interaction_list import cursor_of, read_cursor
from vault.services.standing_change import CUSTOMER
from vault.store import attachment
from vault.store import interaction as store
from vault.store import thread as thread_store
from vault.store.engine import Conn
from vault.store.interaction import InteractionRow

PAGE: Final = 20  # events of one page, without those under them


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the events is wanted."""

    kind: str | None = None  # None: all
    start: datetime | None = None  # inclusive
    end: datetime | None = None  # exclusive
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page."""

    nodes: tuple[Node, ...]
    cursor: str | None  # where the next page begins; None at the end
    cut: bool  # more is under these events than is shown
    rulebook: Rulebook


async def timeline(
    deps: Deps, customer: CustomerId, wanted: Wanted, *, cursor: str | None, request: str
) -> Timeline:
    """Record the customer's look at their events, and return a page of them, the newest first.

    Raises:
        BadRequestError: the cursor is not of this list.
        UnknownFieldError: the code of ethics does not know the kind.
        NotAvailableError: nothing may be shown: the customer's record is broken.
        BusyError: the look could not be recorded; nothing was opened.
    """
    place = f"timeline {customer} {wanted.kind} {wanted.start} {wanted.end} {wanted.tree}"
    before = read_cursor(deps, place, cursor)
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane=CUSTOMER)
        decided = decide_ask(deps, _ask(customer, load.rulebook, wanted, request), load)
        check_names([decided])
        async with deps.database.connect() as conn:
            rows = await store.load_page(
                conn,
                customer,
                kinds=_kinds(load.rulebook, wanted),
                before=before,
                limit=PAGE + 1,
                start=wanted.start,
                end=wanted.end,
                roots=wanted.tree,
            )
            page, more = rows[:PAGE], len(rows) > PAGE
            under: list[InteractionRow] = []
            above: Mapping[UUID, tuple[str, datetime]] = {}
            cut = False
            if wanted.tree:
                under, cut = await thread.under(conn, customer, page)
            else:
                above = await _above(conn, customer, page)
            heads = await attachment.heads(
                conn, customer, [row.interaction_id for row in (*page, *under)]
            )
        recorded = (await record(deps, [decided], seen=seen))[0]
    if not decided.allowed:
        raise NotAvailableError
    known = [row for row in (*page, *under) if _is_allowed(decided, row)]
    told = open_events(deps, decided, recorded, known, heads)
    return Timeline(
        nodes=nodes(told, {row.interaction_id for row in page}, above),
        cursor=cursor_of(deps, place, page[-1]) if more else None,
        cut=cut,
        rulebook=load.rulebook,
    )


def _ask(customer: CustomerId, rulebook: Rulebook, wanted: Wanted, request: str) -> Ask:
    # What is under an event may be of any kind, so a look at the tree is one at all of them.
    names = tuple(rulebook.interactions)
    if wanted.kind is not None and (not wanted.tree or name(wanted.kind) not in names):
        names = (name(wanted.kind),)
    return Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=names,
        request=request,
        present=True,
        looks=Kind.OWN_LOOK,
    )


def _kinds(rulebook: Rulebook, wanted: Wanted) -> list[str]:
    if wanted.kind is not None:
        return [wanted.kind]
    return [one.kind for one in rulebook.interactions.values()]


def _is_allowed(decided: Decided, row: InteractionRow) -> bool:
    return any(one == name(row.kind) for one, _ in decided.allowed)


async def _above(
    conn: Conn, customer: CustomerId, page: Sequence[InteractionRow]
) -> Mapping[UUID, tuple[str, datetime]]:
    wanted = {row.parent for row in page if row.parent}
    rows = await thread_store.load_some(conn, customer, wanted)
    return {row.interaction_id: (row.kind, row.at) for row in rows}
