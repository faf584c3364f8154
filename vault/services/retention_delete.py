"""Delete what is over of one customer, in transactions that each say what they deleted.

The customer is held under lock and judged by the code in force at that moment; who found the rows,
and when, does not count. What goes takes its identifiers along, and an event that stood under one
that goes stands under none. The entry names what went, the clause and the digest of each sealed
value; for a name that the code no longer has it is an entry under the last code that had it.
Source: GDPR 5(1)(e) and 15; access-log note, 2.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.model import Rulebook
from vault.core import hold, retention, terms
from vault.core.entry import Kind as EntryKind
from vault.core.ids import CustomerId
from vault.core.retention import VAULT, Keeps, Why
from vault.crypto.keys import Kind, unwrap
from vault.services import unit, values
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.interaction import name as name_of
from vault.services.load import Load, load_locked
from vault.services.situation import is_intact
from vault.services.unit import Unit
from vault.store import code as code_store
from vault.store import interaction
from vault.store.customer import StandingRow
from vault.store.engine import Conn
from vault.store.interaction import InteractionRow
from vault.store.value import ValueRow

TOGETHER: Final = 200  # contact events of one entry
_EVENT: Final = name_of("")
Gone = Counter[tuple[str, Why]]


def keeps_of(
    deps: Deps, customer: CustomerId, standing: StandingRow | None, *, at: datetime
) -> Keeps:
    """Return what of a customer stays, whatever the time."""
    if standing is None or not is_intact(deps, customer, standing):
        return Keeps(broken=True)
    stated = terms.load_terms(standing.terms)
    return Keeps(
        restricted=bool(standing.flags & terms.RESTRICTED or stated.erase_at),
        fields=stated.restricted_fields,
        held=hold.held(hold.in_force(stated.holds, at)),
    )


async def delete_over(
    deps: Deps, customer: CustomerId, dropped: frozenset[str]
) -> tuple[Gone, Keeps]:
    """Delete what is over; returns what went, and what of the customer stays whatever the time.

    Args:
        deps: what a use case may touch.
        customer: whom.
        dropped: names that the code no longer has, and that may go.
    """
    gone: Gone = Counter()
    after: interaction.Place | None = None
    while True:

        async def work(
            it: Unit, place: interaction.Place | None = after
        ) -> tuple[Gone, Keeps, interaction.Place | None]:
            return await _delete(it, customer, dropped, place)

        (some, keeps, after), _ = await unit.run(deps, work)
        gone.update(some)
        if after is None:
            return gone, keeps


async def _delete(
    it: Unit, customer: CustomerId, dropped: frozenset[str], after: interaction.Place | None
) -> tuple[Gone, Keeps, interaction.Place | None]:
    load = await load_locked(it.conn, it.deps.codes, customer, at=it.now)
    if load.found is None:  # erased meanwhile
        return Counter(), Keeps(), None
    keeps = keeps_of(it.deps, customer, load.found.standing, at=it.now)
    if keeps.broken or load.key(Kind.AUDIT) is None:
        return Counter(), Keeps(broken=True), None

    def why(name: str, start: datetime) -> Why | None:
        reason = retention.why(load.rulebook, name, start, now=it.now)
        waits = reason is Why.DROPPED and name not in dropped
        return None if waits or retention.stays(keeps, name) else reason

    over = [
        (row, reason)
        for row in load.found.values
        if (reason := why(row.field, retention.counts_from(row.gathered_at, row.verified_at)))
    ]
    kinds = {
        name.removeprefix(_EVENT): retention.latest(load.rulebook, name, it.now)
        for name in {*load.rulebook.interactions, *dropped}
        if name.startswith(_EVENT)
    }
    rows = await interaction.load_ended(it.conn, customer, kinds, after=after, limit=TOGETHER)
    events = [(row, reason) for row in rows if (reason := why(name_of(row.kind), row.at))]
    await values.remove(it, load, [row.field for row, _ in over])
    await interaction.remove(it.conn, customer, [row.interaction_id for row, _ in events])
    await _log(it, load, over, events)
    gone = Counter((row.field, reason) for row, reason in over)
    gone.update((name_of(row.kind), reason) for row, reason in events)
    more = len(rows) == TOGETHER
    return gone, keeps, interaction.Place(rows[-1].at, rows[-1].interaction_id) if more else None


async def _log(
    it: Unit,
    load: Load,
    over: Sequence[tuple[ValueRow, Why]],
    events: Sequence[tuple[InteractionRow, Why]],
) -> None:
    """Tell what went: under the code that said how long, or that still had the name."""
    gone = [(row.field, row.value_id, row.sealed, reason) for row, reason in over]
    gone += [(name_of(row.kind), row.interaction_id, row.sealed, reason) for row, reason in events]
    by_code: dict[str, list[tuple[str, UUID, bytes, Why]]] = {}
    for one in gone:
        code = load.rulebook.digest
        if one[3] is Why.DROPPED:
            last = await last_code(it.deps, it.conn, one[0], at=it.now)
            code = last.digest if last else code
        by_code.setdefault(code, []).append(one)
    standing, audit = load.found.standing if load.found else None, load.key(Kind.AUDIT)
    if standing is None or audit is None:
        raise RuntimeError  # looked at before
    for code, several in by_code.items():
        clauses = {name: retention.clause(name, reason) for name, _, _, reason in several}
        it.log(
            Draft(
                customer=load.customer,
                audit_key=unwrap(it.deps.keys.keks, audit),
                kind=EntryKind.WRITTEN,
                epoch=standing.epoch,
                actor=VAULT,
                code=code,
                allowed=tuple(clauses.items()),
                values=tuple(
                    (str(row_id), hashlib.sha256(sealed).hexdigest())
                    for _, row_id, sealed, _ in several
                ),
            )
        )


async def last_code(deps: Deps, conn: Conn, name: str, *, at: datetime) -> Rulebook | None:
    """Return the last code in force until a moment that had a name."""
    for claim in reversed(await code_store.claims(conn)):
        if claim.effective_at <= at:
            book = await deps.codes.by_digest(conn, claim.digest)
            if name in book.sources:
                return book
    return None
