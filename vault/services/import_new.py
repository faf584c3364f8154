"""Add the customers of a batch of rows: all their rows of a table in one statement.

The same steps as `vault/services/customer.py` takes for one: decide each field by source, seal,
store with keys and standing row, claim the identifiers, record. What needs no database is made
ready before, so that it happens while the database is busy with the batch before.
Source: DESIGN 1 and 6; performance note, 5 and 10.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policies.decide import Allow, Verdict
from policies.model import Rulebook, Source
from vault.core.entry import Kind
from vault.core.errors import WrongSourceError
from vault.services import customer as customers
from vault.services import identifier, profile, third_party, values
from vault.services.ask import Decided
from vault.services.deps import Deps
from vault.services.disclosure import draft
from vault.services.draft import Draft
from vault.services.import_evidence import take_over
from vault.services.import_rows import Plan
from vault.services.load import Load
from vault.services.profile import Change
from vault.services.unit import Unit
from vault.store import customer as customer_store
from vault.store.customer import StandingRow
from vault.store.value import ValueRow

_Verdicts = dict[tuple[Source, tuple[str, ...]], dict[str, Verdict]]


@dataclass(frozen=True, slots=True)
class New:
    """A customer who is not stored yet, with all that will be."""

    plan: Plan
    load: Load
    standing: StandingRow
    rows: tuple[ValueRow, ...]
    entry: Draft


@dataclass(slots=True)
class Maker:
    """Makes customers for one import; nothing of it is stored."""

    deps: Deps
    rulebook: Rulebook
    at: datetime | None  # when values were gathered, where a row does not say; None: as it is made
    # All that a decision knows of a customer who is nowhere yet is the same for each of them.
    _decided: _Verdicts = field(default_factory=dict)

    def make(self, plan: Plan) -> New:
        """Decide, seal and draft what a row of nobody yet will be."""
        deps, now = self.deps, self.deps.clock.now()
        load = customers.unsaved(deps, self.rulebook, now=now)
        if load.found is None or load.found.standing is None:
            msg = "a prepared customer has a standing row"
            raise ValueError(msg)
        verdicts: dict[str, Verdict] = {}
        for source, several in plan.values.items():
            verdicts |= self._verdicts(load, source, several)
        rows = values.sealed_rows(
            deps,
            load,
            plan.values,
            keys={one.field: one.key for one in plan.identities},
            at=plan.gathered_at or self.at,
            now=now,
        )
        decided = Decided(customers.operator(plan.names), load, verdicts)
        written = tuple((str(row.value_id), hashlib.sha256(row.sealed).hexdigest()) for row in rows)
        sources = tuple((row.field, row.source) for row in rows)
        entry = draft(deps, decided, seen=None)
        entry = entry._replace(kind=Kind.WRITTEN, values=written, sources=sources)
        return New(plan, load, load.found.standing, tuple(rows), entry)

    def _verdicts(
        self, load: Load, source: Source, several: dict[str, object]
    ) -> dict[str, Verdict]:
        names = tuple(several)
        found = self._decided.get((source, names))
        if found is None:
            ask, change = customers.operator(names), Change(several, source)
            found = profile.decide_write(self.deps, ask, load, change).verdicts
            if not all(isinstance(verdict, Allow) for verdict in found.values()):
                # The mapping was checked against this very code, and nobody has decided anything.
                raise WrongSourceError
            self._decided[source, names] = found
        return found


async def add(it: Unit, made: Sequence[New], *, file: str) -> int:
    """Add customers who were made ready; returns how many consents were taken over.

    Raises:
        IdentifierTakenError: somebody took an identifier meanwhile; nothing may commit.
    """
    if not made:
        return 0
    keys = [key for one in made if one.load.found for key in one.load.found.keys]
    await customer_store.create(it.conn, [one.standing for one in made], keys=keys, at=it.now)
    await values.add_many(it, [row for one in made for row in one.rows])
    claims = [(one.load.customer, each) for one in made for each in one.plan.identities]
    await identifier.claim_many(it, claims)
    for one in made:
        it.log(one.entry)
        if Source.THIRD_PARTY in one.plan.values:
            await third_party.announce(it, one.load.customer)
    return await take_over(it, [(one.load, one.plan) for one in made], file=file)
