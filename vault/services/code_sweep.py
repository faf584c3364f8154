"""Write down what a code of ethics made of consents, customer by customer.

Every look works it out for itself from the first moment on, so nothing waits for this job: it
makes the events, records, receipts and entries that say it, and tells each customer once; those too
of whom something is stored that this code is the first not to name, and those whom `code_notice`
could not tell before. When all are written to, the sweep of `vault/services/retention.py` is queued, which deletes that. It goes
over all customers by pages; each page is a job of its own that queues the next one, so that it goes
on where it was cut. A page done twice finds nothing to write the second time.
Source: consent-standards note, 4 and 5; ecosystem note, 10.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from policies.diff import Outcome
from policies.model import ConsentState, Rulebook
from vault.core.concern import concern
from vault.core.consent import ALLOWING, Consent
from vault.core.consent_record import PUBLISHER
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.services import code_notice, mail, unit
from vault.services.consent_change import Change, Held, hold, save
from vault.services.consent_evidence import shown
from vault.services.deps import Deps
from vault.services.interaction import kinds_in
from vault.services.load import passages_of
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit, interaction, job, sweeps, value
from vault.store.disclosure import load_many
from vault.store.engine import Conn
from vault.store.job import JobRow

KIND: Final = "code-sweep"  # of the job
LETTER: Final = "code-changed"  # a template
METHOD: Final = "new code of ethics"
SWEEP: Final = "retention"  # the job that deletes what has no clause any more
SWEEP_AFTER: Final = timedelta(minutes=1)
PAGE: Final = 200  # customers of one job: well within its lease


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a customer is looked at."""

    rulebook: Rulebook  # the code that came
    loses: bool  # something of theirs has no clause any more
    told: bool  # something of theirs is used for more, or a promise was given up
    reachable: bool  # there is an address


async def queue(it: Unit, digest: str, *, at: datetime) -> None:
    """Queue the first page, for the moment at which the code takes effect; and what is told before."""
    if at > it.now:
        await code_notice.queue(it, digest)
    work = job.new(
        it.deps.deployment, uuid7(unix_ms(it.now)), kind=KIND, ref=f"{digest}/", run_at=at
    )
    await job.add(it.conn, [work])


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Do the page of a job, then queue the next one."""
    digest, _, after = work.ref.partition("/")
    async with deps.database.connect() as conn:
        before, rulebook = await code_notice.pair(deps, conn, digest)
        dropped = frozenset(before.sources) - set(rulebook.sources) if before else frozenset()
        page = await sweeps.customers_after(conn, UUID(hex=after) if after else None, limit=PAGE)
        customers = [CustomerId(one) for one in page]
        touched = await _touched(deps, conn, customers)
        losing = await interaction.owners(conn, customers, kinds_in(dropped))
        losing |= await value.owners(conn, customers, dropped)
        told = await code_notice.owners(conn, customers, concern(before, rulebook))
        reachable = await code_notice.reachable(deps, conn, customers)
    for customer in customers:
        if customer in touched or customer in (losing | told) & reachable:
            why = _Why(rulebook, customer in losing, customer in told, customer in reachable)
            await _follow(deps, customer, why)
    if len(page) < PAGE:
        if dropped:
            await commit.request(deps.database, lambda conn: _delete(deps, conn))
        return
    rest = job.new(
        deps.deployment,
        uuid7(unix_ms(deps.clock.now())),
        kind=KIND,
        ref=f"{digest}/{page[-1].hex}",
        run_at=deps.clock.now(),
    )
    await commit.request(deps.database, lambda conn: job.add(conn, [rest]))


async def _delete(deps: Deps, conn: Conn) -> None:
    """Queue the sweep, for when this job is off the list: until then it leaves such names alone."""
    now = deps.clock.now()
    work = job.new(
        deps.deployment, uuid7(unix_ms(now)), kind=SWEEP, ref="", run_at=now + SWEEP_AFTER
    )
    await job.add(conn, [work])


async def _touched(deps: Deps, conn: Conn, page: list[CustomerId]) -> list[CustomerId]:
    """Return those with a consent that a later code did more to than reword it."""
    found = await load_many(conn, page, fields=())
    rulebook = await deps.codes.in_force(conn, deps.clock.now())
    passages = await passages_of(conn, deps.codes, rulebook, found)
    return [
        customer
        for customer, one in zip(page, found, strict=True)
        if one is not None
        and any(
            step.outcomes.get(row.purpose) is not Outcome.EQUAL
            for row in one.consents
            if row.state in ALLOWING
            for step in passages.get(row.code_digest, ())
        )
    ]


async def _follow(deps: Deps, customer: CustomerId, why: _Why) -> None:
    """Write what became of one customer's consents, with one letter, in one transaction."""

    async def work(it: Unit) -> None:
        try:
            held = await hold(it, customer)
        except (NotAvailableError, OpenError):
            return  # erased meanwhile, or broken: nothing is allowed, and nothing is healed
        changes = [
            await _change(it, held, one)
            for purpose, one in sorted(held.consents.items())
            if _is_new(held, purpose, one)
        ]
        if changes:
            await save(it, held, changes, request=None)
        if why.reachable and await _is_untold(it, customer, why, changed=bool(changes)):
            await mail.to_customer(it, customer, LETTER)

    await unit.run(deps, work)


async def _is_untold(it: Unit, customer: CustomerId, why: _Why, *, changed: bool) -> bool:
    """Claim the letter; whoever was told before that more is asked needs no second one for that."""
    first = why.told and await code_notice.claim(it, customer, why.rulebook, code_notice.COMING)
    if changed or why.loses:
        return await code_notice.claim(it, customer, why.rulebook, LETTER)
    return first


def _is_new(held: Held, purpose: str, one: Consent) -> bool:
    row = held.rows[purpose]
    # A broken row has no code; it stays behind and stays broken.
    return bool(one.code) and (one.state.value, one.code) != (row.state, row.code_digest)


async def _change(it: Unit, held: Held, one: Consent) -> Change:
    row = held.rows[one.purpose]
    given = await it.deps.codes.by_digest(it.conn, row.code_digest)
    goes_on = one.state is not ConsentState.REVOKED
    return Change(
        consent=one,
        rulebook=held.load.rulebook if goes_on else given,
        language=given.code.languages[0],
        notice=await shown(it, one),
        method=METHOD,
        actor=PUBLISHER,
        at_ms=unix_ms(it.now),
    )
