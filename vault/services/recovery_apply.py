"""Let stand for one customer what the lost entries of the log say, in one transaction.

1. the customer is held; one whose epoch has reached the newest lost change was done before;
2. the epoch goes on from that change, so that no epoch is used for two decisions;
3. consents that the log had ended or narrowed are withdrawn so far, each with record and entry;
4. objections, restrictions and terms become those that stood last, with an entry, and an erasure
   that was asked for gets its day again.
Source: access-log note, 9; `vault/core/recovery.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from vault.core import recovery, terms
from vault.core.consent import Consent
from vault.core.entry import Kind
from vault.core.errors import NotReadyError
from vault.core.ids import CustomerId
from vault.core.recovery import Change, Outcome, Standing
from vault.crypto.random import uuid7
from vault.services import consent_change, erase, standing, standing_change, unit
from vault.services.consent_change import Held, hold, reseal, save
from vault.services.consent_evidence import shown
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit, job
from vault.store import customer as customer_store
from vault.store.customer import StandingRow

ACTOR: Final = "vault"
METHOD: Final = "carried over from the access log after a restore"
_KINDS: Final = frozenset({Kind.TERMS, Kind.OBJECTED, Kind.RESTRICTED, Kind.LIFTED})


async def carry_over(
    deps: Deps, customer: CustomerId, lost: Sequence[Change], *, dry_run: bool
) -> Outcome | None:
    """Carry over a customer's lost changes; None when that was done before.

    Raises:
        NotAvailableError: there is no such customer any more.
        OpenError: the standing row or the audit key is broken; the customer is denied everything.
        BusyError: not now; nothing was changed.
    """

    async def work(it: Unit) -> Outcome | None:
        held = await hold(it, customer)
        outcome = recovery.settle(held.consents, lost, now=unix_ms(it.now))
        if held.standing.epoch >= outcome.epoch:
            return None
        if not dry_run:
            await _apply(it, held, outcome)
        return outcome

    if dry_run:
        # No entry and no change, so it needs no writer of the log; rows are locked to be read.
        return await commit.request(
            deps.database, lambda conn: work(Unit(conn, deps.clock.now(), deps))
        )
    outcome, _ = await unit.run(deps, work)
    return outcome


async def _apply(it: Unit, held: Held, outcome: Outcome) -> None:
    customer = held.load.customer
    before = held.standing.epoch
    row = standing.sign(it.deps, replace(held.standing, epoch=outcome.epoch))
    await customer_store.raise_epoch(it.conn, row, before=before)
    await reseal(it, held, set(), epoch=row.epoch)
    if outcome.consents:
        held = await hold(it, customer)
        changes = [await _ended(it, held, one) for one in outcome.consents]
        await save(it, held, changes, request=None)
    if outcome.standing is not None:
        held = await hold(it, customer)
        after = _stands(held.standing, outcome.standing)
        kind = outcome.standing.kind if outcome.standing.kind in _KINDS else Kind.TERMS
        await standing_change.change(it, held, after, kind=kind, actor=ACTOR)
        await _erase_on_its_day(it, customer, after)


async def _ended(it: Unit, held: Held, after: Consent) -> consent_change.Change:
    try:
        rulebook = await it.deps.codes.by_digest(it.conn, after.code)
    except NotReadyError:
        rulebook = held.load.rulebook
    evidence = await shown(it, after)
    return consent_change.Change(after, rulebook, "en", evidence, METHOD, actor=ACTOR)


def _stands(before: StandingRow, said: Standing) -> StandingRow:
    if not said.terms:  # nobody can tell what stood: all is restricted until the customer says
        return replace(before, flags=before.flags | terms.RESTRICTED)
    return replace(before, flags=said.flags, objections=said.objections, terms=said.terms)


async def _erase_on_its_day(it: Unit, customer: CustomerId, row: StandingRow) -> None:
    erase_at = terms.load_terms(row.terms).erase_at
    if erase_at:
        at = datetime.fromtimestamp(erase_at / 1000, UTC)
        one = job.new(
            customer.bytes, uuid7(unix_ms(it.now)), kind=erase.KIND, ref=str(customer), run_at=at
        )
        await job.add(it.conn, [one])
