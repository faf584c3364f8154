"""Tell a customer what happened to the ways in: sign-ins, wrong codes, ends, changes.

An event is written in the transaction of its cause. It says what, when and on which kind of device,
never an address, a network or a code. It informs and grants nothing, so it has no MAC.
Source: security note, 8; portal note, 2.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import security_event as store
from vault.store.engine import Conn
from vault.store.security_event import EventRow

SHOWN: Final = 50  # of the newest


class Event(StrEnum):
    """What can happen."""

    JOINED = "joined"
    SIGNED_IN = "signed-in"
    CONFIRMED = "confirmed"  # signed in again, while signed in
    WRONG_CODES = "wrong-codes"  # with how many, told at the next sign-in
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"  # another one, by the customer
    OTHERS_ENDED = "others-ended"  # with how many
    IDLE_CHANGED = "idle-changed"  # with the minutes
    ADDRESS_CHANGED = "address-changed"
    PARENT_AGREED = "parent-agreed"


_SIGN_INS: Final = (Event.JOINED, Event.SIGNED_IN)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event."""

    event: Event
    at: datetime
    device: str  # a label from a fixed list; "" for none
    number: int  # 0 where the event counts nothing


async def note(
    it: Unit, customer: CustomerId, event: Event, *, device: str = "", number: int = 0
) -> None:
    """Write an event; it stands once the unit commits."""
    row = EventRow(customer, uuid7(unix_ms(it.now)), event.value, it.now, device, number)
    await store.add(it.conn, row)


async def history(deps: Deps, customer: CustomerId) -> tuple[Happened, ...]:
    """Return the newest events, newest first."""
    async with deps.database.connect() as conn:
        rows = await store.load(conn, customer, limit=SHOWN)
    known = frozenset(Event)  # a kind that somebody edited says nothing
    return tuple(
        Happened(Event(row.kind), row.at, row.device, row.number)
        for row in rows
        if row.kind in known
    )


async def is_new_device(conn: Conn, customer: CustomerId, device: str) -> bool:
    """Say whether somebody who signed in before never did so on this kind of device."""
    kinds = tuple(one.value for one in _SIGN_INS)
    rows = await store.load(conn, customer, kinds=kinds, limit=SHOWN)
    return bool(rows) and device not in {row.device for row in rows}


async def last_sign_in(conn: Conn, customer: CustomerId) -> datetime | None:
    """Return when the customer last signed in; None when there is no such event."""
    kinds = tuple(one.value for one in _SIGN_INS)
    rows = await store.load(conn, customer, kinds=kinds, limit=1)
    return rows[0].at if rows else None
