"""Carry out a browser's `Sec-GPC: 1`: nothing goes to another business, once and on the record.

1. The first signal of a signed-in customer sets "no sharing" and keeps the moment as evidence, in
   the terms and so under their MAC and in the entry of the access log.
2. What the signal did once it does not do again: who lifts the rule by hand has decided.
3. A consent from before the signal that lets something go to another business is paused by the
   rule, and asked about once.
4. No signal means nothing. The signal is heard whether or not the code offers the rule, for it is
   the customer's and not the publisher's.
Source: consent-standards note, 7; Global Privacy Control, 3.
"""

from dataclasses import replace

from policies.model import Rulebook, Term
from policies.situation import Terms
from vault.core import own_terms
from vault.core.consent import ALLOWING
from vault.core.errors import FormatError, NotAvailableError, OpenError
from vault.core.ids import CustomerId
from vault.core.terms import load_terms
from vault.services import portal_choice, terms
from vault.services.choices import Choice, choices
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.terms import Outcome
from vault.store import commit
from vault.store import customer as customer_store
from vault.store.engine import Conn

METHOD = "browser signal"


async def heed(deps: Deps, customer: CustomerId, *, request: str | None = None) -> None:
    """Carry out the signal, if it is the first; a customer without a good record is left alone.

    Raises:
        BusyError: it could not be written down; nothing was changed.
    """
    async with deps.database.connect() as conn:
        row = await customer_store.load_standing(conn, customer)
    try:
        # Not checked here: an edited row denies everything, and `change` refuses to touch it.
        if row is None or load_terms(row.terms).gpc_ms:
            return
        await terms.change(deps, customer, _first(deps), method=METHOD, request=request)
    except (FormatError, NotAvailableError, OpenError):
        return


async def question(deps: Deps, customer: CustomerId, stated: Terms) -> tuple[Choice, ...]:
    """Return the consents that the signal paused and the customer has not yet been asked about.

    Args:
        deps: what a use case may touch.
        customer: whose.
        stated: their terms, as `terms.load` gives them.
    """
    if not (stated.gpc_ms and stated.no_sharing) or await portal_choice.answered(deps, customer):
        return ()
    return tuple(
        one
        for one in await choices(deps, customer)
        if one.state in ALLOWING
        and (one.since_ms or 0) < stated.gpc_ms
        and any(reader.external for reader in one.readers)
    )


async def answer(
    deps: Deps, customer: CustomerId, *, share: bool, request: str | None = None
) -> Outcome:
    """Keep the rule, or lift it for what was allowed before; it is not asked again.

    Raises:
        NotAvailableError, OpenError: as for `terms.change`.
    """

    def alter(rulebook: Rulebook, stated: Terms) -> Terms:
        if not share:
            return stated
        return own_terms.switch(rulebook, stated, Term.NO_SHARING, on=False)

    outcome = await terms.change(deps, customer, alter, request=request)
    at = deps.clock.now()

    async def remember(conn: Conn) -> None:
        await portal_choice.save_answer(conn, customer, at=at)

    await commit.request(deps.database, remember)
    return outcome


def _first(deps: Deps) -> terms.Alter:
    now = unix_ms(deps.clock.now())

    def alter(_: Rulebook, stated: Terms) -> Terms:
        return stated if stated.gpc_ms else replace(stated, no_sharing=True, gpc_ms=now)

    return alter
