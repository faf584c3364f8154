"""Append contact events, and open them, by the same path as profiles.

What was said, by whom, through which channel and to what end is sealed under the customer's profile
key; the kind decides who may read. An event may stand under another one of the same customer, which
whoever appends it may read or noted themselves.
Source: DESIGN 1, 2; INTERFACES, interaction; docs/formats.md, 4.
"""

import contextlib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from policies.model import Rulebook, Source
from policies.reasons import Reason
from vault.core import canonical
from vault.core.attachment import Head
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError, OpenError, VaultError, WrongValueError
from vault.core.event import check_outcome, check_who
from vault.core.ids import NOBODY
from vault.core.recorded import Recorded
from vault.crypto.field import Place, SealedValue, open_each, seal_value
from vault.crypto.keys import Kind, WrappedKey
from vault.crypto.random import uuid7
from vault.services import follow_up, unit
from vault.services.ask import Ask, Decided
from vault.services.attachment_row import open_heads
from vault.services.consent_change import of_load
from vault.services.deps import Deps
from vault.services.disclosure import check_names, draft
from vault.services.load import Load, load_locked
from vault.services.profile import Change, decide_write, deny_all, refuse
from vault.services.thread import check_parent
from vault.services.unit import Unit
from vault.services.values import SCHEMA
from vault.store import interaction as store
from vault.store.attachment import HeadRow
from vault.store.interaction import InteractionRow

logger = structlog.get_logger()

MAX_CONTENT = 16_384  # bytes of canonical JSON
MAX_CHANNEL = 64  # characters
MAX_AHEAD = timedelta(minutes=5)  # an event may be this far in the future: clocks differ
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A contact event to append."""

    kind: str  # "call"; its name in decisions is "interaction.call"
    at: datetime | None  # None: what was sent is no time
    channel: str
    content: Mapping[str, object]
    parent: UUID | None = None  # `NOBODY` for an id that is none
    who: str = ""  # a role or team of the business, or "customer"; "" where it was not told
    outcome: str = ""  # a word of `Outcome`; "" where it was not told


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
    who: str = ""
    outcome: str = ""  # a word of `Outcome`; "" where none was told
    files: tuple[Head, ...] = ()


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
        WrongValueError: something is out of bounds, or the parent is nobody's.
        BusyError: nothing was appended.
    """

    async def work(it: Unit) -> VaultError | UUID:
        load = await load_locked(it.conn, deps.codes, ask.customer, at=it.now)
        return await note(it, ask, load, event, source=source_of(load.rulebook, event.kind))

    result, records = await unit.run(deps, work)
    deps.uses.count(ask, () if isinstance(result, VaultError) else ask.names, now=deps.clock.now())
    if isinstance(result, VaultError):
        raise result
    return result, records[0]


async def note(
    it: Unit, ask: Ask, load: Load, event: Event, *, source: Source, event_id: UUID | None = None
) -> VaultError | UUID:
    """Append an event within a transaction; a refusal is logged and returned, so that it commits.

    Args:
        it: the unit, which holds the customer's lock.
        ask: who appends, of the one kind.
        load: of the customer.
        event: what happened.
        source: how it is gathered.
        event_id: made by the caller, so that twice is once; None for a fresh one. `NOBODY` is
            none: as it a malformed id is read.

    Raises:
        UnknownFieldError: the code of ethics does not know the kind.
        CanonicalError: the content is no JSON as the vault keeps it.
    """
    decided = decide_write(it.deps, ask, load, Change({}, source))
    check_names([decided])
    if decided.withheld:
        return refuse(it, decided)
    try:
        check(event, now=it.now)
        if event.parent:
            await check_parent(it, ask, load, event.parent)
    except WrongValueError as error:
        return refuse(it, deny_all(decided, Reason.WRONG_VALUE), error)
    key = load.key(Kind.PROFILE)
    if key is None:
        return refuse(it, decided, NotAvailableError())
    value_id = uuid7(_ms(it.now)) if event_id is None or event_id == NOBODY else event_id
    place = Place(ask.customer, name(event.kind), value_id, SCHEMA, 1)
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
        sealed=seal_value(it.deps.keys.keks, key, place, _said(event)),
    )
    await store.append(it.conn, [row])
    digest = hashlib.sha256(row.sealed).hexdigest()
    entry = draft(it.deps, decided, seen=None)
    values = ((str(place.value_id), digest),)
    sources = ((place.field, source.value),)
    it.log(entry._replace(kind=EntryKind.WRITTEN, values=values, sources=sources))
    await follow_up.after(it, of_load(it.deps, load), row)
    return place.value_id


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
    check_who(event.who)
    check_outcome(event.outcome)


def _said(event: Event) -> dict[str, object]:
    """Return what is sealed; who and outcome are members only where they were told."""
    told = {"who": event.who, "outcome": event.outcome}
    return {
        "channel": event.channel,
        "content": dict(event.content),
        **{member: text for member, text in told.items() if text},
    }


def open_events(
    deps: Deps,
    decided: Decided,
    recorded: Recorded,
    rows: Sequence[InteractionRow],
    heads: Sequence[HeadRow] = (),
) -> tuple[Told, ...]:
    """Open events that the record allows, in their order, with what is told of their files.

    A damaged one says so and hides no other.
    """
    key = decided.load.key(Kind.PROFILE)
    files = open_heads(deps, recorded, key, rows, heads) if key and heads else {}
    return tuple(_told(deps, recorded, key, row, files.get(row.interaction_id, ())) for row in rows)


def _told(
    deps: Deps,
    recorded: Recorded,
    key: WrappedKey | None,
    row: InteractionRow,
    files: tuple[Head, ...],
) -> Told:
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
        who=str(said.get("who", "")) if said else "",
        outcome=str(said.get("outcome", "")) if said else "",
        files=files,
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
