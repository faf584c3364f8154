"""Let a customer put a decision off: "not now" is kept, so that nobody asks again unbidden.

It allows nothing and undoes nothing. A decision that stands stays; what the rules of the business
ended is deferred, and counts as not answered from then on.
Source: consent-standards note, 4; EDPB 03/2022, overloading.
"""

from vault.core import consent
from vault.core.consent import Shown
from vault.core.ids import CustomerId
from vault.services.consent import Outcome, decide, unchanged
from vault.services.consent_change import Change, Saved, hold, save
from vault.services.consent_evidence import shown
from vault.services.consent_notice import clause_of, seen
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit

LATER = "decide later button"


async def defer(
    deps: Deps,
    customer: CustomerId,
    purpose: str,
    *,
    notice: str | None = None,
    session: bytes,
    locale: str = "en",
    request: str | None = None,
) -> Outcome:
    """Record that the customer decides later; a decision that stands is left alone.

    Raises:
        NotAvailableError: no such customer or purpose to consent to.
    """

    async def work(it: Unit) -> Outcome | Saved:
        held = await hold(it, customer)
        rulebook = held.load.rulebook
        names = frozenset(use.name for use in clause_of(rulebook, purpose).uses)
        before = held.consents.get(purpose)
        evidence = seen(it, rulebook, purpose, notice, session)
        offered = Shown(rulebook.digest, evidence, names)
        after = consent.defer(before, purpose, notice=offered, now=unix_ms(it.now))
        if before is not None and after is before:
            return await unchanged(it, held, before)
        change = Change(after, rulebook, locale, await shown(it, after), LATER)
        return (await save(it, held, [change], request=request))[0]

    return await decide(deps, customer, work)
