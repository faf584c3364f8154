"""List contact events, under the clause that lets them be read: by time, as a tree, or one thread.

Apps know events by an id of their own sector, so that two apps cannot join what they hold. In a tree
an event stands on top when nothing above it may be read, so no event is lost for want of its parent.
What is damaged is left out. A page goes on from a sealed cursor, of this list and asker alone.
Source: DESIGN 1, 2; INTERFACES, interaction.
"""

import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from policies.names import INTERACTION
from vault.core.errors import BadRequestError, NotAvailableError, OutsideTokenError
from vault.crypto import tokens
from vault.services import app_load, thread
from vault.services.ask import Ask
from vault.services.contact_tree import Node, nodes
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, record
from vault.services.interaction import Told, name, open_events
from vault.services.load import LoadTooOldError
from vault.services.second_look import confirmed
from vault.store import attachment
from vault.store import interaction as store
from vault.store.attachment import HeadRow
from vault.store.engine import Conn
from vault.store.interaction import InteractionRow

PAGE: Final = 50  # events of one page, without those under them
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR: Final = struct.Struct(">q16s")  # unix microseconds, interaction id


@dataclass(frozen=True, slots=True)
class Page:
    """One page of events."""

    events: tuple[Told, ...]  # the newest first; those under others behind them, the oldest first
    tops: frozenset[UUID]  # those that are under no other one of the page
    cursor: str | None  # where the next page begins; None at the end
    cut: bool  # more is under these events than is there
    version: str
    digest: str
    receipt: str

    @property
    def tree(self) -> tuple[Node, ...]:
        """Return the events with those under them."""
        return nodes(self.events, self.tops)


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows of a page before they are opened."""

    tops: tuple[InteractionRow, ...]
    under: tuple[InteractionRow, ...] = ()
    cut: bool = False
    more: bool = False


_Find = Callable[[Conn, list[str]], Awaitable[_Found]]


async def list_(deps: Deps, ask: Ask, *, cursor: str | None = None, tree: bool = False) -> Page:
    """Return a page of the events whose kinds the ask names and may read.

    Args:
        deps: what a use case may touch.
        ask: who wants to read which kinds.
        cursor: of the page before; None for the first one.
        tree: give events that are on top, with all that is under them.

    Raises:
        BadRequestError: the cursor is not one of ours for this asker and customer.
        OutsideTokenError, NotAvailableError: recorded.
        BusyError: nothing was opened.
    """
    view = "tree" if tree else "interactions"
    place = f"{view} {ask.app or ask.actor} {ask.purpose} {ask.customer}"
    before = read_cursor(deps, place, cursor)

    async def find(conn: Conn, kinds: list[str]) -> _Found:
        rows = await store.load_page(
            conn, ask.customer, kinds=kinds, before=before, limit=PAGE + 1, tops=tree
        )
        tops, more = tuple(rows[:PAGE]), len(rows) > PAGE
        if not tree:
            return _Found(tops, more=more)
        under, cut = await thread.under(conn, ask.customer, tops, kinds=kinds)
        return _Found(tops, tuple(under), cut, more)

    return await _looked(deps, ask, find, place)


async def one_thread(deps: Deps, ask: Ask, event: UUID) -> Page:
    """Return one event with all under it that the ask may read; none when it is not there.

    Raises:
        OutsideTokenError, NotAvailableError, BusyError: as `list_`.
    """

    async def find(conn: Conn, kinds: list[str]) -> _Found:
        row = await store.load(conn, ask.customer, event)
        if row is None or row.kind not in kinds:
            return _Found(())
        under, cut = await thread.under(conn, ask.customer, (row,), kinds=kinds)
        return _Found((row,), tuple(under), cut)

    return await _looked(deps, ask, find, "")


async def _looked(deps: Deps, ask: Ask, find: _Find, place: str) -> Page:
    try:
        return await _look(deps, ask, find, place)
    except LoadTooOldError:  # as `disclosure.judge`: a change may have come meanwhile
        return await _look(deps, ask, find, place)


async def _find(
    deps: Deps, ask: Ask, find: _Find, kinds: list[str]
) -> tuple[_Found, Sequence[HeadRow]]:
    async with deps.database.connect() as conn:
        found = await find(conn, kinds)
        ids = [row.interaction_id for row in (*found.tops, *found.under)]
        return found, await attachment.heads(conn, ask.customer, ids)


async def _look(deps: Deps, ask: Ask, find: _Find, place: str) -> Page:
    with deps.appender.looking() as seen:
        load = await app_load.load(deps, ask)
        decided = decide_ask(deps, ask, load)
        check_names([decided])
        kinds = [one.removeprefix(f"{INTERACTION}.") for one, _ in decided.allowed]
        found, heads = await _find(deps, ask, find, kinds) if kinds else (_Found(()), ())
        rows = (*found.tops, *found.under)
        recorded = (await record(deps, [decided], seen=seen, bounded=True))[0]
        ((decided, recorded),) = await confirmed(deps, [(decided, recorded)], decide_ask)
    events = tuple(
        one for one in open_events(deps, decided, recorded, rows, heads) if not one.damaged
    )
    deps.uses.count(ask, {name(one.kind) for one in events}, now=deps.clock.now())
    if not decided.allowed:
        raise OutsideTokenError if decided.outside_token else NotAvailableError
    return Page(
        events=events,
        tops=frozenset(row.interaction_id for row in found.tops),
        cursor=cursor_of(deps, place, found.tops[-1]) if found.more else None,
        cut=found.cut,
        version=load.rulebook.version,
        digest=load.rulebook.digest,
        receipt=recorded.receipt,
    )


def cursor_of(deps: Deps, place: str, row: InteractionRow) -> str:
    """Return where a list goes on after this event, for whom `place` names."""
    micros = (row.at - _EPOCH) // timedelta(microseconds=1)
    data = _CURSOR.pack(micros, row.interaction_id.bytes)
    return tokens.seal_cursor(deps.keys.service("cursor"), place, data)


def read_cursor(deps: Deps, place: str, cursor: str | None) -> store.Place | None:
    """Return the place of a cursor; None for none.

    Raises:
        BadRequestError: it is not one of ours for this list.
    """
    if cursor is None:
        return None
    data = tokens.open_cursor(deps.keys.service("cursor"), place, cursor)
    if len(data) != _CURSOR.size:
        raise BadRequestError
    micros, event = _CURSOR.unpack(data)
    return store.Place(_EPOCH + timedelta(microseconds=micros), UUID(bytes=event))
