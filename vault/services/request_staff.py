"""Let staff answer requests: list what is owed, read, answer, ask back, refuse, take longer.

A request is found by its number. To read one is a look at the customer's words: recorded under the
number as its case before anything opens, and shown to the customer. Each step tells the customer by
a letter that holds a link alone.
Source: GDPR 12(3) to 12(5); INTERFACES, Commands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from policies.names import REQUEST
from vault.core import request as rules
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.core.request import Ground, Longer, Request
from vault.core.request_task import Task
from vault.services import request, request_change, request_row
from vault.services.deps import Deps
from vault.services.request import Read
from vault.services.request_change import Said
from vault.services.request_row import Case
from vault.store import request as store
from vault.store import request_queue
from vault.store.request_queue import QueueRow

NEWS: Final = "request-answered"  # a letter
OPERATOR: Final = "operator"
_FAR: Final = timedelta(days=366)  # no answer is due later


@dataclass(frozen=True, slots=True)
class Owed:
    """An open request as staff list it."""

    case: Case
    due: datetime
    overdue: bool


async def owed(deps: Deps, *, most: int = 1_000) -> tuple[Owed, ...]:
    """Return open requests, what is due first first; a broken one stands there as broken.

    Args:
        deps: what a use case may touch.
        most: how many at most.
    """
    now = deps.clock.now()
    found: list[Owed] = []
    after: QueueRow | None = None
    async with deps.database.connect() as conn:
        while len(found) < most:
            page = await request_queue.load_open(conn, after=after)
            for one in page:
                row = await store.load(conn, one.customer, one.request_id)
                if row is not None and row.number == one.number:
                    case = request_row.case(deps, row)
                    due = case.request.due if case.request else one.due_at
                    found.append(Owed(case, due, overdue=due < now))
            if len(page) < request_queue.PAGE:
                break
            after = page[-1]
    return tuple(found[:most])


async def overdue(deps: Deps) -> int:
    """Return how many open requests are late, for checks that open nothing."""
    async with deps.database.connect() as conn:
        return await request_queue.count_due(conn, before=deps.clock.now())


async def counts(deps: Deps) -> tuple[int, int]:
    """Return how many open requests are late, and how many are not; nothing is opened."""
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        late = await request_queue.count_due(conn, before=now)
        return late, await request_queue.count_due(conn, before=now + _FAR) - late


async def show(
    deps: Deps,
    number: str,
    *,
    actor: str = OPERATOR,
    handle: str | None = None,
    takes: bool = True,
    request_id: str | None = None,
) -> Read:
    """Record the look and return a request with what was said; from here on it is in work.

    Args:
        deps: what a use case may touch.
        number: by which people call it.
        actor: who looks.
        handle: pseudonym of the member of staff who looks.
        takes: whether looking begins the work; False for who only checks it.
        request_id: our id of the browser's request.

    Raises:
        NotAvailableError: there is no such number.
        BusyError: the look could not be recorded; nothing was opened.
    """
    place = await _find(deps, number)
    read = await request.opened(
        deps,
        place.customer,
        place.request_id,
        kind=EntryKind.STAFF_LOOK,
        actor=actor,
        clause=REQUEST,
        case=place.number,
        request=request_id,
        handle=handle,
    )
    if takes and read.case.request is not None:
        await request_change.change(deps, place.customer, place.request_id, rules.take)
    return read


async def answer(deps: Deps, number: str, text: str, *, actor: str = OPERATOR) -> None:
    """Answer a request.

    Raises:
        NotAvailableError: there is no such number.
        ConflictError: it has ended.
        WrongValueError: nothing is said, or too much.
        OpenError: the request is broken; nothing was changed.
    """
    await _change(deps, number, rules.answer, text, actor)


async def ask_back(deps: Deps, number: str, text: str, *, actor: str = OPERATOR) -> None:
    """Ask the customer something, and wait; errors as `answer`."""
    await _change(deps, number, rules.ask_back, text, actor)


async def refuse(
    deps: Deps, number: str, ground: Ground, text: str, *, actor: str = OPERATOR
) -> None:
    """Refuse a request, with a ground of the law and words of our own; errors as `answer`."""
    await _change(deps, number, lambda one: rules.refuse(one, ground), text, actor)


async def extend(
    deps: Deps, number: str, longer: Longer, text: str, *, actor: str = OPERATOR
) -> datetime:
    """Take two months longer, and say why; errors as `answer`. Return when an answer is due.

    Raises:
        ConflictError: it took longer before, or the first month is over.
    """
    now = deps.clock.now()
    due: list[datetime] = []

    def rule(one: Request) -> Request:
        after = rules.extend(one, longer, now=now)
        due[:] = [after.due]
        return after

    await _change(deps, number, rule, text, actor)
    return due[0]


async def tick(deps: Deps, number: str, task: Task, *, actor: str = OPERATOR) -> None:
    """Keep that a step is done; errors as `answer`, and for a step that this kind has not."""
    place = await _find(deps, number)
    await request_change.tick(deps, place.customer, place.request_id, task, by=actor)


async def whose(deps: Deps, number: str) -> CustomerId | None:
    """Return whose request has a number; None for none."""
    try:
        return (await _find(deps, number)).customer
    except NotAvailableError:
        return None


async def _change(
    deps: Deps, number: str, rule: Callable[[Request], Request], text: str, actor: str
) -> None:
    said_text = rules.text(text)
    place = await _find(deps, number)
    said = Said(request_row.new_id(deps.clock.now()), actor, said_text, REQUEST)
    await request_change.change(
        deps, place.customer, place.request_id, rule, said=said, letter=NEWS
    )


async def _find(deps: Deps, number: str) -> QueueRow:
    wanted = number.strip().upper()
    if not (wanted.isascii() and wanted.isalnum() and len(wanted) <= 16):
        raise NotAvailableError
    async with deps.database.connect() as conn:
        found = await request_queue.find(conn, wanted)
        row = await store.load(conn, found.customer, found.request_id) if found else None
    if found is None or row is None or row.number != found.number:
        raise NotAvailableError
    return found
