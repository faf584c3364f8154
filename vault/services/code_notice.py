"""Tell customers of a code of ethics that asks more of them and cannot ask them: before its day.

The job goes over all customers by pages from the publication on; where the code takes effect at
once, `code_sweep` tells them instead, and on a later day it tells those who were missed. One claim
for each customer, code and letter makes twice once. Whoever has no address gets no letter: the page
of the changes is there for everybody.
Source: GDPR 13(3); consent-standards note, 5.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from policies.model import Rulebook
from vault.core.concern import Concern, concern
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.services import mail, reach, spent, unit
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.interaction import kinds_in
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import code, interaction, job, once, sweeps, value
from vault.store.engine import Conn
from vault.store.job import JobRow

KIND: Final = "code-notice"  # of the job
COMING: Final = "code-coming"  # a template, and the claim of whoever was told that more is asked
PAGE: Final = 200  # customers of one job: well within its lease


async def queue(it: Unit, digest: str, *, after: UUID | None = None) -> None:
    """Queue a page of customers, due at once."""
    ref = f"{digest}/{after.hex if after else ''}"
    work = job.new(it.deps.deployment, uuid7(unix_ms(it.now)), kind=KIND, ref=ref, run_at=it.now)
    await job.add(it.conn, [work])


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Tell the customers of a page, then queue the next one."""
    digest, _, after = work.ref.partition("/")
    async with deps.database.connect() as conn:
        before, rulebook = await pair(deps, conn, digest)
        about = concern(before, rulebook)
        if not about:
            return
        page = await sweeps.customers_after(conn, UUID(hex=after) if after else None, limit=PAGE)
        customers = [CustomerId(one) for one in page]
        told = await owners(conn, customers, about)
        told &= await reachable(deps, conn, customers)
    for customer in customers:
        if customer in told:
            await _tell(deps, customer, rulebook)
    if len(page) == PAGE:
        await unit.run(deps, lambda it: queue(it, digest, after=page[-1]))


async def pair(deps: Deps, conn: Conn, digest: str) -> tuple[Rulebook | None, Rulebook]:
    """Return the code just before one, and the one; None before the first."""
    rulebook = await deps.codes.by_digest(conn, digest)
    digests = [claim.digest for claim in await code.claims(conn)]
    place = digests.index(digest) if digest in digests else 0
    before = await deps.codes.by_digest(conn, digests[place - 1]) if place else None
    return before, rulebook


async def owners(conn: Conn, customers: Sequence[CustomerId], about: Concern) -> set[CustomerId]:
    """Return those of some customers whom a change concerns."""
    if about.everybody:
        return set(customers)
    found = await value.owners(conn, customers, about.names)
    return found | await interaction.owners(conn, customers, kinds_in(about.names))


async def reachable(deps: Deps, conn: Conn, customers: Sequence[CustomerId]) -> set[CustomerId]:
    """Return those of some customers who have an address to write to."""
    rulebook = await deps.codes.in_force(conn, deps.clock.now())
    return await value.owners(conn, customers, reach.fields(rulebook))


async def claim(it: Unit, customer: CustomerId, rulebook: Rulebook, letter: str) -> bool:
    """Claim a letter about a code; False when it was written before."""
    return await once.claim(
        it.conn, spent.of_code_letter(letter, customer, rulebook.digest, day=day(rulebook))
    )


def day(rulebook: Rulebook) -> datetime:
    """Return the day that a code names as its first."""
    return datetime.fromisoformat(rulebook.code.effective).replace(tzinfo=UTC)


async def _tell(deps: Deps, customer: CustomerId, rulebook: Rulebook) -> None:
    async def work(it: Unit) -> None:
        try:
            await hold(it, customer)
        except (NotAvailableError, OpenError):
            return  # erased meanwhile, or broken: no address of theirs opens
        if await claim(it, customer, rulebook, COMING):
            parts: dict[str, str | date] = {
                "day": day(rulebook).date(),
                "version": rulebook.version,
            }
            await mail.to_customer(it, customer, COMING, parts=parts)

    await unit.run(deps, work)
