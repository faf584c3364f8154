"""Make and lift legal holds: what of a customer must not be deleted for a time.

A hold stands in the customer's standing row, under its MAC, from the COMMIT on: the sweep leaves
what it keeps, and an erasure seals it anew. Making and lifting are entries that the customer sees
with ground and day; the reason is for those who answer for it, and reading it is a look of theirs.
Nobody reads a customer's data because of a hold.
Source: GDPR 17(3)(b), 17(3)(e) and 18(2); DESIGN 6 and 8.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from policies.model import Rulebook
from policies.names import HOLD
from vault.core import hold as rules
from vault.core import staff, terms
from vault.core.entry import Kind
from vault.core.erasure import Kept
from vault.core.errors import (
    ConflictError,
    NotAvailableError,
    OpenError,
    UnknownFieldError,
    WrongValueError,
)
from vault.core.hold import Hold
from vault.core.ids import NOBODY, CustomerId
from vault.crypto.random import uuid7
from vault.services import hold_row, standing_change, unit
from vault.services.audit import audit_key
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.interaction import name as name_of
from vault.services.situation import is_intact, unix_ms
from vault.services.unit import Unit
from vault.store import customer as customers
from vault.store import interaction, retained, value, wipe
from vault.store import legal_hold as store
from vault.store.engine import Conn

OPERATOR = "operator"


async def make(
    deps: Deps,
    customer: CustomerId,
    *,
    ground: str,
    until: datetime,
    reason: str,
    names: Collection[str] = (),
    actor: str = OPERATOR,
    case: str | None = None,
    hold_id: UUID | None = None,
) -> UUID:
    """Set a hold; returns its id.

    Args:
        deps: what a use case may touch.
        customer: whose data must stay.
        ground: one of `vault.core.hold.Ground`.
        until: exclusive; at most two years away.
        reason: why, in words; sealed.
        names: fields and `interaction.KIND`; none for everything.
        actor: `operator` or `staff:HANDLE`.
        case: a reference, for the entry.
        hold_id: to make this one once, however often it is asked for; None for a fresh one.

    Raises:
        NotAvailableError: there is no such customer.
        UnknownFieldError: the code of ethics has no such name, and nothing is stored under it.
        WrongValueError: no such ground, a day that may not be, no reason or one too long.
        ConflictError: the customer has as many holds as there may be.
        OpenError: the customer's record is broken; nothing can change.
    """
    said = reason.strip()
    if not 0 < len(said) <= rules.MAX_REASON:
        raise WrongValueError(f"Say why, in at most {rules.MAX_REASON:,} characters.")

    async def work(it: Unit) -> UUID:
        held = await hold(it, customer)
        checked = rules.check(ground, until, now=it.now)
        _check_names(held.load.rulebook, names, held)
        standing = rules.in_force(terms.load_terms(held.standing.terms).holds, it.now)
        if hold_id in {one.hold_id for one in standing}:
            return hold_id
        if len(standing) >= rules.MOST:
            raise ConflictError
        end = until.replace(microsecond=0)
        one = Hold(hold_id or uuid7(unix_ms(it.now)), checked, end, frozenset(names))
        after = (*standing, one)
        await _change(it, held, after, kind=Kind.HELD, about=one, actor=actor, case=case)
        row = hold_row.row_of(it, customer, one, reason=said, actor=actor)
        await store.add(it.conn, row)
        return one.hold_id

    made, _ = await unit.run(deps, work)
    return made


async def lift(deps: Deps, customer: CustomerId, hold_id: UUID, *, actor: str = OPERATOR) -> bool:
    """Lift a hold before its day; False when none of this id stands.

    What was sealed for it alone goes at once: of a customer who is erased, or who corrected or deleted
    it; what a law keeps stays.

    Raises:
        OpenError: the customer's record, or the row of an erased one's hold, is broken.
    """

    async def work(it: Unit) -> bool:
        if not await wipe.is_there(it.conn, customer):
            return await _lift_retained(it, customer, hold_id, actor=actor)
        held = await hold(it, customer)
        standing = rules.in_force(terms.load_terms(held.standing.terms).holds, it.now)
        one = next((each for each in standing if each.hold_id == hold_id), None)
        if one is None:
            return False
        others = tuple(each for each in standing if each is not one)
        await _change(it, held, others, kind=Kind.RELEASED, about=one, actor=actor)
        await retained.remove(it.conn, customer, purpose=rules.purpose(hold_id))
        await store.remove(it.conn, customer, [hold_id])
        return True

    lifted, _ = await unit.run(deps, work)
    return lifted


async def reason(
    deps: Deps,
    customer: CustomerId,
    hold_id: UUID,
    *,
    actor: str = OPERATOR,
    request: str | None = None,
) -> str:
    """Record the look, then return why a hold was set.

    Raises:
        NotAvailableError: there is no such hold.
        OpenError: its row is broken.
        BusyError: the look could not be recorded; nothing was opened.
    """
    async with deps.database.connect() as conn:
        rows = await store.load(conn, customer)
    row = next((one for one in rows if one.hold_id == hold_id), None)
    if row is None:
        raise NotAvailableError
    if hold_row.proven(deps, row) is None:
        raise OpenError
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane=actor)
        owner, key = audit_key(deps, load)  # of an erased customer: the deployment's, as of nobody
        standing = load.found.standing if load.found else None
        look = Draft(
            customer=owner,
            audit_key=key,
            kind=Kind.STAFF_LOOK,
            epoch=standing.epoch if standing else 0,
            actor=actor,
            handle=staff.handle_of(actor),
            code=load.rulebook.digest,
            allowed=((HOLD, HOLD),),
            request=request,
            case=str(hold_id),
            seen=seen,
        )
        await deps.appender.record([look])
    return hold_row.reason(deps, row)


async def in_force(deps: Deps, conn: Conn, who: CustomerId, *, at: datetime) -> tuple[Hold, ...]:
    """Return the holds that stand; of a broken record none."""
    row = await customers.load_standing(conn, who)
    if row is None or not is_intact(deps, who, row):
        return ()
    return rules.in_force(terms.load_terms(row.terms).holds, at)


async def kept_by(
    deps: Deps, conn: Conn, who: CustomerId, *, at: datetime
) -> tuple[tuple[UUID, Kept], ...]:
    """Return what each hold keeps of a customer who is erased at a moment, of what there is."""
    standing = await in_force(deps, conn, who, at=at)
    if not standing:
        return ()
    stored = [row.field for row in await value.load(conn, who)]
    stored += [row.name for row in await retained.load(conn, who)]
    stored += [name_of(kind) for kind in await interaction.kinds_of(conn, who)]
    kept = ((one.hold_id, rules.kept(one, dict.fromkeys(stored))) for one in standing)
    return tuple((hold_id, one) for hold_id, one in kept if one.names)


async def forget(conn: Conn, who: CustomerId, *, but: frozenset[UUID]) -> None:
    """Delete the holds of a customer who is erased, but those that keep something."""
    rows = await store.load(conn, who)
    await store.remove(conn, who, {row.hold_id for row in rows} - but)


def _check_names(rulebook: Rulebook, names: Collection[str], held: Held) -> None:
    stored = {row.field for row in held.load.found.values} if held.load.found else set()
    if any(name not in rulebook.sources and name not in stored for name in names):
        raise UnknownFieldError


async def _change(
    it: Unit,
    held: Held,
    stand: tuple[Hold, ...],
    *,
    kind: Kind,
    about: Hold,
    actor: str,
    case: str | None = None,
) -> None:
    stated = replace(terms.load_terms(held.standing.terms), holds=rules.dump(stand))
    await standing_change.change(
        it,
        held,
        replace(held.standing, terms=terms.dump_terms(stated)),
        kind=kind,
        told=_told(about),
        actor=actor,
        case=case,
    )


def _told(about: Hold) -> tuple[tuple[str, str], ...]:
    return (
        (HOLD, f"{about.ground}/{about.until.date().isoformat()}"),
        *((name, HOLD) for name in sorted(about.names)),
    )


async def _lift_retained(it: Unit, customer: CustomerId, hold_id: UUID, *, actor: str) -> bool:
    rows = [row for row in await store.load(it.conn, customer) if row.hold_id == hold_id]
    if not rows:
        return False
    one = hold_row.proven(it.deps, rows[0])
    if one is None:
        raise OpenError
    it.log(
        Draft(
            customer=NOBODY,  # nobody's key of theirs is left
            audit_key=it.deps.keys.service("nobody-audit").secret,
            kind=Kind.RELEASED,
            epoch=0,
            actor=actor,
            handle=staff.handle_of(actor),
            code=(await it.deps.codes.in_force(it.conn, it.now)).digest,
            allowed=_told(one),
        )
    )
    await retained.remove(it.conn, customer, purpose=rules.purpose(hold_id))
    await store.remove(it.conn, customer, [hold_id])
    return True
