"""Show a customer where they are signed in, and end what they end there.

A session is named by an id that leads neither to its token nor to what the store keeps of it.
What is another's, or over, is not there. Ending one needs no fresh sign-in; it only takes away.
Source: portal note, 2 and 7; security note, 8.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.crypto import base64url
from vault.crypto.row_mac import row_mac
from vault.services import security, session, session_choice, session_row, unit
from vault.services.deps import Deps
from vault.services.security import Event
from vault.services.session import Session
from vault.services.unit import Unit
from vault.store import session as store
from vault.store.session import SessionRow


@dataclass(frozen=True, slots=True)
class Listed:
    """One live session."""

    id: str
    device: str
    started_at: datetime
    seen_at: datetime
    strength: str
    here: bool  # the one that asks


async def live(deps: Deps, current: Session) -> tuple[Listed, ...]:
    """Return the customer's sessions that live, the newest first."""
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        rows = await store.load_live(conn, current.customer)
    return tuple(
        Listed(
            id=_id(deps, row),
            device=row.device,
            started_at=row.started_at,
            seen_at=row.seen_at,
            strength=row.strength,
            here=row.hash == current.hash,
        )
        for row in rows
        if session.is_live(row, now)
    )


async def end_one(deps: Deps, current: Session, name: str) -> bool:
    """End one session of the customer; True when it was the one that asks.

    Args:
        deps: what a use case may touch.
        current: the one that asks.
        name: `Listed.id`, as the form sent it back.

    Raises:
        NotAvailableError: none of this customer's has this id.
    """

    async def work(it: Unit) -> bytes:
        rows = await store.load_live(it.conn, current.customer)
        given = name.encode(errors="surrogatepass")
        row = next(
            (row for row in rows if hmac.compare_digest(_id(deps, row).encode(), given)), None
        )
        if row is None:
            raise NotAvailableError
        await store.end(it.conn, row.hash)
        here = row.hash == current.hash
        event = Event.SIGNED_OUT if here else Event.SESSION_ENDED
        await security.note(it, current.customer, event, device=row.device)
        return row.hash

    ended, _ = await unit.run(deps, work)
    session_row.remember_ended([ended])
    return ended == current.hash


async def end_others(deps: Deps, current: Session) -> int:
    """End every session of the customer but the one that asks; returns how many there were."""

    async def work(it: Unit) -> list[bytes]:
        return await end_others_within(it, current.customer, but=current.hash)

    ended, _ = await unit.run(deps, work)
    session_row.remember_ended(ended)
    return len(ended)


async def end_others_within(it: Unit, customer: CustomerId, *, but: bytes) -> list[bytes]:
    """Do what `end_others` does within a transaction, and return the hashes that are over."""
    rows = await store.load_live(it.conn, customer)
    ended = [row.hash for row in rows if row.hash != but]
    await store.end_all(it.conn, customer, but=but)
    if ended:
        await security.note(it, customer, Event.OTHERS_ENDED, number=len(ended))
    return ended


async def set_idle(deps: Deps, current: Session, minutes: int) -> str:
    """Keep how long sessions live without a click; this one gets it at once, with a new token.

    Returns:
        What the cookie holds from now on.

    Raises:
        WrongValueError: none of those that are offered.
    """

    async def work(it: Unit) -> str:
        await session_choice.save(it, current.customer, minutes)
        await security.note(it, current.customer, Event.IDLE_CHANGED, number=minutes)
        return await session.replace_token(it, current)

    cookie, _ = await unit.run(deps, work)
    session_row.remember_ended([current.hash])
    return cookie


def idle_minutes(current: Session) -> int:
    """Return how long this session lives without a click."""
    return current.idle // timedelta(minutes=1)


def _id(deps: Deps, row: SessionRow) -> str:
    key = deps.keys.service("row-mac")
    return base64url.encode(row_mac(key, "session_id", b"ownship/session-id/v1\0" + row.hash))
