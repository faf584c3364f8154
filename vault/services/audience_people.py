"""Read whom a purpose allows, with their contact events, as a registered app may: for files, not for calls.

Every customer takes the one path, in chunks of one record each for fields and by pages for events; who
does not allow it is left out. A customer about whom nothing could be decided at the moment is asked about
again, and none is left out in silence.
Source: DESIGN 1; docs/decisions/0013.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from vault.core.errors import BusyError, NotAvailableError, RefusedError
from vault.core.ids import NOBODY, CustomerId
from vault.core.shaped import Event, Person, Value
from vault.crypto.pairwise import pairwise_id
from vault.services import audience, bulk, interaction_list, registered
from vault.services.ask import Answer, Ask
from vault.services.deps import Deps
from vault.services.interaction import Told
from vault.services.registered import App

PAGE: Final = 1_000  # candidates of a page
TOGETHER: Final = 20  # customers whose events are read at once
TRIES: Final = 5  # of a customer about whom nothing could be decided


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked of each customer."""

    fields: Ask | None  # None: no field is wanted
    events: Ask | None
    sector: str
    app: App


async def people(deps: Deps, asks: Asks) -> AsyncGenerator[tuple[int, list[Person]], None]:
    """Give whom the purpose allows, chunk by chunk, each recorded before it is opened.

    With each chunk comes how many customers were asked about.

    Raises:
        FrozenError, ReviewOverdueError, RefusedError: the app may not go on.
        TooManyError: the app may not ask about so many customers today.
        BusyError: the primary cannot be asked, or a look could not be recorded.
    """
    ask = asks.fields or asks.events
    assert ask is not None  # noqa: S101  a mapping names something
    cursor: str | None = None
    while True:
        await _check(deps, asks)
        page = await audience.page(deps, ask, sector=asks.sector, cursor=cursor, limit=PAGE)
        customers = page.customers
        await deps.budgets.spend(
            deps.database,
            asks.app.id,
            limit=asks.app.registered.registration.daily_limit,
            count=len(customers),
            now=deps.clock.now(),
        )
        for start in range(0, len(customers), bulk.CHUNK):
            chunk = customers[start : start + bulk.CHUNK]
            values = await _values(deps, asks, chunk)
            found = await _with_events(deps, asks, values)
            yield sum(one != NOBODY for one in chunk), found
        if page.behind is None:
            return
        cursor = audience.cursor_of(deps, ask, page.behind, sector=asks.sector)


async def _check(deps: Deps, asks: Asks) -> None:
    """Ask again whether the app may act: an export takes long, and one that is frozen stops."""
    async with deps.database.connect() as conn:
        app = await registered.load(deps, conn, asks.app.id)
    if app is None or app.version != asks.app.version:
        raise RefusedError("The app was registered otherwise meanwhile. Export again.")
    app.check(deps.clock.now())


async def _values(
    deps: Deps, asks: Asks, chunk: Sequence[CustomerId]
) -> Mapping[CustomerId, Mapping[str, Value]]:
    """Return what may be written of each customer who allows something."""
    if asks.fields is None:
        return {one: {} for one in chunk if one != NOBODY}
    found: dict[CustomerId, Mapping[str, Value]] = {}
    waiting = list(chunk)
    for _ in range(TRIES):
        async with aclosing(bulk.disclose(deps, asks.fields, [waiting])) as chunks:
            outcomes = await anext(chunks)
        again = []
        for customer, one in zip(waiting, outcomes, strict=True):
            if not isinstance(one, Answer):
                again.append(customer)
            elif one.allowed:
                found[customer] = {
                    opened.name: Value(opened.value, opened.since) for opened in one.opened
                }
        if not again:
            return found
        waiting = again
    raise BusyError


async def _with_events(
    deps: Deps, asks: Asks, values: Mapping[CustomerId, Mapping[str, Value]]
) -> list[Person]:
    people: list[Person] = []
    for several in _parted(list(values)):
        events = await asyncio.gather(*(_events(deps, asks, one) for one in several))
        people += [
            Person(_id(deps, asks, customer), values[customer], theirs)
            for customer, theirs in zip(several, events, strict=True)
        ]
    # Where no field was asked for, whoever has no event that may be read allowed nothing.
    return [one for one in people if one.events or asks.fields]


def _parted(customers: Sequence[CustomerId]) -> Iterator[Sequence[CustomerId]]:
    for start in range(0, len(customers), TOGETHER):
        yield customers[start : start + TOGETHER]


async def _events(deps: Deps, asks: Asks, customer: CustomerId) -> tuple[Event, ...]:
    """Return the contact events that may be written, the oldest first."""
    if asks.events is None:
        return ()
    ask = replace(asks.events, customer=customer)
    found: list[Told] = []
    cursor: str | None = None
    while True:
        try:
            page = await interaction_list.list_(deps, ask, cursor=cursor)
        except NotAvailableError:  # of fields they allow something, of events nothing
            return ()
        found += page.events
        cursor = page.cursor
        if cursor is None:
            break
    return tuple(
        Event(
            id=_id(deps, asks, one.interaction_id),
            kind=one.kind,
            source=one.source,
            at=one.at,
            channel=one.channel,
            content=one.content if isinstance(one.content, dict) else {},
            own=one.interaction_id,
            parent=one.parent,
        )
        for one in reversed(found)
    )


def _id(deps: Deps, asks: Asks, one: UUID) -> str:
    return pairwise_id(deps.keys.service("pairwise"), asks.sector, one)
