"""Read whom a purpose allows, with their contact events, as a registered app may: for files, not for calls.

Every customer takes the one path, in chunks of one record each for fields and by pages for events; who
does not allow it is left out. A customer about whom nothing could be decided at the moment is asked about
again, and none is left out in silence.
Source: DESIGN 1; docs/decisions/0013.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar
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
TRIES: Final = 5  # of what could not be decided or recorded at the moment
PAUSE: Final = 0.2  # seconds before the second try, and twice as long before each that follows

_T = TypeVar("_T")


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
        BusyError: the primary cannot be asked, or a look could not be recorded, for some seconds.
    """
    ask = asks.fields or asks.events
    assert ask is not None  # noqa: S101  a mapping names something
    cursor: str | None = None
    while True:
        await _patiently(partial(_check, deps, asks))
        page = await _patiently(
            partial(audience.page, deps, ask, sector=asks.sector, cursor=cursor, limit=PAGE)
        )
        customers = page.customers
        await _patiently(partial(_spend, deps, asks, len(customers)))
        for start in range(0, len(customers), bulk.CHUNK):
            chunk = customers[start : start + bulk.CHUNK]
            values = await _values(deps, asks, chunk)
            found = await _with_events(deps, asks, values)
            yield sum(one != NOBODY for one in chunk), found
        if page.behind is None:
            return
        cursor = audience.cursor_of(deps, ask, page.behind, sector=asks.sector)


async def _patiently(work: Callable[[], Awaitable[_T]]) -> _T:
    """Do it again where the vault is busy: an export takes long, and is whole or not at all."""
    for number in range(TRIES - 1):
        try:
            return await work()
        except BusyError:
            await asyncio.sleep(PAUSE * 2**number)
    return await work()


async def _check(deps: Deps, asks: Asks) -> None:
    """Ask again whether the app may act: an export takes long, and one that is frozen stops."""
    async with deps.database.connect() as conn:
        app = await registered.load(deps, conn, asks.app.id)
    if app is None or app.version != asks.app.version:
        raise RefusedError("The app was registered otherwise meanwhile. Export again.")
    app.check(deps.clock.now())


async def _spend(deps: Deps, asks: Asks, count: int) -> None:
    limit = asks.app.registered.registration.daily_limit
    now = deps.clock.now()
    await deps.budgets.spend(deps.database, asks.app.id, limit=limit, count=count, now=now)


async def _values(
    deps: Deps, asks: Asks, chunk: Sequence[CustomerId]
) -> Mapping[CustomerId, Mapping[str, Value]]:
    """Return what may be written of each customer who allows something."""
    if asks.fields is None:
        return {one: {} for one in chunk if one != NOBODY}
    found: dict[CustomerId, Mapping[str, Value]] = {}
    ask, waiting = asks.fields, list(chunk)

    async def ask_those() -> None:
        nonlocal waiting
        async with aclosing(bulk.disclose(deps, ask, [waiting])) as chunks:
            outcomes = await anext(chunks)
        again = []
        for customer, one in zip(waiting, outcomes, strict=True):
            if not isinstance(one, Answer):
                again.append(customer)
            elif one.allowed:
                found[customer] = {
                    opened.name: Value(opened.value, opened.since) for opened in one.opened
                }
        waiting = again
        if waiting:
            raise BusyError

    await _patiently(ask_those)
    return found


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
            page = await _patiently(partial(interaction_list.list_, deps, ask, cursor=cursor))
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
