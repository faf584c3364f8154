"""Let staff see values of one customer: by a clause that names their role, for a case, recorded first.

1. **Purpose and case come first**: a look says what for, and under which reference; a request's own
   number, or a follow-up's, leads to its customer and to no other's.
2. A customer is found by an exact identifier, never by browsing names.
3. Each look takes the one path, under the member's pseudonym, and is on the customer's list; so is
   one that found nothing, under nobody's. Who is not there looks like who may not be seen.

What a look is of lies sealed in its address, for this member alone and for as long as a session may
last: no address of a page holds a name, an id or a value.
Source: security note, 8; portal note, 8; DESIGN 1.
"""

import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Action, Purpose, Rulebook, StaffRole
from policies.names import INTERACTION
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, NotAvailableError, WrongValueError
from vault.core.ids import NOBODY, CustomerId
from vault.core.staff import CASE, Right
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import (
    attachment,
    follow_up_owed,
    identifier,
    interaction_list,
    request_staff,
)
from vault.services.ask import Answer, Ask
from vault.services.attachment import Fetched
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.services.interaction_list import Page
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.store.engine import Conn

LIFE: Final = timedelta(hours=8)  # of a look's address: as long as a session
NO_CASE: Final = "case"
NO_PURPOSE: Final = "purpose"
NO_CUSTOMER: Final = "customer"
_HEAD: Final = struct.Struct(">16sQ")  # customer, unix ms


@dataclass(frozen=True, slots=True)
class Look:
    """What a look is of and for."""

    customer: CustomerId  # `NOBODY` where nobody was found
    purpose: str
    case: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a member of staff is shown."""

    look: Look
    rulebook: Rulebook
    answer: Answer


def purposes(rulebook: Rulebook, role: StaffRole) -> tuple[Purpose, ...]:
    """Return the purposes under which a role may read something."""
    return tuple(
        one
        for one in rulebook.code.purposes
        if role in one.staff and any(Action.READ in use.actions for use in one.uses)
    )


async def find(deps: Deps, member: Member, *, purpose: str, case: str, typed: str) -> str:
    """Return the address's part that leads to a look; nothing is opened, and nobody is named.

    Args:
        deps: what a use case may touch.
        member: who looks.
        purpose: of the look.
        case: a request's number, or a reference of another system.
        typed: an identifier; "" for the customer of the request.

    Raises:
        NotAvailableError: this role sees no values.
        WrongValueError: with `NO_CASE`, `NO_PURPOSE` or `NO_CUSTOMER` for what is wrong or missing.
    """
    member.need(Right.SEE_VALUES)
    reference = case.strip()
    if not CASE.fullmatch(reference):
        raise WrongValueError(NO_CASE)
    asked = await request_staff.whose(deps, reference) or await follow_up_owed.whose(
        deps, reference
    )
    if asked is None and not typed.strip():
        raise WrongValueError(NO_CUSTOMER)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        if purpose not in {one.id for one in purposes(rulebook, member.role)}:
            raise WrongValueError(NO_PURPOSE)
        found = await owner_of(deps, conn, rulebook, typed) if typed.strip() else asked
    if asked is not None and found != asked:
        found = NOBODY  # the request of one customer is no reason to look at another
    return _sealed(deps, member, Look(found or NOBODY, purpose, reference))


async def show(deps: Deps, member: Member, place: str, *, request: str) -> Seen:
    """Record the look and open what its clause allows this role.

    Raises:
        NotAvailableError: the address is not this member's, too old, or the role sees no values.
        BusyError: the look could not be recorded; nothing was opened.
    """
    look = opened(deps, member, place)
    rulebook = await _in_force(deps)
    names = tuple(name for name in _names(rulebook, look) if not _is_event(name))
    (answer,) = await disclose(deps, [_ask(member, look, names, request)])
    return Seen(look, rulebook, answer)


async def contacts(
    deps: Deps, member: Member, place: str, *, request: str, cursor: str | None = None
) -> tuple[Look, Page]:
    """Record the look and open a page of contact events, each with those under it.

    Raises:
        NotAvailableError: as `show`, or the clause allows this role none of this customer.
        BadRequestError: the cursor is not one of ours.
        BusyError: as `show`.
    """
    look = opened(deps, member, place)
    ask = await _ask_of_events(deps, member, look, request)
    return look, await interaction_list.list_(deps, ask, cursor=cursor, tree=True)


async def file(
    deps: Deps, member: Member, place: str, *, event: str, number: int, request: str
) -> Fetched:
    """Record the look and open a file that is attached to a contact event.

    Raises:
        NotAvailableError: as `contacts`, or there is no such file.
        OpenError: it is not what was sealed.
        BusyError: as `show`.
    """
    look = opened(deps, member, place)
    ask = await _ask_of_events(deps, member, look, request)
    return await attachment.fetch(deps, ask, event_of(deps, member, event), number)


async def _ask_of_events(deps: Deps, member: Member, look: Look, request: str) -> Ask:
    names = tuple(name for name in _names(await _in_force(deps), look) if _is_event(name))
    if not names:
        raise NotAvailableError
    return _ask(member, look, names, request)


def event_token(deps: Deps, member: Member, event: UUID) -> str:
    """Return what names an event in this member's pages: no address holds an id."""
    return seal_cursor(deps.keys.service("cursor"), _event_place(member), event.bytes)


def event_of(deps: Deps, member: Member, token: str) -> UUID:
    """Return the event that a token names.

    Raises:
        NotAvailableError: it is not this member's.
    """
    try:
        return UUID(bytes=open_cursor(deps.keys.service("cursor"), _event_place(member), token))
    except (BadRequestError, ValueError):
        raise NotAvailableError from None


def _event_place(member: Member) -> str:
    return f"staff-event {member.handle}"


def has_contacts(rulebook: Rulebook, purpose: str) -> bool:
    """Say whether a purpose reads contact events."""
    return any(_is_event(name) for name in rulebook.fields_of(purpose, Action.READ))


async def _in_force(deps: Deps) -> Rulebook:
    async with deps.database.connect() as conn:
        return await deps.codes.in_force(conn, deps.clock.now())


def _names(rulebook: Rulebook, look: Look) -> tuple[str, ...]:
    return rulebook.fields_of(look.purpose, Action.READ)


def _is_event(name: str) -> bool:
    return name.startswith(f"{INTERACTION}.")


def _ask(member: Member, look: Look, names: tuple[str, ...], request: str) -> Ask:
    return Ask(
        customer=look.customer,
        kind=ActorKind.STAFF,
        actor=member.actor,
        names=names,
        purpose=look.purpose,
        role=member.role,
        request=request,
        case=look.case,
        handle=member.handle,
        looks=Kind.STAFF_LOOK,
    )


async def owner_of(deps: Deps, conn: Conn, rulebook: Rulebook, typed: str) -> CustomerId | None:
    """Return whose identifier was typed, of any kind that the code looks customers up by."""
    keys = []
    for field in rulebook.code.fields:
        if field.identifies is None:
            continue
        try:
            one = identifier.identity(deps, rulebook, field=field.name, value=typed)
        except WrongValueError:
            continue
        keys += [one.key] if one else []
    owners = await identifier.find_many(conn, deps, keys)
    found = set(owners.values())
    # Of two people with the one text, such as a card's number and an account's, none is meant.
    return found.pop() if len(found) == 1 else None


def _sealed(deps: Deps, member: Member, look: Look) -> str:
    head = _HEAD.pack(look.customer.bytes, unix_ms(deps.clock.now()))
    data = head + f"{look.purpose}\0{look.case}".encode()
    return seal_cursor(deps.keys.service("cursor"), _place(member), data)


def opened(deps: Deps, member: Member, place: str) -> Look:
    """Return what the address of a look says; nothing is looked at yet.

    Raises:
        NotAvailableError: the address is not this member's, too old, or the role sees no values.
    """
    member.need(Right.SEE_VALUES)
    try:
        data = open_cursor(deps.keys.service("cursor"), _place(member), place)
    except BadRequestError:
        raise NotAvailableError from None
    customer, at = _HEAD.unpack_from(data)
    if unix_ms(deps.clock.now()) - at > LIFE.total_seconds() * 1000:
        raise NotAvailableError
    purpose, _, case = data[_HEAD.size :].decode().partition("\0")
    return Look(CustomerId(UUID(bytes=customer)), purpose, case)


def _place(member: Member) -> str:
    return f"staff-look {member.handle}"
