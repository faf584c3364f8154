"""Let customers say that what the vault worked out of them is wrong, and take it back.

From that moment it is gone, and nobody infers it again, by whatever way and on whatever basis: it
stands among the customer's own terms, which `decide` and the replay keep. Only the customer takes
it back. What a legal hold or a restriction keeps stays, marked as wrong, until they end.
What an app inferred is disputed as any value is (`vault/services/marks.py`).
Source: GDPR 16, 21 and 22(3); docs/knowing.md.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from policies.model import Derivation, Source
from vault.core import consent, own_terms, retention
from vault.core.entry import Kind
from vault.core.errors import ConflictError, NotAvailableError
from vault.core.ids import CustomerId
from vault.core.terms import dump_terms, load_terms
from vault.services import marks, standing_change, unit, values
from vault.services.choices import look
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.load import values_of
from vault.services.marks import Mark
from vault.services.retention_delete import keeps_of
from vault.services.situation import situation
from vault.services.trait_end import end
from vault.services.unit import Unit
from vault.store import trait as store


@dataclass(frozen=True, slots=True)
class Trait:
    """How one field stands that the vault works out."""

    derivation: Derivation
    contested: bool
    worked_out_at: datetime | None  # the last time; None: never, or it was deleted since


async def of(deps: Deps, customer: CustomerId, field: str) -> Trait | None:
    """Return how a field stands; None for one that the vault does not work out.

    Raises:
        NotAvailableError: there is no such customer.
    """
    loaded = await look(deps, customer)
    derivation = loaded.rulebook.derivation_of(field)
    if derivation is None or derivation.method is None:
        return None
    async with deps.database.connect() as conn:
        row = await store.load(conn, customer, field)
    contested = field in situation(deps, loaded).terms.contested
    return Trait(derivation, contested, row.worked_out_at if row else None)


async def make(
    deps: Deps, customer: CustomerId, field: str, *, version: int, request: str | None
) -> bool:
    """Let a trait be wrong: it is deleted, and not inferred again; False when that stood already.

    Args:
        deps: what a use case may touch.
        customer: whose trait, and who says so.
        field: its name.
        version: of the row that the customer saw; 0 for none.
        request: our id of the request, for the entries.

    Raises:
        NotAvailableError: the vault does not work this out.
        ConflictError: another value is stored by now.
        OpenError: the customer's record is broken; nothing can change.
    """

    async def work(it: Unit) -> bool:
        held = await _held(it, customer, field)
        row = values_of(held.load, (field,)).get(field)
        if (row.row_version if row else 0) != version:
            raise ConflictError
        if not await _set(it, held, field, contested=True, request=request):
            return False
        keeps = keeps_of(it.deps, customer, held.standing, at=it.now)
        if row is None or row.source != Source.INFERRED:
            await store.remove(it.conn, customer, (field,))
        elif retention.stays(keeps, field) is None:
            epoch = consent.next_epoch(held.standing.epoch)
            await end(it, held.load, (field,), epoch=epoch, request=request)
        else:
            await _mark(it, held, field, Mark.DISPUTED, request=request)
        return True

    return (await unit.run(deps, work))[0]


async def take_back(deps: Deps, customer: CustomerId, field: str, *, request: str | None) -> bool:
    """Let a trait be inferred again; False when nothing stood against it. Errors as for `make`."""

    async def work(it: Unit) -> bool:
        held = await _held(it, customer, field)
        changed = await _set(it, held, field, contested=False, request=request)
        if changed:
            await _mark(it, held, field, Mark.UNDISPUTED, request=request)
        return changed

    return (await unit.run(deps, work))[0]


async def _held(it: Unit, customer: CustomerId, field: str) -> Held:
    held = await hold(it, customer)
    found = held.load.rulebook.derivation_of(field)
    # What stands already can be taken back, whatever the code says today.
    if (found and found.method) or field in load_terms(held.standing.terms).contested:
        return held
    raise NotAvailableError


async def _set(it: Unit, held: Held, field: str, *, contested: bool, request: str | None) -> bool:
    before = load_terms(held.standing.terms)
    names = before.contested | {field} if contested else before.contested - {field}
    after = replace(before, contested=names)
    return await standing_change.change(
        it,
        held,
        replace(held.standing, terms=dump_terms(after)),
        kind=Kind.TERMS,
        told=own_terms.told(own_terms.changes(before, after)),
        request=request,
    )


async def _mark(it: Unit, held: Held, field: str, mark: Mark, *, request: str | None) -> None:
    names = await values.mark(it, held.load, (field,), marks.altered(mark, it.now))
    marks.log(it, held, names, mark=mark, request=request)
