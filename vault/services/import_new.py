"""Add the customers of a batch of rows: all their rows of a table in one statement.

The same steps as `vault/services/customer.py` takes for one: decide each field by source, seal,
store with keys and standing row, claim the identifiers, record. What needs no database is made
ready before, so that it happens while the database is busy with the batch before.
Source: DESIGN 1 and 6; performance note, 5 and 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from policies.decide import Allow, Verdict
from policies.model import Action, Rulebook, Source
from vault.core.entry import Kind
from vault.core.errors import WrongSourceError
from vault.core.times import unix_ms
from vault.crypto.audit_key import AuditKey
from vault.services import customer as customers
from vault.services import identifier, profile, third_party, values
from vault.services.ask import Decided
from vault.services.consent_change import of_new
from vault.services.consent_import import Offers, changes
from vault.services.consent_made import Held, Made, make
from vault.services.deps import Deps
from vault.services.disclosure import draft as drafted
from vault.services.draft import Asked, Draft
from vault.services.import_evidence import imported
from vault.services.import_rows import Plan
from vault.services.load import Load
from vault.services.profile import Change
from vault.services.unit import Unit
from vault.store import consent as consent_store
from vault.store import customer as customer_store
from vault.store import receipt as receipt_store
from vault.store.customer import StandingRow
from vault.store.value import ValueRow


@dataclass(frozen=True, slots=True)
class New:
    """A customer who is not stored yet, with all that will be."""

    plan: Plan
    load: Load
    standing: StandingRow
    rows: tuple[ValueRow, ...]
    entry: Draft  # of what was written
    consents: Made | None  # None where the row has no evidence of any


@dataclass(slots=True)
class Maker:
    """Makes customers for one import; nothing of it is stored."""

    deps: Deps
    rulebook: Rulebook
    at: datetime | None  # when values were gathered, where a row does not say; None: as it is made
    file: str  # SHA-256 in hex of mapping and file, for evidence
    offers: Offers = field(init=False)
    # All that a decision knows of a customer who is nowhere yet is the same for each of them.
    _patterns: dict[tuple[tuple[str, ...], ...], Draft] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up what consents may be about."""
        self.offers = Offers(self.rulebook)

    def make(self, plan: Plan) -> New:
        """Decide, seal and draft what a row of nobody yet will be."""
        deps, now = self.deps, self.deps.clock.now()
        load = customers.unsaved(deps, self.rulebook, now=now)
        rows = values.sealed_rows(
            deps,
            load,
            plan.values,
            keys={one.field: one.key for one in plan.identities},
            at=plan.gathered_at or self.at,
            now=now,
        )
        held = of_new(load)
        audit = AuditKey(deps.keys.keks, held.audit)
        entry = self._pattern(load, plan)._replace(
            customer=load.customer,
            audit_key=audit.secret,
            values=tuple([(str(row.value_id), sha256(row.sealed).hexdigest()) for row in rows]),
            asked=Asked(Action.WRITE.value, unix_ms(now)),
        )
        consents = self._consents(held, audit, plan, now)
        standing = consents.standing if consents else held.standing
        return New(plan, load, standing, tuple(rows), entry, consents)

    def _consents(self, held: Held, audit: AuditKey, plan: Plan, now: datetime) -> Made | None:
        if not plan.evidence:
            return None
        found = changes(held, imported(plan, file=self.file), self.offers, now=now)
        return make(self.deps, held, audit, found, request=None, now=now) if found else None

    def _pattern(self, load: Load, plan: Plan) -> Draft:
        """Decide a write of these fields; all of its entry but what is one customer's own."""
        which = tuple((source, *several) for source, several in plan.values.items())
        found = self._patterns.get(which)
        if found is None:
            verdicts: dict[str, Verdict] = {}
            for source, several in plan.values.items():
                ask, change = customers.operator(tuple(several)), Change(several, source)
                verdicts |= profile.decide_write(self.deps, ask, load, change).verdicts
            if not all(isinstance(verdict, Allow) for verdict in verdicts.values()):
                # The mapping was checked against this very code, and nobody has decided anything.
                raise WrongSourceError
            decided = Decided(customers.operator(plan.names), load, verdicts)
            sources = tuple((name, one.value) for one, some in plan.values.items() for name in some)
            found = drafted(self.deps, decided, seen=None)
            found = self._patterns[which] = found._replace(kind=Kind.WRITTEN, sources=sources)
        return found


async def add(it: Unit, made: Sequence[New]) -> int:
    """Add customers who were made ready; returns how many consents were taken over.

    Raises:
        IdentifierTakenError: somebody took an identifier meanwhile; nothing may commit.
    """
    if not made:
        return 0
    keys = [key for one in made if one.load.found for key in one.load.found.keys]
    await customer_store.create(it.conn, [one.standing for one in made], keys=keys, at=it.now)
    await values.add_many(it, [row for one in made for row in one.rows])
    consents = [one.consents for one in made if one.consents]
    await consent_store.add(it.conn, [row for one in consents for row in one.rows])
    await receipt_store.add_many(it.conn, [row for one in consents for row in one.records])
    claims = [(one.load.customer, each) for one in made for each in one.plan.identities]
    await identifier.claim_many(it, claims)
    for one in made:
        it.log(one.entry)
        for draft in one.consents.drafts if one.consents else ():
            it.log(draft)
        if Source.THIRD_PARTY in one.plan.values:
            await third_party.announce(it, one.load.customer)
    return sum(len(one.saved) for one in consents)
