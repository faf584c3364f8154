"""Let customers see what follows their contacts, and say whether it is settled.

1. to see them is the customer's own look, recorded before any word opens: each contact, and what is
   under it, which is what was done about it;
2. a yes or no is to what was read: a form that was made before the last change changes nothing;
3. with either go words, where the code lets customers write some: a contact under the first one, and
   one of those that a customer may write in a day.

Source: portal note, 2; GDPR 15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Action, InteractionKind, Rulebook, Source
from policies.names import OWN
from vault.core import follow_up as rules
from vault.core import request as request_rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError, VaultError
from vault.core.event import PORTAL
from vault.core.follow_up import FollowUp, State
from vault.core.ids import CustomerId
from vault.core.look import CUSTOMER
from vault.services import follow_up, follow_up_row, interaction, own_event, thread
from vault.services.ask import Ask
from vault.services.consent_made import Held
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, record
from vault.services.follow_up import By, Words
from vault.services.follow_up_row import Case
from vault.services.interaction import Event, Told
from vault.services.own_event import TEXT
from vault.services.unit import Unit
from vault.store import follow_up as store
from vault.store import thread as contacts
from vault.store.follow_up import FollowUpRow
from vault.store.interaction import InteractionRow

MOST: Final = 50  # follow-ups of one page
_ORDER: Final = {State.OFFERED: 0, State.OPEN: 1, State.SETTLED: 2}


@dataclass(frozen=True, slots=True)
class Followed:
    """A follow-up with the contact and what is under it, the oldest first."""

    case: Case
    thread: tuple[Told, ...]  # empty where the contact may not be shown


@dataclass(frozen=True, slots=True)
class Read:
    """What follows a customer's contacts: what waits for the customer, what is open, what was settled."""

    followed: tuple[Followed, ...]
    cut: bool  # there are more, or more is under one of them
    rulebook: Rulebook


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a yes or no."""

    event_id: UUID  # made with the form, so that twice is once
    text: str = ""  # "" for nothing


async def offered(deps: Deps, customer: CustomerId) -> int:
    """Return how many offers wait for the customer's yes or no; nothing is opened."""
    async with deps.database.connect() as conn:
        rows = await store.load_all(conn, customer, limit=MOST)
    found = (follow_up_row.case(deps, row).follow_up for row in rows)
    return sum(one is not None and one.state is State.OFFERED for one in found)


async def read(deps: Deps, customer: CustomerId, *, request: str) -> Read:
    """Record the customer's look and open what follows their contacts.

    Raises:
        NotAvailableError: nothing may be shown: the customer's record is broken.
        BusyError: the look could not be recorded; nothing was opened.
    """
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane=CUSTOMER)
        ask = _ask(customer, tuple(load.rulebook.interactions), request, Action.READ)
        decided = decide_ask(deps, ask, load)
        check_names([decided])
        async with deps.database.connect() as conn:
            rows = await store.load_all(conn, customer, limit=MOST + 1)
            shown = rows[:MOST]
            tops = await contacts.load_some(conn, customer, {row.event for row in shown})
            below, more = await thread.under(conn, customer, tops)
        if not rows:
            return Read((), cut=False, rulebook=load.rulebook)
        recorded = (await record(deps, [decided], seen=seen))[0]
    if not decided.allowed:
        raise NotAvailableError
    allowed = {name for name, _ in decided.allowed}
    known = [row for row in (*tops, *below) if interaction.name(row.kind) in allowed]
    told = dict(
        zip(
            (row.interaction_id for row in known),
            interaction.open_events(deps, decided, recorded, known),
            strict=True,
        )
    )
    threads = threads_of(known)
    followed = tuple(
        Followed(
            follow_up_row.case(deps, row),
            tuple(told[one] for one in threads.get(row.event, ())),
        )
        for row in shown
    )
    return Read(
        followed=tuple(sorted(followed, key=_place)),
        cut=more or len(rows) > MOST,
        rulebook=load.rulebook,
    )


async def agree(
    deps: Deps,
    customer: CustomerId,
    follow_up_id: UUID,
    *,
    version: int,
    said: Said,
    request: str,
) -> None:
    """Say that it is settled; twice is once.

    Args:
        deps: what a use case may touch.
        customer: who says so.
        follow_up_id: which.
        version: of the follow-up that the customer read.
        said: what goes with it.
        request: our id of the browser's request.

    Raises:
        NotAvailableError: this customer has no such follow-up.
        ConflictError: it changed since it was read.
        WrongValueError: the text is too long, or holds what no text does.
        TooManyError: as many words were written within a day as may be.
        OpenError: it is broken; nothing was changed.
    """

    def rule(one: FollowUp, now: datetime) -> FollowUp:
        return rules.agree(one, now=now)

    await _answer(deps, customer, follow_up_id, rule, version=version, said=said, request=request)


async def disagree(
    deps: Deps,
    customer: CustomerId,
    follow_up_id: UUID,
    *,
    version: int,
    said: Said,
    request: str,
) -> None:
    """Say that it is not settled, so that it is open again; twice is once, and errors as `agree`.

    Raises:
        ConflictError: it changed since it was read, or the customer agreed already.
    """

    def rule(one: FollowUp, now: datetime) -> FollowUp:
        return rules.disagree(one, now=now)

    await _answer(deps, customer, follow_up_id, rule, version=version, said=said, request=request)


def kind_for(rulebook: Rulebook, kind: str) -> InteractionKind | None:
    """Return as which kind customers add to a contact: its own, else the first they may write."""
    mine = [
        one for one in rulebook.interactions.values() if one.portal and Source.TOLD in one.sources
    ]
    return next((one for one in mine if one.kind == kind), mine[0] if mine else None)


async def _answer(
    deps: Deps,
    customer: CustomerId,
    follow_up_id: UUID,
    rule: follow_up.Change,
    *,
    version: int,
    said: Said,
    request: str,
) -> None:
    text = request_rules.text(said.text) if said.text.strip() else ""
    if text:
        await own_event.count(deps, customer, said.event_id)

    async def say(it: Unit, held: Held, row: FollowUpRow) -> VaultError | None:
        kind = kind_for(held.load.rulebook, row.kind)
        if kind is None:
            return NotAvailableError()
        ask = _ask(customer, (kind.name,), request, Action.APPEND)
        event = Event(kind.kind, it.now, PORTAL, {TEXT: text}, row.event, who=CUSTOMER)
        made = await interaction.note(
            it, ask, held.load, event, source=Source.TOLD, event_id=said.event_id
        )
        return made if isinstance(made, VaultError) else None

    await follow_up.change(
        deps,
        customer,
        follow_up_id,
        rule,
        by=By(CUSTOMER, OWN, request),
        version=version,
        words=Words(said.event_id, say) if text else None,
    )


def threads_of(rows: Sequence[InteractionRow]) -> dict[UUID, list[UUID]]:
    """Return for each contact itself and all that is under it, the oldest first."""
    parents = {row.interaction_id: row.parent for row in rows}
    found: dict[UUID, list[UUID]] = {}
    for row in sorted(rows, key=lambda one: (one.at, one.interaction_id)):
        at: UUID | None = row.interaction_id
        seen: set[UUID] = set()
        while at is not None and at not in seen:  # a ring was made by hand
            seen.add(at)
            found.setdefault(at, []).append(row.interaction_id)
            at = parents.get(at)
    return found


def _place(one: Followed) -> tuple[int, float]:
    found = one.case.follow_up
    if found is None:
        return (0, 0.0)
    due = found.due.timestamp()
    return (_ORDER[found.state], -found.since.timestamp() if found.is_settled else due)


def _ask(customer: CustomerId, names: tuple[str, ...], request: str, action: Action) -> Ask:
    return Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=names,
        action=action,
        request=request,
        present=True,
        looks=EntryKind.OWN_LOOK,
    )
