"""Keep a request and every change of it: row, queue, message, letter and entry with one commit.

The log holds the digest of each message, so that one that is taken away is missed there too. Which
change may be is decided in `vault/core/request.py`, and who may make it by the callers.
Source: DESIGN 6; docs/formats.md, 10.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from policies.names import OWN, REQUEST
from vault.core import request as rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import ConflictError, NotAvailableError, OpenError, TooManyError
from vault.core.ids import CustomerId
from vault.core.look import CUSTOMER
from vault.core.request import Request
from vault.core.request_task import Task
from vault.core.request_task import of as tasks_of
from vault.crypto.keys import Kind as KeyKind
from vault.crypto.keys import unwrap
from vault.services import mail, request_row, unit
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.unit import Unit
from vault.store import request as store
from vault.store import request_queue, request_task
from vault.store.request import MessageRow, RequestRow
from vault.store.request_queue import QueueRow
from vault.store.request_task import TaskRow

RECEIVED: Final = "request-received"  # a letter
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """A message that is about to be kept."""

    message_id: UUID
    by: str
    text: str
    clause: str


async def add(
    it: Unit, held: Held, asked: Request, request_id: UUID, said: Said | None, request: str
) -> None:
    """Keep a new request.

    Raises:
        TooManyError: ten were made within a day.
        OpenError: the customer's key is gone; nothing was changed.
    """
    customer = held.load.customer
    if await store.count_since(it.conn, customer, it.now - _DAY) >= rules.PER_DAY:
        raise _too_many()
    row = request_row.row_of(
        customer, request_id, request_row.new_number(), asked, messages=0 if said is None else 1
    )
    await store.add(it.conn, request_row.sign(it.deps, row))
    await request_queue.add(it.conn, _queued(row, asked, it.now))
    if said is None:
        _log(it, held, row, by=CUSTOMER, clause=OWN, request=request)
    else:
        await _say(it, held, row, said, request)
    link = f"{it.deps.issuer}/requests/{request_id}"
    await mail.to_customer(it, customer, RECEIVED, parts={"link": link})


async def change(
    deps: Deps,
    customer: CustomerId,
    request_id: UUID,
    rule: Callable[[Request], Request],
    *,
    said: Said | None = None,
    letter: str = "",
    request: str | None = None,
) -> None:
    """Let a rule change a request, with a message and a letter; nothing changed is no change.

    Args:
        deps: what a use case may touch.
        customer: whose request.
        request_id: which.
        rule: a pure function; it is given the request as it stands under the lock.
        said: a message that goes with it.
        letter: a template that tells the customer; "" for none.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: this customer has no such request.
        OpenError: the request is broken; nothing was changed.
        TooManyError: a customer says more than fifty messages within a day.
        ConflictError, WrongValueError: as the rule says.
    """

    async def work(it: Unit) -> None:
        held = await hold(it, customer)
        row = await store.load(it.conn, customer, request_id)
        if row is None:
            raise NotAvailableError
        before = request_row.proven(it.deps, row)
        if said is not None:
            known = await store.load_messages(it.conn, customer, request_id)
            if any(one.message_id == said.message_id for one in known):
                return
            if said.by == CUSTOMER and _today(known, it.now) >= rules.SAID_PER_DAY:
                raise _too_many()
        after = rule(before)
        if said is None and after == before:
            return
        new = request_row.changed(row, after, said=0 if said is None else 1)
        await store.change(it.conn, request_row.sign(it.deps, new))
        await request_queue.change(it.conn, _queued(new, after, it.now))
        if said is not None:
            await _say(it, held, new, said, request)
        elif not after.is_open:  # to begin to work on it is a look, which has its own entry
            _log(it, held, new, by=CUSTOMER, clause=OWN, request=request)
        if letter:
            link = f"{it.deps.issuer}/requests/{request_id}"
            await mail.to_customer(it, customer, letter, parts={"link": link})

    await unit.run(deps, work)


async def tick(deps: Deps, customer: CustomerId, request_id: UUID, task: Task, *, by: str) -> None:
    """Keep that a step of a request is done, and by whom; twice is once.

    Raises:
        NotAvailableError: this customer has no such request, or its kind no such step.
        ConflictError: it has ended.
        OpenError: the request is broken; nothing was changed.
    """

    async def work(it: Unit) -> None:
        held = await hold(it, customer)
        row = await store.load(it.conn, customer, request_id)
        if row is None:
            raise NotAvailableError
        one = request_row.proven(it.deps, row)
        if task not in tasks_of(one.kind):
            raise NotAvailableError
        if not one.is_open:
            raise ConflictError
        if await request_task.tick(it.conn, TaskRow(customer, request_id, task, by, it.now)):
            _log(it, held, row, by=by, clause=REQUEST, request=None)

    await unit.run(deps, work)


def _today(known: list[MessageRow], now: datetime) -> int:
    return sum(one.made_at > now - _DAY for one in known)


def _too_many() -> TooManyError:
    error = TooManyError()
    error.seconds = int(_DAY.total_seconds())
    return error


async def _say(it: Unit, held: Held, row: RequestRow, said: Said, request: str | None) -> None:
    """Keep a message, and let the log hold its digest: one that is taken away is missed there too."""
    key = held.load.key(KeyKind.PROFILE)
    if key is None:
        raise OpenError
    kept: MessageRow = request_row.seal(
        it.deps, key, row, said.message_id, by=said.by, at=it.now, text=said.text
    )
    await store.say(it.conn, kept)
    digest = hashlib.sha256(kept.sealed).hexdigest()
    values = ((str(said.message_id), digest),)
    _log(it, held, row, by=said.by, clause=said.clause, request=request, values=values)


def _log(
    it: Unit,
    held: Held,
    row: RequestRow,
    *,
    by: str,
    clause: str,
    request: str | None,
    values: tuple[tuple[str, str], ...] = (),
) -> None:
    it.log(
        Draft(
            customer=row.customer,
            audit_key=unwrap(it.deps.keys.keks, held.audit),
            kind=EntryKind.WRITTEN,
            epoch=held.standing.epoch,
            actor=by,
            code=held.load.rulebook.digest,
            allowed=((request_row.NAME, clause),),
            request=request,
            case=row.number,
            values=values,
        )
    )


def _queued(row: RequestRow, request: Request, now: datetime) -> QueueRow:
    ended = None if request.is_open else now
    return QueueRow(row.number, row.customer, row.request_id, request.due, request.is_open, ended)
