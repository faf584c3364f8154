"""List a customer's choices: every purpose of the code in force, and how it stands.

A look writes nothing. What is broken is shown as not valid, as the one path treats it; a consent
whose end has passed is shown as ended, though no row says so.
Source: portal note, 2; consent-standards note, 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.decide import OBJECTIONABLE
from policies.model import Basis, ConsentState, Purpose, Recipient, Rulebook
from policies.own_rule import NOTHING, HeldBack, held_back
from policies.situation import Terms
from vault.core import consent, terms
from vault.core.consent import ALLOWING, Consent
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.services.load import Load, passages_of
from vault.services.situation import consent_now, is_intact, situation, unix_ms
from vault.store.disclosure import load_many


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose, as its card shows it."""

    purpose: Purpose
    names: tuple[str, ...]  # what it uses, in the code's order
    readers: tuple[Recipient, ...]
    state: ConsentState | None  # None where the basis is another than consent
    allowed: frozenset[str]  # names that the last decision covers, whatever came of it
    since_ms: int | None  # unix ms of the last decision, or of the end that came by itself
    until_ms: int | None  # unix ms, exclusive
    objected: bool = False  # GDPR 21; only where the basis can be objected to
    held: HeldBack = NOTHING  # what the customer's own terms hold back now

    def allows(self, name: str) -> bool:
        """Say whether the purpose may use one of its names as things stand."""
        if name not in self.names or self.objected:
            return False
        return self.state is None or (self.state in ALLOWING and name in self.allowed)


async def choices(deps: Deps, customer: CustomerId) -> tuple[Choice, ...]:
    """Return every purpose of the code in force, in its order.

    Raises:
        NotAvailableError: there is no such customer.
    """
    load = await look(deps, customer)
    stored = _stored(deps, load)
    facts = situation(deps, load)
    found = (
        _choice(load.rulebook, purpose, stored.get(purpose.id), now=unix_ms(load.at))
        for purpose in load.rulebook.code.purposes
    )
    return tuple(
        replace(
            one,
            objected=one.purpose.id in facts.objections and can_object(one.purpose),
            held=held_back(load.rulebook, one.purpose.id, facts),
        )
        for one in found
    )


def can_object(purpose: Purpose | None) -> bool:
    """Tell whether a purpose rests on a basis that a customer may object to."""
    return purpose is not None and purpose.basis in OBJECTIONABLE


async def look(deps: Deps, customer: CustomerId) -> Load:
    """Return what is stored of a customer but the values, with the code in force.

    Raises:
        NotAvailableError: there is no such customer.
    """
    at = deps.clock.now()
    async with deps.database.connect() as conn:
        (found,) = await load_many(conn, [customer], fields=())
        if found is None:
            raise NotAvailableError
        rulebook = await deps.codes.in_force(conn, at)
        passages = await passages_of(conn, deps.codes, rulebook, [found])
        return Load(customer, rulebook, at, found, passages)


def _stored(deps: Deps, load: Load) -> Mapping[str, Consent]:
    """Return each consent as the one path sees it, ended as early as the customer's term says."""
    found = load.found
    standing = found.standing if found else None
    # Under a broken standing row no epoch is the right one, so every consent is broken too.
    if standing is None or not is_intact(deps, load.customer, standing):
        epoch, stated = -1, Terms()
    else:
        epoch, stated = standing.epoch, terms.load_terms(standing.terms)
    rows = found.consents if found else ()
    known = (consent_now(deps, load, row, epoch=epoch) for row in rows)
    return {
        one.purpose: replace(one, until_ms=terms.lapse(one.until_ms, one.from_ms, stated))
        for one in known
    }


def _choice(rulebook: Rulebook, purpose: Purpose, stored: Consent | None, *, now: int) -> Choice:
    names = tuple(use.name for use in purpose.uses)
    readers = tuple(rulebook.recipients[app] for app in purpose.recipients)
    if purpose.basis is not Basis.CONSENT:
        return Choice(purpose, names, readers, None, frozenset(), None, None)
    state = consent.state_at(stored, now=now)
    if stored is None or not stored.from_ms:
        return Choice(purpose, names, readers, state, frozenset(), None, None)
    ended = state is ConsentState.EXPIRED
    return Choice(
        purpose=purpose,
        names=names,
        readers=readers,
        state=state,
        allowed=stored.fields,
        since_ms=stored.until_ms if ended else stored.from_ms,
        until_ms=stored.until_ms,
    )
