"""Find an audience page by page: everyone whom the code of ethics lets an app see for a purpose.

A page is a run of candidates in an order of the app's sector that nothing changes: who joins,
consents, withdraws or is erased meanwhile neither repeats nor hides another. Candidates are a hint
of the database; whether one belongs to the audience is decided on the one path, and who does not is
left out of the answer. A page looks at no more candidates than it may hold, so it can be short, or
empty, and not the last.

When there is nobody to ask about, and when no candidate could be allowed whoever it is, the one ask
is about nobody: it is decided and recorded like any other, and refused like any other.
Source: docs/decisions/0013 and 0014; oauth note, 2; DESIGN, 10.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policies.model import Action, Basis, Rulebook
from vault.core import canonical
from vault.core.errors import BadRequestError
from vault.core.ids import NOBODY, CustomerId
from vault.core.times import unix_ms
from vault.crypto import tokens
from vault.crypto.audience import seats
from vault.services.ask import Ask
from vault.services.audience_cell import START, Place, Read, Seated, take
from vault.services.deps import Deps
from vault.store import sweeps_audience
from vault.store.engine import Conn, now
from vault.store.sweeps_audience import Candidate

MAX_AGE: Final = 7 * 86_400  # seconds that a cursor is good for; an app's days may have budgets
AHEAD: Final = 60  # seconds that another process's clock may be ahead
CELLS: Final = 2  # that a page may touch

_CURSOR: Final = struct.Struct(">Q16s16s16s")  # unix seconds; after, up to, seat
_UNCUT: Final = NOBODY  # in the place of the end of a cell that is not cut yet
_BAD_CURSOR: Final = "The cursor is not of this list, or too old. Begin without one."


@dataclass(frozen=True, slots=True)
class Page:
    """The candidates of one page, in the order of the app's sector."""

    customers: tuple[CustomerId, ...]  # `NOBODY` alone when there is no candidate
    places: tuple[Place, ...]  # where the list goes on behind each of them
    behind: Place | None  # where it goes on behind the page; None at its end


async def page(deps: Deps, ask: Ask, *, sector: str, cursor: str | None, limit: int) -> Page:
    """Return the next candidates; nothing of them is looked at yet.

    Args:
        deps: what a use case may touch.
        ask: what the app asks for, whoever the customer.
        sector: the app's.
        cursor: what `cursor_of` gave for this very ask; None for the first page.
        limit: candidates to look at, above 0 and below the least size of a cell.

    Raises:
        BadRequestError: the cursor is not one of ours for this app and this ask, or too old.
        BusyError: the primary cannot be asked.
    """
    place = START if cursor is None else read_cursor(deps, ask, cursor, sector=sector)
    async with deps.database.connect() as conn:
        at = await now(conn)
        rulebook = await deps.codes.in_force(conn, at)
        if not _may_hold(rulebook, ask):
            return _page([], None)
        read = _candidates(conn, rulebook, ask)
        order = partial(seats, deps.keys.service("pairwise"), sector)
        found: list[Seated] = []
        behind: Place | None = place
        for _ in range(CELLS):
            if behind is None or len(found) == limit:
                break
            more, behind = await take(
                read, order, behind, limit=limit - len(found), now=unix_ms(at)
            )
            found += more
    return _page(found, behind)


def _page(found: Sequence[Seated], behind: Place | None) -> Page:
    customers = tuple(one.customer for one in found)
    return Page(customers or (NOBODY,), tuple(one.behind for one in found) or (START,), behind)


def _may_hold(rulebook: Rulebook, ask: Ask) -> bool:
    """Say whether there can be a customer of whom this app is shown something."""
    clause = rulebook.clauses.get((ask.purpose or "", ask.action))
    covered = all(
        (ask.purpose, ask.action, name) in permissions
        for name in ask.names
        for permissions in (ask.ceiling or (), ask.registration)
    )
    return bool(ask.names) and covered and clause is not None and ask.app in clause.apps


def _candidates(conn: Conn, rulebook: Rulebook, ask: Ask) -> Read:
    purpose = ask.purpose or ""
    consents = rulebook.clauses[purpose, Action.READ].basis is Basis.CONSENT

    async def read(after: UUID, upto: UUID, limit: int) -> Sequence[Candidate]:
        if consents:
            return await sweeps_audience.consenting(
                conn, purpose, after=after, upto=upto, limit=limit
            )
        return await sweeps_audience.everyone(conn, after=after, upto=upto, limit=limit)

    return read


def cursor_of(deps: Deps, ask: Ask, behind: Place, *, sector: str) -> str:
    """Return where this app's list goes on, behind a customer; readable by us alone."""
    made = int(deps.clock.now().timestamp())
    upto = behind.upto or _UNCUT
    data = _CURSOR.pack(made, behind.after.bytes, upto.bytes, behind.seat)
    return tokens.seal_cursor(deps.keys.service("cursor"), _list(ask, sector), data)


def read_cursor(deps: Deps, ask: Ask, cursor: str, *, sector: str) -> Place:
    """Return where a list goes on.

    Raises:
        BadRequestError: another app's, another ask's, made up, or too old.
    """
    try:
        data = tokens.open_cursor(deps.keys.service("cursor"), _list(ask, sector), cursor)
        made, after, upto, seat = _CURSOR.unpack(data)
    except (BadRequestError, struct.error):
        raise BadRequestError(_BAD_CURSOR) from None
    if not -AHEAD <= int(deps.clock.now().timestamp()) - made <= MAX_AGE:
        raise BadRequestError(_BAD_CURSOR)
    end = UUID(bytes=upto)
    return Place(UUID(bytes=after), None if end == _UNCUT else end, seat)


def _list(ask: Ask, sector: str) -> str:
    """Name the list: another app, sector, purpose, set of names or ceiling is another list."""
    named = [ask.app, sector, ask.purpose, sorted(ask.names), ask.ceiling_lines]
    return f"audience {hashlib.sha256(canonical.dumps(named)).hexdigest()}"
