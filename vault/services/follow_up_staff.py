"""Let staff see to what follows contacts: read, answer, offer an outcome, hand over.

1. to read the contact and what is under it is a look by a clause that names the role, under the
   number as its case, recorded before anything opens and shown to the customer;
2. what staff say is a contact under the one that is followed, decided like any write;
3. staff offer, and the customer settles: there is no way round that here.

Each answer and offer tells the customer by a letter that holds a link alone.
Source: security note, 8.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Action, InteractionKind, Purpose, Rulebook, StaffRole
from policies.names import FOLLOW_UP, INTERACTION
from vault.core import follow_up as rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError, VaultError, WrongValueError
from vault.core.follow_up import FollowUp, Outcome
from vault.core.request import text
from vault.core.staff import RIGHTS, Right
from vault.services import follow_up, follow_up_row, interaction, thread
from vault.services.ask import Ask
from vault.services.consent_made import Held
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, record
from vault.services.follow_up import By, Words
from vault.services.follow_up_owed import find
from vault.services.interaction import Event, Told
from vault.services.load import LoadTooOldError
from vault.services.own_event import TEXT
from vault.services.second_look import confirmed
from vault.services.staff import Member
from vault.services.unit import Unit
from vault.store import interaction as contacts
from vault.store.follow_up import FollowUpRow

CHANNEL: Final = "console"
OWNERS: Final = tuple(role for role in StaffRole if Right.WORK_FOLLOW_UPS in RIGHTS[role])


@dataclass(frozen=True, slots=True)
class Seen:
    """A contact with what is under it, the oldest first, as a purpose may see them."""

    purpose: Purpose
    thread: tuple[Told, ...]  # empty where this purpose may not see the contact
    cut: bool  # more is under it


@dataclass(frozen=True, slots=True)
class Said:
    """What a member of staff says to the customer."""

    purpose: str
    kind: str  # of the contact that it becomes
    text: str
    event_id: UUID  # made with the form, so that twice is once


async def look(deps: Deps, member: Member, number: str, purpose: str, *, request: str) -> Seen:
    """Record the look and open the contact with what is under it, as far as a purpose may see it.

    Args:
        deps: what a use case may touch.
        member: who looks.
        number: of the follow-up, which is the case.
        purpose: of the look.
        request: our id of the browser's request.

    Raises:
        NotAvailableError: there is no such number, or this role sees no such values.
        OpenError: the follow-up is broken; nothing was opened.
        BusyError: the look could not be recorded; nothing was opened.
    """
    try:
        return await _look(deps, member, number, purpose, request)
    except LoadTooOldError:  # as `disclosure.judge`: a change may have come meanwhile
        return await _look(deps, member, number, purpose, request)


async def _look(deps: Deps, member: Member, number: str, purpose: str, request: str) -> Seen:
    member.need(Right.WORK_FOLLOW_UPS)
    member.need(Right.SEE_VALUES)
    row = await find(deps, number)
    follow_up_row.proven(deps, row)  # else the number may have been another customer's
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(row.customer, lane=member.actor)
        clause = next(
            (one for one in purposes(load.rulebook, member.role, row.kind) if one.id == purpose),
            None,
        )
        if clause is None:
            raise NotAvailableError
        names = _events(load.rulebook.fields_of(purpose, Action.READ))
        ask = _ask(member, row, purpose, names, request, Action.READ)
        decided = decide_ask(deps, ask, load)
        check_names([decided])
        kinds = interaction.kinds_in(name for name, _ in decided.allowed)
        async with deps.database.connect() as conn:
            top = await contacts.load(conn, row.customer, row.event)
            tops = [top] if top is not None and top.kind in kinds else []
            below, cut = await thread.under(conn, row.customer, tops, kinds=kinds)
        recorded = (await record(deps, [decided], seen=seen, bounded=True))[0]
        ((decided, recorded),) = await confirmed(deps, [(decided, recorded)], decide_ask)
    known = sorted((*tops, *below), key=lambda one: (one.at, one.interaction_id))
    return Seen(clause, interaction.open_events(deps, decided, recorded, known), cut)


def purposes(rulebook: Rulebook, role: StaffRole, kind: str) -> tuple[Purpose, ...]:
    """Return the purposes under which a role may read contacts of a kind."""
    return tuple(
        one
        for one in rulebook.code.purposes
        if role in one.staff and interaction.name(kind) in rulebook.fields_of(one.id, Action.READ)
    )


def kinds_to_say(rulebook: Rulebook, purpose: str) -> tuple[InteractionKind, ...]:
    """Return as which kinds staff may say something under a purpose.

    Nothing follows these, for what staff say is what follows.
    """
    names = _events(rulebook.fields_of(purpose, Action.APPEND))
    kinds = (rulebook.interactions[name] for name in names)
    return tuple(one for one in kinds if one.follow_up is None)


async def answer(deps: Deps, member: Member, number: str, said: Said, *, request: str) -> None:
    """Say something to the customer; how the follow-up stands stays as it is.

    Raises:
        NotAvailableError: there is no such number, or this role may not say this.
        ConflictError: the customer agreed already.
        WrongValueError: nothing is said, or too much.
        OpenError: the follow-up is broken; nothing was changed.
    """

    def rule(one: FollowUp, _: datetime) -> FollowUp:
        return rules.hand_over(one, one.owner)  # as it is, while it is not settled

    await _change(deps, member, number, rule, said, request=request, letter=True)


async def offer(
    deps: Deps, member: Member, number: str, outcome: Outcome, said: Said | None, *, request: str
) -> None:
    """Say that it is settled, and how, with words or without; errors as `answer`."""

    def rule(one: FollowUp, now: datetime) -> FollowUp:
        return rules.offer(one, outcome, now=now)

    await _change(deps, member, number, rule, said, request=request, letter=True, outcome=outcome)


async def hand_over(
    deps: Deps, member: Member, number: str, owner: StaffRole, *, request: str
) -> None:
    """Let another role see to it, one that may; errors as `answer`."""
    if owner not in OWNERS:
        raise WrongValueError("This role sees to no follow-ups.")

    def rule(one: FollowUp, _: datetime) -> FollowUp:
        return rules.hand_over(one, owner)

    await _change(deps, member, number, rule, None, request=request, letter=False)


async def _change(
    deps: Deps,
    member: Member,
    number: str,
    rule: follow_up.Change,
    said: Said | None,
    *,
    request: str,
    letter: bool,
    outcome: str = "",
) -> None:
    member.need(Right.WORK_FOLLOW_UPS)
    row = await find(deps, number)
    words = None
    if said is not None:
        words = _words(member, replace(said, text=text(said.text)), request, outcome)
    await follow_up.change(
        deps,
        row.customer,
        row.follow_up_id,
        rule,
        by=By(member.actor, FOLLOW_UP, request, member.handle),
        words=words,
        letter=letter,
    )


def _words(member: Member, said: Said, request: str, outcome: str) -> Words:
    async def say(it: Unit, held: Held, row: FollowUpRow) -> VaultError | None:
        rulebook = held.load.rulebook
        if said.kind not in {one.kind for one in kinds_to_say(rulebook, said.purpose)}:
            return NotAvailableError()
        names = (interaction.name(said.kind),)
        ask = _ask(member, row, said.purpose, names, request, Action.APPEND)
        event = Event(
            kind=said.kind,
            at=it.now,
            channel=CHANNEL,
            content={TEXT: said.text},
            parent=row.event,
            who=member.role,
            outcome=outcome,
        )
        source = interaction.source_of(rulebook, said.kind)
        made = await interaction.note(
            it, ask, held.load, event, source=source, event_id=said.event_id
        )
        return made if isinstance(made, VaultError) else None

    return Words(said.event_id, say)


def _ask(
    member: Member,
    row: FollowUpRow,
    purpose: str,
    names: tuple[str, ...],
    request: str,
    action: Action,
) -> Ask:
    return Ask(
        customer=row.customer,
        kind=ActorKind.STAFF,
        actor=member.actor,
        names=names,
        purpose=purpose,
        action=action,
        role=member.role,
        request=request,
        case=row.number,
        handle=member.handle,
        looks=EntryKind.STAFF_LOOK,
    )


def _events(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name.startswith(f"{INTERACTION}."))
