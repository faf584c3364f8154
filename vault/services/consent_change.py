"""Change a customer's consents: lock, check, raise the epoch, write rows, record and entry.

1. the standing row is locked, so that a customer's changes stand in one order;
2. standing row and current consents are checked: a broken row is never given a good MAC again;
3. each change raises the epoch by one; the epoch and MAC of every other current row follow;
4. the new row, the sealed consent record and the entry go in with the one commit.

What is decided comes from `vault/core/consent.py`; who may decide is the caller's.
Source: crypto note, 8; access-log note, 2 and 3; consent-standards note, 2.2 and 4.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.crypto.audit_key import AuditKey
from vault.crypto.keys import Kind
from vault.services.consent_made import SECTOR, Change, Held, Saved, make, sign
from vault.services.deps import Deps
from vault.services.load import Load, load_locked
from vault.services.situation import consent_now, fact, is_intact
from vault.services.unit import Unit
from vault.store import consent as store
from vault.store import customer as customer_store
from vault.store import receipt as receipt_store

__all__ = ["SECTOR", "Change", "Held", "Saved", "hold", "of_load", "of_new", "reseal", "save"]

logger = structlog.get_logger()


async def hold(it: Unit, customer: CustomerId) -> Held:
    """Lock a customer and check what is stored.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row or the audit key is missing or broken; nothing may change.
    """
    return of_load(it.deps, await load_locked(it.conn, it.deps.codes, customer, at=it.now))


def of_load(deps: Deps, load: Load) -> Held:
    """Check a load that the unit holds under lock, or has just made.

    Raises:
        NotAvailableError, OpenError: as `hold` does.
    """
    if load.found is None:
        raise NotAvailableError
    row, audit = load.found.standing, load.key(Kind.AUDIT)
    if row is None or audit is None or not is_intact(deps, load.customer, row):
        logger.error("standing-row-broken", missing=row is None)
        raise OpenError
    rows = {one.purpose: one for one in load.found.consents}
    return Held(
        load=load,
        standing=row,
        audit=audit,
        rows=rows,
        consents={
            purpose: consent_now(deps, load, one, epoch=row.epoch) for purpose, one in rows.items()
        },
    )


def of_new(load: Load) -> Held:
    """Return what a customer holds whom the caller has just made: nothing to check, no consent.

    Raises:
        OpenError: the load has no standing row or no audit key.
    """
    row, audit = load.found.standing if load.found else None, load.key(Kind.AUDIT)
    if row is None or audit is None:
        raise OpenError
    return Held(load=load, standing=row, audit=audit, rows={}, consents={})


async def save(
    it: Unit, held: Held, changes: Sequence[Change], *, request: str | None
) -> tuple[Saved, ...]:
    """Write changes of different purposes; one epoch, one record and one entry each.

    Args:
        it: the unit; its commit makes the changes stand.
        held: from `hold` in the same unit.
        changes: at least one.
        request: our id of the request, for the entries.
    """
    audit = AuditKey(it.deps.keys.keks, held.audit)
    made = make(it.deps, held, audit, changes, request=request, now=it.now)
    await customer_store.save_standing(it.conn, made.standing, changes=len(changes))
    await reseal(it, held, {row.purpose for row in made.rows}, epoch=made.standing.epoch)
    for row in made.rows:
        if row.purpose in held.rows:
            await store.change(it.conn, row)
    await store.add(it.conn, [row for row in made.rows if row.purpose not in held.rows])
    await receipt_store.add_many(it.conn, made.records)
    for draft in made.drafts:
        it.log(draft)
    return made.saved


async def reseal(it: Unit, held: Held, changed: set[str], *, epoch: int) -> None:
    """Let every other good row follow the epoch; a broken one stays behind and stays broken."""
    rows = [
        sign(it.deps, replace(row, epoch=epoch))
        for purpose, row in held.rows.items()
        if purpose not in changed
        and fact(it.deps, held.load.customer, row, epoch=held.standing.epoch).intact
    ]
    await store.reseal(it.conn, rows)
