"""Add the customers of a batch of rows: all their rows of a table in one statement.

The same steps as `vault/services/customer.py` takes for one: decide each field by source, seal,
store with keys and standing row, claim the identifiers, record.
Source: DESIGN 1 and 6; performance note, 5.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from policies.decide import Allow, Verdict
from policies.model import Rulebook, Source
from vault.core.entry import Kind
from vault.core.errors import WrongSourceError
from vault.services import customer as customers
from vault.services import identifier, profile, third_party, values
from vault.services.ask import Decided
from vault.services.disclosure import draft
from vault.services.import_evidence import take_over
from vault.services.import_rows import Plan
from vault.services.load import Load
from vault.services.profile import Change
from vault.services.unit import Unit
from vault.store import customer as customer_store
from vault.store.customer import StandingRow
from vault.store.value import ValueRow


@dataclass(frozen=True, slots=True)
class _New:
    """A customer who is not stored yet."""

    plan: Plan
    load: Load
    standing: StandingRow
    rows: tuple[ValueRow, ...]
    decided: Decided


async def add(
    it: Unit, rulebook: Rulebook, plans: Sequence[Plan], *, at: datetime, file: str
) -> int:
    """Add a customer for each row; returns how many consents were taken over.

    Raises:
        IdentifierTakenError: somebody took an identifier meanwhile; nothing may commit.
    """
    if not plans:
        return 0
    made = [_make(it, rulebook, plan, at) for plan in plans]
    keys = [key for one in made if one.load.found for key in one.load.found.keys]
    await customer_store.create(it.conn, [one.standing for one in made], keys=keys)
    await values.save_many(it, [row for one in made for row in one.rows])
    claims = [(one.load.customer, each) for one in made for each in one.plan.identities]
    await identifier.claim_many(it, claims)
    for one in made:
        written = tuple(
            (str(row.value_id), hashlib.sha256(row.sealed).hexdigest()) for row in one.rows
        )
        entry = draft(it.deps, one.decided, seen=None)
        sources = tuple((row.field, row.source) for row in one.rows)
        it.log(replace(entry, kind=Kind.WRITTEN, values=written, sources=sources))
        if Source.THIRD_PARTY in one.plan.values:
            await third_party.announce(it, one.load.customer)
    return await take_over(it, [(one.load, one.plan) for one in made], file=file)


def _make(it: Unit, rulebook: Rulebook, plan: Plan, at: datetime) -> _New:
    load = customers.unsaved(it, rulebook)
    if load.found is None or load.found.standing is None:
        msg = "a prepared customer has a standing row"
        raise ValueError(msg)
    ask = customers.operator(plan.names)
    keys = {one.field: one.key for one in plan.identities}
    when = plan.gathered_at or at
    verdicts: dict[str, Verdict] = {}
    rows: list[ValueRow] = []
    for source, several in plan.values.items():
        part = replace(ask, names=tuple(several))
        verdicts |= profile.decide_write(it.deps, part, load, Change(several, source)).verdicts
        rows += values.sealed_rows(it, load, several, keys=keys, source=source, at=when)
    if not all(isinstance(verdict, Allow) for verdict in verdicts.values()):
        # The mapping was checked against this very code, and nobody has decided anything yet.
        raise WrongSourceError
    return _New(plan, load, load.found.standing, tuple(rows), Decided(ask, load, verdicts))
