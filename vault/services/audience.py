"""Find an audience page by page: everyone whom the code of ethics lets an app see for a purpose.

A page is a run of candidates in an order that nothing changes: who joins, consents, withdraws or is
erased meanwhile neither repeats nor hides another. Candidates are a hint of the database; whether
one belongs to the audience is decided on the one path, and who does not is left out of the answer.
A page looks at no more candidates than it may hold, so it can be short, or empty, and not the last.

When there is nobody to ask about, and when no candidate could be allowed whoever it is, the one ask
is about nobody: it is decided and recorded like any other, and refused like any other.
Source: docs/decisions/0013; oauth note, 2; DESIGN, 10.
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from policies.model import Action, Basis, Rulebook
from vault.core import canonical
from vault.core.errors import BadRequestError
from vault.core.ids import NOBODY, CustomerId
from vault.core.times import unix_ms
from vault.crypto import tokens
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.store import sweeps_audience
from vault.store.engine import Conn, now
from vault.store.sweeps_audience import Candidates

MAX_AGE: Final = 7 * 86_400  # seconds that a cursor is good for; an app's days may have budgets
AHEAD: Final = 60  # seconds that another process's clock may be ahead

_CURSOR: Final = struct.Struct(">Q16s")  # unix seconds, the last customer that was looked at
_START: Final = NOBODY  # below every id
_BAD_CURSOR: Final = "The cursor is not of this list, or too old. Begin without one."


@dataclass(frozen=True, slots=True)
class Page:
    """The candidates of one page, by id."""

    customers: tuple[CustomerId, ...]  # `NOBODY` alone when there is no candidate
    behind: UUID | None  # where the list goes on, exclusive; None at its end


async def page(deps: Deps, ask: Ask, *, cursor: str | None, limit: int) -> Page:
    """Return the next candidates; nothing of them is looked at yet.

    Args:
        deps: what a use case may touch.
        ask: what the app asks for, whoever the customer.
        cursor: what `cursor_of` gave for this very ask; None for the first page.
        limit: candidates to look at, above 0.

    Raises:
        BadRequestError: the cursor is not one of ours for this app and this ask, or too old.
        BusyError: the primary cannot be asked.
    """
    after = _START if cursor is None else read_cursor(deps, ask, cursor)
    async with deps.database.connect() as conn:
        at = await now(conn)
        rulebook = await deps.codes.in_force(conn, at)
        if not _may_hold(rulebook, ask):
            return Page((NOBODY,), None)
        found = await _candidates(conn, rulebook, ask, after=after, limit=limit, at=unix_ms(at))
    return Page(found.customers or (NOBODY,), found.behind)


def _may_hold(rulebook: Rulebook, ask: Ask) -> bool:
    """Say whether there can be a customer of whom this app is shown something."""
    clause = rulebook.clauses.get((ask.purpose or "", ask.action))
    covered = all(
        (ask.purpose, ask.action, name) in permissions
        for name in ask.names
        for permissions in (ask.ceiling or (), ask.registration)
    )
    return bool(ask.names) and covered and clause is not None and ask.app in clause.apps


async def _candidates(
    conn: Conn, rulebook: Rulebook, ask: Ask, *, after: UUID, limit: int, at: int
) -> Candidates:
    purpose = ask.purpose or ""
    if rulebook.clauses[purpose, Action.READ].basis is Basis.CONSENT:
        return await sweeps_audience.consenting(conn, purpose, after=after, limit=limit, now=at)
    return await sweeps_audience.everyone(conn, after=after, limit=limit)


def cursor_of(deps: Deps, ask: Ask, behind: UUID) -> str:
    """Return where this app's list goes on, behind a customer; readable by us alone."""
    data = _CURSOR.pack(int(deps.clock.now().timestamp()), behind.bytes)
    return tokens.seal_cursor(deps.keys.service("cursor"), _place(ask), data)


def read_cursor(deps: Deps, ask: Ask, cursor: str) -> UUID:
    """Return behind which customer a list goes on.

    Raises:
        BadRequestError: another app's, another ask's, made up, or too old.
    """
    try:
        data = tokens.open_cursor(deps.keys.service("cursor"), _place(ask), cursor)
        made, behind = _CURSOR.unpack(data)
    except (BadRequestError, struct.error):
        raise BadRequestError(_BAD_CURSOR) from None
    if not -AHEAD <= int(deps.clock.now().timestamp()) - made <= MAX_AGE:
        raise BadRequestError(_BAD_CURSOR)
    return UUID(bytes=behind)


def _place(ask: Ask) -> str:
    """Name the list: another app, purpose, set of names or ceiling is another list."""
    named = [ask.app, ask.purpose, sorted(ask.names), ask.ceiling_lines]
    return f"audience {hashlib.sha256(canonical.dumps(named)).hexdigest()}"
