"""Let customers ask the business under the law, say more, and take it back.

1. the customer is held under lock; at most ten requests in a day;
2. row, message and entry go in with the one commit, with the letter that says it was received;
3. a form that is sent twice brings the same ids twice, and so makes one request and one message.

A question about a look is a request too, one for each line, and not about a line that is sealed.
Reading what was said is a look like any: recorded first. How a request may go on is decided in
`vault/core/request.py`.
Source: GDPR 12; portal note, 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.names import OWN
from vault.core import request as rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import ConflictError, NotAvailableError
from vault.core.ids import CustomerId
from vault.core.look import CUSTOMER
from vault.core.request import Kind, Request
from vault.core.request_task import Task
from vault.crypto.keys import Kind as KeyKind
from vault.services import request_change, request_row, unit, who_looked
from vault.services.audit import audit_key
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.request_change import Said
from vault.services.request_row import Case, Message
from vault.services.unit import Unit
from vault.store import request as store
from vault.store import request_task

MOST: Final = 200  # requests of one list


@dataclass(frozen=True, slots=True)
class Done:
    """A step that is done."""

    task: Task
    by: str  # an actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """A request with what was said."""

    case: Case
    messages: tuple[Message, ...]
    missing: int  # messages that were taken away
    done: tuple[Done, ...] = ()  # steps, in the order in which they were ticked


async def list_(deps: Deps, customer: CustomerId) -> tuple[Case, ...]:
    """Return a customer's requests, the newest first."""
    async with deps.database.connect() as conn:
        rows = await store.load_all(conn, customer, limit=MOST)
    return tuple(request_row.case(deps, row) for row in rows)


async def about(deps: Deps, customer: CustomerId, indexes: Sequence[int]) -> dict[int, Case]:
    """Return a customer's questions about these lines of the log, by line."""
    async with deps.database.connect() as conn:
        rows = await store.load_about(conn, customer, indexes)
    return {index: request_row.case(deps, row) for index, row in rows.items()}


async def make(
    deps: Deps,
    customer: CustomerId,
    kind: Kind,
    *,
    request_id: UUID,
    message_id: UUID,
    text: str,
    request: str,
) -> UUID:
    """Make a request; the same ids again make none, and are no error.

    Args:
        deps: what a use case may touch.
        customer: who asks.
        kind: what is asked.
        request_id: made with the form.
        message_id: likewise.
        text: what is said.
        request: our id of the request of the browser.

    Raises:
        WrongValueError: nothing is said, or too much.
        TooManyError: ten requests were made within a day.
        OpenError: the customer's record is broken; nothing was changed.
    """
    said = Said(message_id, CUSTOMER, rules.text(text), OWN)

    async def work(it: Unit) -> UUID:
        held = await hold(it, customer)
        if await store.load(it.conn, customer, request_id) is None:
            await request_change.add(it, held, Request(kind, it.now), request_id, said, request)
        return request_id

    return (await unit.run(deps, work))[0]


async def ask_about(deps: Deps, customer: CustomerId, index: int, *, request: str) -> UUID:
    """Ask why somebody looked; the same line again leads to the same request.

    Raises:
        NotAvailableError: the line is not on this customer's list.
        ConflictError: it is the customer's own look, or sealed still.
        TooManyError, OpenError: as `make`.
    """
    line = await who_looked.one(deps, customer, index, request=request)
    if line.opens is not None or line.actor == CUSTOMER:
        raise ConflictError

    async def work(it: Unit) -> UUID:
        held = await hold(it, customer)
        found = (await store.load_about(it.conn, customer, [index])).get(index)
        if found is not None:
            return found.request_id
        request_id = request_row.new_id(it.now)
        asked = Request(Kind.QUESTION, it.now, about=index)
        await request_change.add(it, held, asked, request_id, None, request)
        return request_id

    return (await unit.run(deps, work))[0]


async def read(deps: Deps, customer: CustomerId, request_id: UUID, *, request: str) -> Read:
    """Record the customer's look and return a request with what was said.

    Raises:
        NotAvailableError: this customer has no such request.
        BusyError: the look could not be recorded; nothing was opened.
    """
    return await opened(
        deps,
        customer,
        request_id,
        kind=EntryKind.OWN_LOOK,
        actor=CUSTOMER,
        clause=OWN,
        request=request,
    )


async def say(
    deps: Deps,
    customer: CustomerId,
    request_id: UUID,
    *,
    message_id: UUID,
    text: str,
    request: str,
) -> None:
    """Say more on a request; the same message again is none, and no error.

    Raises:
        NotAvailableError: this customer has no such request.
        ConflictError: it has ended.
        WrongValueError: nothing is said, or too much.
        OpenError: the request is broken; nothing was changed.
    """
    said = Said(message_id, CUSTOMER, rules.text(text), OWN)
    await request_change.change(deps, customer, request_id, rules.reply, said=said, request=request)


async def close(deps: Deps, customer: CustomerId, request_id: UUID, *, request: str) -> None:
    """Take a request back, or say that it is settled; errors as `say`, and twice is once."""
    await request_change.change(deps, customer, request_id, rules.close, request=request)


async def opened(
    deps: Deps,
    customer: CustomerId,
    request_id: UUID,
    *,
    kind: EntryKind,
    actor: str,
    clause: str,
    request: str | None = None,
    case: str | None = None,
    handle: str | None = None,
) -> Read:
    """Record a look at what was said, then open it; errors as `read`."""
    async with deps.database.connect() as conn:
        row = await store.load(conn, customer, request_id)
        if row is None:
            raise NotAvailableError
        rows = await store.load_messages(conn, customer, request_id)
        ticked = await request_task.load(conn, customer, request_id)
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane=actor)
        owner, key = audit_key(deps, load)
        if owner != customer:
            raise NotAvailableError
        standing = load.found.standing if load.found else None
        look = Draft(
            customer=customer,
            audit_key=key,
            kind=kind,
            epoch=standing.epoch if standing else 0,
            actor=actor,
            code=load.rulebook.digest,
            allowed=((request_row.NAME, clause),),
            request=request,
            case=case,
            handle=handle,
            seen=seen,
        )
        (recorded,) = await deps.appender.record([look])
    profile = load.key(KeyKind.PROFILE)
    return Read(
        case=request_row.case(deps, row),
        messages=tuple(request_row.open_(deps, recorded, profile, one) for one in rows),
        missing=max(0, row.messages - len(rows)),
        done=tuple(
            Done(Task(one.task), one.done_by, one.done_at)
            for one in sorted(ticked, key=lambda one: one.done_at)
            if one.task in set(Task)  # a word that somebody edited says nothing
        ),
    )
