"""Write to customers that something which they allowed ends soon: once, 30 days before the end.

1. Once an hour one process asks who has a consent that ends within 30 days and was not looked at.
2. Each such customer is held, each such end noted, and one letter written, in one transaction.

No letter goes to whoever turned them off, asked for an erasure, or ruled the purpose out; none is
about a consent that came by an import, that lasts 30 days or less, or that the customer's own rule
has ended already. An end that such a rule brings forward is not announced: the customer set it.
Source: consent-standards note, 7 (reminders); portal note, 2.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from policies.situation import Terms
from vault.core import terms
from vault.core.consent import ALLOWING, Consent
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.core.own_terms import MailKind
from vault.crypto.random import uuid4
from vault.services import mail, unit
from vault.services.consent_change import Held, hold
from vault.services.consent_evidence import shown
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.services.unsubscribe_link import link
from vault.store import commit, lease, reminded, sweeps
from vault.store.engine import Conn

LETTER: Final = "reminder"  # a template
BEFORE: Final = timedelta(days=30)
EVERY: Final = timedelta(hours=1)
PAGE: Final = 200  # customers asked for at once
_BEFORE_MS: Final = 30 * terms.DAY


async def sweep(deps: Deps) -> bool:
    """Look for ends that come near; False when another process did so within the hour."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, "reminders", holder=uuid4(), length=EVERY) is not None

    if not await commit.claim(deps.database, mine):
        return False
    await remind(deps)
    return True


async def remind(deps: Deps) -> int:
    """Remind everybody whom an end comes near, by pages; returns how many letters were written."""
    now = unix_ms(deps.clock.now())
    after: UUID | None = None
    letters = 0
    while True:
        async with deps.database.connect() as conn:
            page = await sweeps.consents_ending(
                conn, now=now, before=now + _BEFORE_MS, after=after, limit=PAGE
            )
        for customer in page:
            letters += await _remind(deps, CustomerId(customer))
        if len(page) < PAGE:
            return letters
        after = page[-1]


async def _remind(deps: Deps, customer: CustomerId) -> bool:
    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        known = await reminded.load(it.conn, customer)
        now = unix_ms(it.now)
        ending = [
            one
            for one in held.consents.values()
            if one.state in ALLOWING
            and now < one.until_ms <= now + _BEFORE_MS
            and (one.purpose, one.until_ms) not in known
        ]
        # The stored ends, whatever became of them: those that are no consent any more are done with.
        ends = [(row.purpose, row.until_ms) for row in held.rows.values()]
        near = [one for one in ends if now < one[1] <= now + _BEFORE_MS and one not in known]
        await reminded.add(it.conn, customer, near, at=it.now)
        stated = terms.load_terms(held.standing.terms)
        wanted = [one for one in ending if await _is_told(it, held, one, stated, now=now)]
        if wanted and not stated.erase_at and MailKind.REMINDERS not in stated.no_mails:
            await _write(it, customer)
            return True
        return False

    try:
        sent, _ = await unit.run(deps, work)
    except (NotAvailableError, OpenError):  # erased meanwhile, or broken: nothing holds there
        return False
    return sent


async def _write(it: Unit, customer: CustomerId) -> None:
    stop = link(it.deps, customer, MailKind.REMINDERS)
    await mail.to_customer(
        it,
        customer,
        LETTER,
        parts={"stop": stop},
        optional=MailKind.REMINDERS,
        unsubscribe=stop,
    )


async def _is_told(it: Unit, held: Held, one: Consent, stated: Terms, *, now: int) -> bool:
    """Say whether a customer is told of an end."""
    if one.purpose not in held.load.rulebook.purposes or one.purpose in stated.never_purposes:
        return False
    if one.until_ms - one.from_ms <= _BEFORE_MS:
        return False
    if terms.lapse(one.until_ms, one.from_ms, stated) <= now:
        return False
    return (await shown(it, one)).template != "evidence"
