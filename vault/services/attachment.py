"""Attach a file to a contact event, and hand one over, under the decision of its event.

1. An app attaches to events that it noted itself, under the same purpose, at places 1 to 4 that it
   numbers; where a file is already, none is put in its stead.
2. Whoever may read the event may fetch its files; each time is a look, recorded first. An event that
   is not there, one that may not be read and a place without a file look alike.

The bytes are judged in `vault/core/attachment.py` and sealed under the customer's profile key.
Source: DESIGN 1; docs/formats.md, 24.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from policies.decide import ActorKind
from policies.reasons import Reason
from vault.core import attachment as rules
from vault.core.attachment import File, Head
from vault.core.entry import Kind as EntryKind
from vault.core.errors import (
    ConflictError,
    NotAvailableError,
    OutsideTokenError,
    VaultError,
    WrongValueError,
)
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.crypto.keys import Kind
from vault.services import attachment_row, interaction, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import check_names, draft, judge
from vault.services.load import load_locked
from vault.services.profile import Change, decide_write, deny_all, refuse
from vault.services.standing_change import CUSTOMER
from vault.services.unit import Unit
from vault.store import attachment as store
from vault.store import interaction as events
from vault.store.interaction import InteractionRow


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was opened."""

    head: Head
    data: bytes
    receipt: str


async def add(
    deps: Deps, ask: Ask, event: UUID, number: int, *, data: bytes, claimed: str, name: str
) -> tuple[Head, Recorded]:
    """Attach a file to an event that the app of the ask noted.

    Args:
        deps: what a use case may touch.
        ask: an app's, to append; its names are the kinds that it may append.
        event: which.
        number: the place, from 1.
        data: the bytes.
        claimed: the media type that came with them.
        name: the name that came with them.

    Raises:
        OutsideTokenError, NotAvailableError: recorded; the event is not there for this app.
        WrongValueError: the file or its place is out of bounds.
        ConflictError: another file is there.
        BusyError: nothing was attached.
    """
    asked = ask

    async def work(it: Unit) -> VaultError | Head:
        nonlocal asked
        load = await load_locked(it.conn, deps.codes, ask.customer, at=it.now)
        row = await events.load(it.conn, ask.customer, event)
        known = row if row and _is_mine(row, ask) else None
        asked = replace(ask, names=(interaction.name(known.kind),)) if known else ask
        source = interaction.source_of(load.rulebook, known.kind if known else "")
        decided = decide_write(deps, asked, load, Change({}, source))
        check_names([decided])
        key = load.key(Kind.PROFILE)
        if known is None or decided.withheld or key is None:
            why = _none(outside_token=decided.outside_token)
            return refuse(it, decided, None if known and decided.withheld else why)
        try:
            file = _checked(number, data, claimed=claimed, name=name)
        except WrongValueError as error:
            return refuse(it, deny_all(decided, Reason.WRONG_VALUE), error)
        if (await store.load(it.conn, ask.customer, event, number)) is not None:
            return refuse(it, decided, ConflictError())
        made = attachment_row.seal(deps, key, known, number, file, now=it.now)
        await store.add(it.conn, made)
        entry = draft(deps, decided, seen=None)
        it.log(
            entry._replace(
                kind=EntryKind.WRITTEN,
                values=(attachment_row.digest(made),),
                sources=((interaction.name(known.kind), source.value),),
            )
        )
        return Head(number, file.name, file.media.value, len(file.data))

    done, records = await unit.run(deps, work)
    given = () if isinstance(done, VaultError) else asked.names
    deps.uses.count(asked, given, now=deps.clock.now())
    if isinstance(done, VaultError):
        raise done
    return done, records[0]


async def fetch(deps: Deps, ask: Ask, event: UUID, number: int) -> Fetched:
    """Record a look at an event and open one of its files.

    Args:
        deps: what a use case may touch.
        ask: to read; its names are the kinds that the asker may be told of at all.
        event: which.
        number: the place, from 1.

    Raises:
        OutsideTokenError, NotAvailableError: recorded; there is nothing here for this ask.
        OpenError: the file is not what was sealed.
        BusyError: the look could not be recorded; nothing was opened.
    """
    async with deps.database.connect() as conn:
        row = await events.load(conn, ask.customer, event)
        # A place that no event has is not asked for: a database's number ends somewhere.
        is_place = row is not None and 1 <= number <= rules.MOST
        file = await store.load(conn, ask.customer, event, number) if is_place else None
    known = row if row and interaction.name(row.kind) in ask.names else None
    asked = replace(ask, names=(interaction.name(known.kind),)) if known else ask
    ((decided, recorded),) = await judge(deps, [asked])
    key = decided.load.key(Kind.PROFILE)
    found = known is not None and file is not None and key is not None and bool(decided.allowed)
    deps.uses.count(asked, asked.names if found else (), now=deps.clock.now())
    if known is None or file is None or key is None or not decided.allowed:
        raise _none(outside_token=decided.outside_token)
    head, data = attachment_row.open_file(deps, recorded, key, file, kind=known.kind)
    return Fetched(head, data, recorded.receipt)


async def fetch_own(
    deps: Deps, customer: CustomerId, event: UUID, number: int, *, request: str
) -> Fetched:
    """Record the customer's own look and open a file; errors as for `fetch`."""
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    ask = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=tuple(rulebook.interactions),
        request=request,
        present=True,
        looks=EntryKind.OWN_LOOK,
    )
    return await fetch(deps, ask, event, number)


def _is_mine(row: InteractionRow, ask: Ask) -> bool:
    noted = row.app == ask.app and row.purpose == ask.purpose
    return noted and interaction.name(row.kind) in ask.names


def _checked(number: int, data: bytes, *, claimed: str, name: str) -> File:
    if not 1 <= number <= rules.MOST:
        raise WrongValueError(f"An event holds at most {rules.MOST} attachments.")
    return rules.check(data, claimed=claimed, name=name)


def _none(*, outside_token: bool) -> VaultError:
    return OutsideTokenError() if outside_token else NotAvailableError()
