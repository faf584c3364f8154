"""Count points: the event that earned or spent them and the balance change in one transaction.

The balance is the one truth: the field of the card's group that the code of ethics names. It is
raised by the call that appends the event, under the customer's lock, on the very row that was read:

    read the balance, recorded -> lock -> the same row still? -> append the event, write the balance

so two tills at once lose nothing, and a call that is sent again with its reference counts once.
Source: docs/api.md, at the till; docs/decisions, the balance of points.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.model import Source
from vault.core import card as rules
from vault.core.errors import (
    BusyError,
    NotAvailableError,
    OutsideTokenError,
    VaultError,
    WrongValueError,
)
from vault.core.ids import CustomerId
from vault.crypto import lookup as blind
from vault.services import interaction, timeline, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import check_names, disclose
from vault.services.interaction import Event, source_of
from vault.services.load import load_locked, values_of
from vault.services.profile import Change, apply, decide_write, refuse
from vault.services.timeline import Wanted
from vault.services.unit import Unit
from vault.store import interaction as store

TRIES: Final = 8  # other tills that may be faster
MEMBERS: Final = ("points", "reference")  # of the content of an event that counts


@dataclass(frozen=True, slots=True)
class Asks:
    """What an app asks for: all three, or nothing is done."""

    reading: Ask  # the balance
    writing: Ask  # the balance
    appending: Ask  # the event


@dataclass(frozen=True, slots=True)
class Count:
    """Points to count."""

    kind: str  # of the event
    at: datetime | None  # None: what was sent is no time
    channel: str
    points: object  # a whole number, below zero where they are spent
    reference: str  # the app's own word for it: counted once for a customer
    more: Mapping[str, object]  # the rest of the event's content


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of it."""

    event: UUID
    balance: int
    fresh: bool  # False: this reference was counted before, and nothing was changed
    receipt: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event that counted points, for its customer."""

    name: str  # "interaction.kind"
    at: datetime
    app: str | None
    points: int


async def count(deps: Deps, asks: Asks, one: Count) -> Counted:
    """Count points once.

    Raises:
        UnknownFieldError, OutsideTokenError, NotAvailableError, WrongSourceError: recorded.
        WrongValueError: something is out of bounds, or the balance would fall below zero.
        BusyError: nothing was changed.
    """
    (name,) = asks.reading.names
    for _ in range(TRIES):
        done = await _once(deps, asks, one, name)
        if done is not None:
            return done
    raise BusyError


async def _once(deps: Deps, asks: Asks, one: Count, name: str) -> Counted | None:
    """Count on the balance that is read here; None when another call changed it meanwhile."""
    (answer,) = await disclose(deps, [asks.reading])
    refused = answer.outside_token or name not in answer.allowed
    seen = next(iter(answer.opened), None)
    if refused or (seen is None and answer.withheld):  # a damaged balance is nobody's to raise
        raise OutsideTokenError if answer.outside_token else NotAvailableError
    points = check(one)
    before = seen.value if seen and isinstance(seen.value, int) else 0
    version = seen.version if seen else 0
    event_id = _event_id(deps, asks.appending, one.reference)

    async def work(it: Unit) -> Counted | VaultError | None:
        load = await load_locked(it.conn, deps.codes, asks.writing.customer, at=it.now)
        after = before + points
        change = Change({name: after}, Source.OBSERVED)
        writing = decide_write(deps, asks.writing, load, change)
        check_names([writing])
        if writing.withheld:
            return refuse(it, writing)
        row = values_of(load, (name,)).get(name)
        if (row.row_version if row else 0) != version:
            return None
        if await store.load(it.conn, load.customer, event_id):
            return Counted(event_id, before, fresh=False, receipt=answer.receipt)
        if after < 0:
            return refuse(it, writing, WrongValueError("There are not so many points."))
        made = await interaction.note(
            it,
            asks.appending,
            load,
            _event(one, points),
            source=source_of(load.rulebook, one.kind),
            event_id=event_id,
        )
        if isinstance(made, VaultError):
            return made
        refusal = await apply(it, asks.writing, load, change)
        if refusal is not None:  # the event may not stand without it
            raise refusal
        return Counted(made, after, fresh=True, receipt="")

    done, records = await unit.run(deps, work, batch=True)
    if isinstance(done, VaultError):
        raise done
    if done is None or not done.fresh:
        return done
    for ask in (asks.writing, asks.appending):
        deps.uses.count(ask, ask.names, now=deps.clock.now())
    return replace(done, receipt=records[0].receipt)


async def history(
    deps: Deps, customer: CustomerId, kinds: Collection[str], *, request: str
) -> tuple[Line, ...]:
    """Return a customer's newest events that counted points, the newest first; their own look.

    Args:
        deps: what a use case may touch.
        customer: whose.
        kinds: names of the kinds that may count points.
        request: our id of the request.

    Raises:
        NotAvailableError: nothing may be shown: the customer's record is broken.
        BusyError: the look could not be recorded; nothing was opened.
    """
    found: list[Line] = []
    for name in dict.fromkeys(kinds):
        wanted = Wanted(kind=name.partition(".")[2])
        page = await timeline.timeline(deps, customer, wanted, cursor=None, request=request)
        for node in page.nodes:
            content = node.told.content
            points = content.get(MEMBERS[0]) if isinstance(content, Mapping) else None
            if isinstance(points, int) and not isinstance(points, bool):
                found.append(Line(name, node.told.at, node.told.app, points))
    return tuple(sorted(found, key=lambda line: line.at, reverse=True))


def check(one: Count) -> int:
    """Return the points of a call.

    Raises:
        WrongValueError: they are no whole number within bounds, or the reference is no short text.
    """
    points = one.points
    if not isinstance(points, int) or isinstance(points, bool):
        raise WrongValueError("points is a whole number.")
    if not 0 < abs(points) <= rules.MOST_POINTS:
        raise WrongValueError("points is at most a million, either way, and not 0.")
    if len(one.reference) > rules.MAX_REFERENCE or not one.reference.isprintable():
        raise WrongValueError("The reference is 1 to 64 characters.")
    return points


def _event(one: Count, points: int) -> Event:
    content = {**one.more, "points": points, "reference": one.reference}
    return Event(kind=one.kind, at=one.at, channel=one.channel, content=content)


def _event_id(deps: Deps, ask: Ask, reference: str) -> UUID:
    """Return the id of the event of a reference: the same each time, and nobody can tell from what."""
    text = f"{ask.app}/{ask.customer}/{reference}"
    index = blind.index(deps.keys.service("index"), "points", 0, text)
    # RFC 9562, 5.8: version 8 and variant 2, the rest is the index.
    bits = int.from_bytes(index[1:]) & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=bits | 8 << 76 | 2 << 62)
