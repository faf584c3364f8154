"""Let staff append what happened with a customer: under a purpose whose clause lets their role, for a case.

The address of a look says of whom, for what and for which case (`staff_look.py`); the event is
decided, sealed and recorded like any other, under the member's pseudonym, on the customer's list.
Where nobody was found it is refused as where nothing may be appended, and recorded too.
Source: DESIGN 1, 2; security note, 8; docs/knowing.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Action, InteractionKind, Rulebook, StaffRole
from vault.core import request as rules
from vault.core.entry import Kind
from vault.core.errors import VaultError
from vault.services import interaction, staff_look, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.interaction import Event
from vault.services.load import load_locked
from vault.services.staff import Member
from vault.services.staff_look import Look
from vault.services.unit import Unit
from vault.store import interaction as store

TEXT: Final = "text"  # member of the content that holds what was written


@dataclass(frozen=True, slots=True)
class Written:
    """What a member of staff writes down."""

    event_id: UUID  # made with the form, so that twice is once
    kind: str
    at: datetime | None  # None: what was typed is no time
    channel: str
    text: str
    who: str = ""  # a role or team of the business, or "customer"
    outcome: str = ""  # a word of `vault.core.event.Outcome`
    parent: str = ""  # from `staff_look.event_token`; "" for none


def kinds(rulebook: Rulebook, purpose: str, role: StaffRole) -> tuple[InteractionKind, ...]:
    """Return the kinds that a role may append under a purpose, in the code's order."""
    clause = rulebook.clauses.get((purpose, Action.APPEND))
    if clause is None or role not in clause.staff:
        return ()
    return tuple(one for one in rulebook.interactions.values() if one.name in clause.names)


async def append(deps: Deps, member: Member, place: str, written: Written, *, request: str) -> UUID:
    """Append what a member of staff wrote; the same id again makes nothing, and is no error.

    Args:
        deps: what a use case may touch.
        member: who writes.
        place: the address of a look (`staff_look.find`).
        written: what happened.
        request: our id of the request of the browser, for the entry.

    Raises:
        NotAvailableError: the address is not this member's, too old, or the role may not append.
        WrongValueError: something is out of bounds, or the parent may not be known.
        UnknownFieldError: the code of ethics does not know the kind.
        BusyError: nothing was appended.
    """
    look = staff_look.opened(deps, member, place)
    parent = staff_look.event_of(deps, member, written.parent) if written.parent else None
    return await note(
        deps,
        member,
        look,
        Event(
            kind=written.kind,
            at=written.at,
            channel=written.channel.strip(),
            content=_content(written.text),
            parent=parent,
            who=written.who.strip(),
            outcome=written.outcome,
        ),
        event_id=written.event_id,
        request=request,
    )


async def note(
    deps: Deps, member: Member, look: Look, event: Event, *, event_id: UUID, request: str
) -> UUID:
    """Append an event of the customer of a look; errors as for `append`."""
    ask = Ask(
        customer=look.customer,
        kind=ActorKind.STAFF,
        actor=member.actor,
        names=(interaction.name(event.kind),),
        purpose=look.purpose,
        action=Action.APPEND,
        role=member.role,
        request=request,
        case=look.case,
        handle=member.handle,
        looks=Kind.STAFF_LOOK,
    )

    async def work(it: Unit) -> VaultError | UUID:
        load = await load_locked(it.conn, deps.codes, look.customer, at=it.now)
        if await store.load(it.conn, look.customer, event_id) is not None:
            return event_id
        source = interaction.source_of(load.rulebook, event.kind)
        return await interaction.note(it, ask, load, event, source=source, event_id=event_id)

    done, _ = await unit.run(deps, work)
    if isinstance(done, VaultError):
        raise done
    return done


def _content(text: str) -> Mapping[str, object]:
    """Return what was written as content; nothing written is no content, for some events say enough.

    Raises:
        WrongValueError: it is too long, or holds characters that no text has.
    """
    return {TEXT: rules.text(text)} if text.strip() else {}
