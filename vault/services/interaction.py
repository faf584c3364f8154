"""Append contact events and read them, by the same path as profiles.

What was said, and the channel, is sealed under the customer's profile key; the kind decides who may
read. Apps know events by an id of their own sector, so that two apps cannot join what they hold.
Source: DESIGN 1, 2; INTERFACES, interaction.
"""

import contextlib
import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from policies.model import Rulebook, Source
from policies.reasons import Reason
from vault.core import canonical
from vault.core.entry import Kind as EntryKind
from vault.core.errors import (
    BadRequestError,
    NotAvailableError,
    OpenError,
    OutsideTokenError,
    VaultError,
    WrongValueError,
)
from vault.core.recorded import Recorded
from vault.crypto import tokens
from vault.crypto.field import Place, SealedValue, open_each, seal_value
from vault.crypto.keys import Kind, WrappedKey
from vault.crypto.random import uuid7
from vault.services import app_load, unit
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, draft, record
from vault.services.load import LoadTooOldError, load_locked
from vault.services.profile import Change, decide_write, deny_all, refuse
from vault.services.second_look import confirmed
from vault.services.unit import Unit
from vault.services.values import SCHEMA
from vault.store import interaction as store
from vault.store.interaction import InteractionRow

logger = structlog.get_logger()

MAX_CONTENT = 16_384  # bytes of canonical JSON
MAX_CHANNEL = 64  # characters
MAX_AHEAD = timedelta(minutes=5)  # an event may be this far in the future: clocks differ
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
PAGE = 50  # events of one page
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = struct.Struct(">q16s")  # unix microseconds, interaction id


@dataclass(frozen=True, slots=True)
class Event:
    """A contact event to append."""

    kind: str  # "call"; its name in decisions is "interaction.call"
    at: datetime | None  # None: what was sent is no time
    channel: str
    content: Mapping[str, object]
    parent: UUID | None = None  # `NOBODY` for an id that is none


@dataclass(frozen=True, slots=True)
class Told:
    """A contact event that was opened."""

    interaction_id: UUID
    kind: str
    at: datetime
    source: str
    parent: UUID | None
    channel: str
    content: object
    app: str | None = None  # who appended it; None: not an app
    purpose: str | None = None
    damaged: bool = False  # it did not pass its check: channel and content are empty


@dataclass(frozen=True, slots=True)
class Page:
    """One page of events, the newest first."""

    events: tuple[Told, ...]
    cursor: str | None  # where the next page begins; None at the end
    version: str
    digest: str
    receipt: str


def name(kind: str) -> str:
    """Return the name by which decisions know a kind."""
    return f"interaction.{kind}"


def kinds_in(names: Iterable[str]) -> frozenset[str]:
    """Return the kinds among names of decisions."""
    head = name("")
    return frozenset(one.removeprefix(head) for one in names if one.startswith(head))


def source_of(rulebook: Rulebook, kind: str) -> Source:
    """Return how a kind that an app notes is gathered: observed, where the code allows it."""
    sources = rulebook.sources.get(name(kind), frozenset())
    if Source.OBSERVED in sources or not sources:
        return Source.OBSERVED
    return min(sources)


async def append(deps: Deps, ask: Ask, event: Event) -> tuple[UUID, Recorded]:
    """Append one event; returns its id and the record.

    Raises:
        UnknownFieldError, OutsideTokenError, NotAvailableError, WrongSourceError: recorded.
        WrongValueError: the channel, time or content is out of bounds, or the parent is nobody's.
        BusyError: nothing was appended.
    """

    async def work(it: Unit) -> VaultError | UUID:
        load = await load_locked(it.conn, deps.codes, ask.customer, at=it.now)
        source = source_of(load.rulebook, event.kind)
        decided = decide_write(deps, ask, load, Change({}, source))
        check_names([decided])
        if decided.withheld:
            return refuse(it, decided)
        try:
            check(event, now=it.now)
        except WrongValueError as error:
            return refuse(it, deny_all(decided, Reason.WRONG_VALUE), error)
        if event.parent and not await store.load(it.conn, ask.customer, event.parent):
            return refuse(it, decided, WrongValueError("The parent is not there."))
        key = load.key(Kind.PROFILE)
        if key is None:
            return refuse(it, decided, NotAvailableError())
        place = Place(ask.customer, name(event.kind), uuid7(_ms(it.now)), SCHEMA, 1)
        said = {"channel": event.channel, "content": dict(event.content)}
        row = InteractionRow(
            customer=ask.customer,
            interaction_id=place.value_id,
            kind=event.kind,
            purpose=ask.purpose,
            app=ask.app,
            parent=event.parent,
            at=event.at or it.now,
            written_at=it.now,
            source=source.value,
            schema=place.schema,
            row_version=place.row_version,
            generation=key.generation,
            sealed=seal_value(deps.keys.keks, key, place, said),
        )
        await store.append(it.conn, [row])
        digest = hashlib.sha256(row.sealed).hexdigest()
        entry = draft(deps, decided, seen=None)
        values = ((str(place.value_id), digest),)
        sources = ((place.field, source.value),)
        it.log(entry._replace(kind=EntryKind.WRITTEN, values=values, sources=sources))
        return place.value_id

    result, records = await unit.run(deps, work)
    deps.uses.count(ask, () if isinstance(result, VaultError) else ask.names, now=deps.clock.now())
    if isinstance(result, VaultError):
        raise result
    return result, records[0]


async def list_(deps: Deps, ask: Ask, *, cursor: str | None = None) -> Page:
    """Return a page of the events whose kinds the ask names and may read.

    Raises:
        BadRequestError: the cursor is not one of ours for this app and customer.
        OutsideTokenError, NotAvailableError: recorded.
        BusyError: nothing was opened.
    """
    try:
        return await _list(deps, ask, cursor)
    except LoadTooOldError:  # as `disclosure.judge`: a change may have come meanwhile
        return await _list(deps, ask, cursor)


async def _list(deps: Deps, ask: Ask, cursor: str | None) -> Page:
    place = f"interactions {ask.app or ask.actor} {ask.purpose} {ask.customer}"
    before = read_cursor(deps, place, cursor)
    with deps.appender.looking() as seen:
        load = await app_load.load(deps, ask)
        decided = decide_ask(deps, ask, load)
        check_names([decided])
        kinds = [one.removeprefix("interaction.") for one, _ in decided.allowed]
        async with deps.database.connect() as conn:
            rows = await store.load_page(
                conn, ask.customer, kinds=kinds, before=before, limit=PAGE + 1
            )
        recorded = (await record(deps, [decided], seen=seen, bounded=True))[0]
        ((decided, recorded),) = await confirmed(deps, [(decided, recorded)], decide_ask)
    events = tuple(
        one for one in open_events(deps, decided, recorded, rows[:PAGE]) if not one.damaged
    )
    deps.uses.count(ask, {name(one.kind) for one in events}, now=deps.clock.now())
    if not decided.allowed:
        raise OutsideTokenError if decided.outside_token else NotAvailableError
    more = len(rows) > PAGE
    return Page(
        events=events,
        cursor=cursor_of(deps, place, rows[PAGE - 1]) if more else None,
        version=load.rulebook.version,
        digest=load.rulebook.digest,
        receipt=recorded.receipt,
    )


def check(event: Event, *, now: datetime) -> None:
    """Refuse an event that is out of bounds.

    Raises:
        WrongValueError: naming the member.
        CanonicalError: the content is no JSON as the vault keeps it.
    """
    if not 0 < len(event.channel) <= MAX_CHANNEL or not event.channel.isprintable():
        raise WrongValueError("The channel is 1 to 64 characters.")
    if event.at is None or event.at < EARLIEST:
        raise WrongValueError("The time is written as 2026-11-01T09:00:00Z, from 1900 on.")
    if event.at > now + MAX_AHEAD:
        raise WrongValueError("The time lies in the future.")
    if len(canonical.dumps(dict(event.content))) > MAX_CONTENT:
        raise WrongValueError("The content is larger than 16 KB.")


def open_events(
    deps: Deps, decided: Decided, recorded: Recorded, rows: Sequence[InteractionRow]
) -> tuple[Told, ...]:
    """Open events that the record allows, in their order; a damaged one says so and hides no other."""
    key = decided.load.key(Kind.PROFILE)
    return tuple(_told(deps, recorded, key, row) for row in rows)


def _told(deps: Deps, recorded: Recorded, key: WrappedKey | None, row: InteractionRow) -> Told:
    sealed = SealedValue(
        name(row.kind), row.interaction_id, row.schema, row.row_version, row.sealed
    )
    said: object = None
    if key is not None:
        with contextlib.suppress(OpenError):  # edited, or moved from another customer
            (said,) = open_each(recorded, deps.keys.keks, key, [sealed])
    if not isinstance(said, dict):
        logger.error("interaction-damaged")
        said = None
    return Told(
        interaction_id=row.interaction_id,
        kind=row.kind,
        at=row.at,
        source=row.source,
        parent=row.parent,
        channel=str(said.get("channel", "")) if said else "",
        content=said.get("content") if said else None,
        app=row.app,
        purpose=row.purpose,
        damaged=said is None,
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


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
