"""Answer whether a business may reach customers now, and note the contact where it may.

1. **load** customers, their consents and terms, and when they were reached in the last 30 days; where
   a contact is to be noted, under each customer's lock, so that two campaigns at once cannot pass a
   customer's limit together;
2. **decide** by `vault/core/contact.py`, and whether the app may append the event;
3. **record** each answer, yes and no, in one batch record, and append the events in the same
   transaction; what cannot be recorded is answered to nobody;
4. **answer**. Nothing is opened: a yes says that a channel may be used, not what is in it.

An ask about nobody we know takes the same steps and costs the same. What is refused whoever the
customer is (a name outside the token) is recorded for the first customers of a call alone.
Source: DESIGN 1 and 10; docs/api.md, may we contact.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from policies.model import Rulebook
from vault.core import contact
from vault.core.entry import Kind as EntryKind
from vault.core.errors import BusyError, OutsideTokenError, VaultError, WrongValueError
from vault.core.ids import NOBODY, CustomerId
from vault.services import app_load, bulk, contact_one, interaction, unit
from vault.services.contact_one import Done, Note, Said, Weighed, Wish
from vault.services.deps import Deps
from vault.services.disclosure import check_names, draft
from vault.services.load import Load, passages_of
from vault.services.unit import Unit
from vault.store import contact as store
from vault.store.customer import lock_many
from vault.store.disclosure import load_many

__all__ = ["CHUNK", "Chunk", "Note", "Said", "Wish", "ask", "ask_all", "reached"]

CHUNK: Final = 100  # customers of one record and one receipt
MAX_AGE: Final = (
    bulk.MAX_AGE
)  # seconds from a load to its answer; the record of an older one stands
TRIES: Final = 2
TURN: Final = 25  # customers; then others have their turn
_WINDOW: Final = timedelta(milliseconds=contact.WINDOW)

T = TypeVar("T")
G = TypeVar("G")

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What some customers' asks came to; an error stands in the place of its customer."""

    answers: tuple[Said | VaultError, ...]
    version: str = ""
    digest: str = ""
    receipt: str | None = None  # None: nothing of it was recorded


async def ask(deps: Deps, wish: Wish, customers: Sequence[CustomerId]) -> Chunk:
    """Answer about at most `CHUNK` customers, each once.

    Raises:
        UnknownFieldError: the code of ethics does not know the purpose or the kind.
        OutsideTokenError: recorded.
        WrongValueError: the kind does not reach by this channel, or the content is too large.
        BusyError: nothing was appended, and nothing is answered.
    """
    time = asyncio.get_running_loop().time
    loaded = time()

    async def work(it: Unit) -> tuple[Rulebook, list[Said | VaultError] | None]:
        nonlocal loaded
        loaded = time()
        return await _work(it, wish, customers)

    for _ in range(TRIES):
        (rulebook, done), records = await unit.run(deps, work, batch=True)
        # Where nothing is noted nobody is locked: a no may have come behind what was loaded.
        if wish.note is not None or done is None or time() - loaded <= MAX_AGE:
            break
    else:
        raise BusyError
    if done is None:
        raise OutsideTokenError
    if wish.note is not None:
        noted = sum(isinstance(one, Said) and one.event is not None for one in done)
        given = {wish.note.ask.names[0]: noted}
        deps.uses.count_many(wish.note.ask, len(done), given, now=deps.clock.now())
    return Chunk(
        answers=tuple(done),
        version=rulebook.version,
        digest=rulebook.digest,
        receipt=records[0].receipt,
    )


async def ask_all(
    deps: Deps, wish: Wish, chunks: Iterable[Sequence[CustomerId]]
) -> AsyncGenerator[Chunk]:
    """Answer chunk by chunk, each when the one before is taken; the first one as `ask` does.

    Behind the first, what refuses a chunk is said of each of its customers: a stopped app, too.
    """
    for number, customers in enumerate(chunks):
        if not number:
            yield await ask(deps, wish, customers)
            continue
        try:
            await app_load.load(deps, replace(wish.ask, customer=NOBODY))  # whether it still may
            chunk = await ask(deps, wish, customers)
        except VaultError as error:
            chunk = Chunk(tuple(type(error)() for _ in customers))
        yield chunk


async def reached(deps: Deps, customer: CustomerId, rulebook: Rulebook) -> int:
    """Return how often the business reached a customer in the last 30 days."""
    since = deps.clock.now() - _WINDOW
    async with deps.database.connect() as conn:
        found = await store.times_since(conn, [customer], contact.kinds(rulebook), since=since)
    return len(found.get(customer, ()))


async def _work(
    it: Unit, wish: Wish, customers: Sequence[CustomerId]
) -> tuple[Rulebook, list[Said | VaultError] | None]:
    """Take steps 1 to 3; no list says that the call is refused, whoever the customers are."""
    if wish.note is not None:
        # In one order, so that two campaigns never wait for each other in a ring.
        await lock_many(it.conn, sorted(set(customers)))
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    found = await load_many(it.conn, customers)
    passages = await passages_of(it.conn, it.deps.codes, rulebook, found)
    kinds, since = contact.kinds(rulebook), it.now - _WINDOW
    times = await store.times_since(it.conn, customers, kinds, since=since)
    names = contact.ways(rulebook, wish.ask.names, wish.channel)
    wish = replace(wish, ask=replace(wish.ask, names=names, looks=EntryKind.MAY_REACH))

    loads = [
        Load(customer, rulebook, it.now, one, passages)
        for customer, one in zip(customers, found, strict=True)
    ]
    weighed = await _each(
        lambda load: contact_one.weigh(it.deps, wish, load, times.get(load.customer, [])), loads
    )
    good = [one for one in weighed if isinstance(one, Weighed)]
    if not good:
        raise BusyError
    if _is_refused(it, wish, rulebook, good):
        return rulebook, None
    finished = iter(await _each(lambda one: (one, contact_one.finish(it.deps, one)), good))
    done = [next(finished) if isinstance(one, Weighed) else one for one in weighed]
    told = [one if isinstance(one, VaultError) else await _write(it, wish, *one) for one in done]
    if not it.drafts:
        raise BusyError
    return rulebook, told


async def _write(it: Unit, wish: Wish, one: Weighed, done: Done) -> Said:
    """Log an answer, and note the contact behind a yes."""
    it.log(done.entry)
    if not done.noted or one.append is None:
        return done.said
    event, load = wish.event(it.now), one.look.load
    source = interaction.source_of(load.rulebook, event.kind)
    noted = await interaction.note(it, one.append.ask, load, event, source=source)
    if isinstance(noted, VaultError):
        raise noted  # it was decided before; nothing of the chunk stands
    return replace(done.said, event=noted)


async def _each(step: Callable[[G], T], given: Sequence[G]) -> list[T | VaultError]:
    """Take a step for each customer; what fails it fails no other."""
    outcomes: list[T | VaultError] = []
    for number, one in enumerate(given, 1):
        try:
            outcomes.append(step(one))
        except Exception as error:  # noqa: BLE001  one customer must not fail the others
            logger.error("ask-failed", error=type(error).__name__)
            outcomes.append(BusyError())
        if not number % TURN:
            await asyncio.sleep(0)
    return outcomes


def _is_refused(it: Unit, wish: Wish, rulebook: Rulebook, weighed: Sequence[Weighed]) -> bool:
    """Say whether the whole call is refused, and record it; it depends on nothing of a customer.

    Raises:
        UnknownFieldError, WrongValueError: likewise, and not recorded: nothing was decided.
    """
    check_names([one for each in weighed for one in (each.look, each.append) if one is not None])
    refused = [one.outside for one in weighed if one.outside is not None]
    for one in refused:
        it.log(draft(it.deps, one, seen=None))
    if refused or wish.note is None:
        return bool(refused)
    if rulebook.interactions[interaction.name(wish.note.kind)].reaches is not wish.channel:
        raise WrongValueError("By events of this kind nobody is reached through this channel.")
    interaction.check(wish.event(it.now), now=it.now)
    return False
