"""Let compliance set and lift legal holds in the console: for a case, of one customer, once a form.

A customer is named by a request's number or by an exact identifier, as for a look. Everything else
of a form is checked first: only then is it looked up whom it leads to. Whoever it leads to none
learns one thing alone, that nothing was set; that somebody asked is on record under nobody, as a
look that found nothing is. A hold that was set is on its customer's list, with case and pseudonym,
so that trying out who is a customer leaves a trace either way.
Source: security note, 8 and T14; GDPR 17(3) and 18(2).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from policies.names import HOLD
from policies.reasons import Reason
from vault.core import hold as rules
from vault.core import log_look
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError, UnknownFieldError, WrongValueError
from vault.core.ids import NOBODY, CustomerId
from vault.core.staff import Right
from vault.crypto.random import uuid7
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import hold_list, holds, request_staff, staff_look
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.hold_list import Listed
from vault.services.situation import unix_ms
from vault.services.staff import Member

# What may be wrong with a form, in the order in which it is checked.
NO_CASE: Final = "case"
NO_GROUND: Final = "ground"
NO_DAY: Final = "until"
NO_REASON: Final = "reason"
NO_NAMES: Final = "names"
NO_CUSTOMER: Final = "customer"  # none was written
NOBODY_FOUND: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Order:
    """A hold as it was asked for."""

    case: str
    typed: str  # an identifier; "" for the customer of the request
    ground: str
    until: str  # ISO date: the day on which it ends, UTC
    reason: str
    names: frozenset[str] | None  # None for everything


def form(deps: Deps, member: Member) -> str:
    """Return what lets one form set one hold, however often it is sent."""
    member.need(Right.HOLD)
    fresh = uuid7(unix_ms(deps.clock.now()))
    return seal_cursor(deps.keys.service("cursor"), _place(member), fresh.bytes)


async def make(deps: Deps, member: Member, place: str, order: Order, *, request: str) -> UUID:
    """Set a hold; a form that was sent before sets none, and leads to the hold it set.

    Args:
        deps: what a use case may touch.
        member: who sets it.
        place: from `form`.
        order: what was asked for.
        request: our id of the browser's request.

    Raises:
        NotAvailableError: the member may set none.
        BadRequestError: the form is not this member's.
        WrongValueError: with what is wrong, one of the words above.
        ConflictError: the customer has as many holds as there may be.
        OpenError: the customer's record is broken.
        BusyError: it could not be recorded; nothing was set.
    """
    member.need(Right.HOLD)
    hold_id = UUID(bytes=open_cursor(deps.keys.service("cursor"), _place(member), place))
    try:
        return (await hold_list.find(deps, hold_id)).hold_id
    except NotAvailableError:
        pass
    case, until, names = await _checked(deps, order)
    customer = await _whom(deps, case, order.typed)
    try:
        return await holds.make(
            deps,
            customer,
            ground=order.ground,
            until=until,
            reason=f"{case}\n\n{order.reason.strip()}",
            names=names,
            actor=member.actor,
            case=case,
            hold_id=hold_id,
        )
    except NotAvailableError:
        await _missed(deps, member, case, request)
        raise WrongValueError(NOBODY_FOUND) from None
    except UnknownFieldError:  # another code took effect meanwhile
        raise WrongValueError(NO_NAMES) from None


async def list_(deps: Deps, member: Member) -> tuple[Listed, ...]:
    """Return all holds, the first to end first."""
    member.need(Right.HOLD)
    return await hold_list.list_(deps)


async def find(deps: Deps, member: Member, hold_id: UUID) -> Listed:
    """Return one hold without its reason; nothing is opened.

    Raises:
        NotAvailableError: there is none.
    """
    member.need(Right.HOLD)
    return await hold_list.find(deps, hold_id)


async def reason(deps: Deps, member: Member, one: Listed, *, request: str) -> str:
    """Record the look, then return why a hold was set; errors as `holds.reason`."""
    member.need(Right.HOLD)
    return await holds.reason(deps, one.customer, one.hold_id, actor=member.actor, request=request)


async def lift(deps: Deps, member: Member, hold_id: UUID) -> bool:
    """Lift a hold; False when it was lifted or over before; errors as `holds.lift`.

    Raises:
        NotAvailableError: there is no such hold.
    """
    one = await find(deps, member, hold_id)
    return await holds.lift(deps, one.customer, hold_id, actor=member.actor)


async def _checked(deps: Deps, order: Order) -> tuple[str, datetime, frozenset[str]]:
    """Check whatever can be checked without knowing the customer."""
    try:
        case = log_look.case(order.case)
    except WrongValueError:
        raise WrongValueError(NO_CASE) from None
    if order.ground not in set(rules.Ground):
        raise WrongValueError(NO_GROUND)
    now = deps.clock.now()
    try:
        until = datetime.combine(date.fromisoformat(order.until.strip()), time(), UTC)
        rules.check(order.ground, until, now=now)
    except (ValueError, WrongValueError):
        raise WrongValueError(NO_DAY) from None
    if not 0 < len(order.reason.strip()) <= rules.MAX_REASON - len(case) - 2:
        raise WrongValueError(NO_REASON)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, now)
    names = frozenset() if order.names is None else order.names
    if order.names is not None and (not names or names - set(rulebook.sources)):
        raise WrongValueError(NO_NAMES)
    return case, until, names


async def _whom(deps: Deps, case: str, typed: str) -> CustomerId:
    """Return whose data is to stay; `NOBODY` where the form leads to none."""
    asked = await request_staff.whose(deps, case)
    if not typed.strip():
        if asked is None:
            raise WrongValueError(NO_CUSTOMER)
        return asked
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        found = await staff_look.owner_of(deps, conn, rulebook, typed)
    # The request of one customer is no reason to hold what is another's.
    return NOBODY if found is None or (asked is not None and asked != found) else found


async def _missed(deps: Deps, member: Member, case: str, request: str) -> None:
    """Record that somebody wanted to hold what is nobody's."""
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(NOBODY, lane=member.actor)
        customer, key = audit_key(deps, load)
        draft = Draft(
            customer=customer,
            audit_key=key,
            kind=Kind.STAFF_LOOK,
            epoch=0,
            actor=member.actor,
            handle=member.handle,
            code=load.rulebook.digest,
            withheld=((HOLD, Reason.UNKNOWN_CUSTOMER.value),),
            request=request,
            case=case,
            seen=seen,
        )
        await deps.appender.record([draft])


def _place(member: Member) -> str:
    return f"hold-form/{member.handle}"
