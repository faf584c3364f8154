"""Write a batch of planned rows in one transaction: find whose they are, decide, seal, record.

1. the identifiers of all rows are looked up at once; 2. rows of customers whom the vault does not
know are stored together; 3. customers whom it knows are compared first and locked only where
something changes. A refused row changes nothing; where it is about a customer whom the vault
knows, the refusal is in the access log.
Source: DESIGN 1 and 6; ecosystem note, 9.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policies.model import Rulebook, Source
from policies.reasons import Reason, coarse
from vault.core.ids import CustomerId
from vault.services import customer as customers
from vault.services import identifier, profile, tombstone, values
from vault.services.ask import Decided
from vault.services.import_evidence import is_new, take_over
from vault.services.import_new import Maker, New, add
from vault.services.import_rows import Plan
from vault.services.import_table import Refused
from vault.services.load import Load, load_locked, values_of
from vault.services.profile import Change
from vault.services.unit import Unit
from vault.store.disclosure import load_many

TAKEN = "identifier-taken"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch."""

    added: int
    changed: int
    unchanged: int
    consents: int
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A row whose customer the vault knows."""

    plan: Plan
    customer: CustomerId


async def write(
    it: Unit, maker: Maker, plans: Sequence[Plan], *, made: Mapping[int, New], file: str
) -> Done:
    """Write what the rows ask for, each whole or not at all.

    Args:
        it: the unit; its commit makes the batch stand.
        maker: makes new customers, and knows the code of ethics in force.
        plans: no two with an identifier in common.
        made: line -> a customer who was made ready in case that nobody knows the row's.
        file: digest of the file, for evidence.

    Raises:
        IdentifierTakenError: somebody took an identifier meanwhile; nothing may commit.
    """
    at = maker.at or it.now
    fresh, known, refused = await _sort(it, plans)
    news = [made.get(plan.line) or maker.make(plan) for plan in fresh]
    consents = await add(it, news, file=file)
    changed = 0
    for one in await _differing(it, maker.rulebook, known, at=at):
        outcome = await _change(it, one, at=at, file=file)
        if isinstance(outcome, Refused):
            refused.append(outcome)
        elif outcome is not None:
            changed += 1
            consents += outcome
    unchanged = len(plans) - len(fresh) - changed - len(refused)
    return Done(len(fresh), changed, unchanged, consents, tuple(refused))


async def _sort(it: Unit, plans: Sequence[Plan]) -> tuple[list[Plan], list[_Known], list[Refused]]:
    """Part the rows: of nobody yet, of a customer, of two at once; in their order."""
    named = [identity for plan in plans for identity in plan.identities]
    owners = await identifier.find_many(it.conn, it.deps, [one.key for one in named])
    free = [one for one in named if one.key not in owners]
    ghosts = {one.key for one in await tombstone.check(it.conn, free)}
    fresh: list[Plan] = []
    known: list[_Known] = []
    refused: list[Refused] = []
    for plan in plans:
        found = [owners[one.key] for one in plan.finders if one.key in owners]
        taken = [
            one
            for one in plan.identities
            if one.key in owners and (not found or owners[one.key] != found[0])
        ]
        gone = [one for one in plan.identities if one.key in ghosts]
        if gone:
            refused.append(Refused(plan.line, plan.columns[gone[0].field], Reason.ERASED.value))
            continue
        if not taken:
            if found:
                known.append(_Known(plan, found[0]))
            else:
                fresh.append(plan)
            continue
        refused.append(Refused(plan.line, plan.columns[taken[0].field], TAKEN))
        if found:
            await _refuse_taken(it, _Known(plan, found[0]))
    return fresh, known, refused


async def _refuse_taken(it: Unit, known: _Known) -> None:
    """Record that a customer's row was refused for somebody else's identifier."""
    load = await load_locked(it.conn, it.deps.codes, known.customer, at=it.now)
    ask = customers.operator(known.plan.names)
    for source, several in known.plan.values.items():
        decided = profile.decide_write(it.deps, ask, load, Change(several, source))
        profile.refuse(it, profile.deny_all(decided, Reason.IDENTIFIER_TAKEN))
        return


async def _differing(
    it: Unit, rulebook: Rulebook, known: Sequence[_Known], *, at: datetime
) -> list[_Known]:
    """Return the rows that would change something, by customer so that two imports cannot lock."""
    found = await load_many(it.conn, [one.customer for one in known])
    times = Counter(one.customer for one in known)
    differing = []
    for one, loaded in zip(known, found, strict=True):
        load = Load(one.customer, rulebook, it.now, loaded)
        # Two rows of one customer: what the second one finds is decided after the first.
        if times[one.customer] > 1 or _new_values(it, load, one.plan, at) or is_new(load, one.plan):
            differing.append(one)
    return sorted(differing, key=lambda one: (one.customer.bytes, one.plan.line))


async def _change(it: Unit, known: _Known, *, at: datetime, file: str) -> Refused | int | None:
    """Change one customer; returns how many consents were taken over, None where nothing changed."""
    plan = known.plan
    load = await load_locked(it.conn, it.deps.codes, known.customer, at=it.now)
    when = plan.gathered_at or at
    changes = [
        Change(several, source, when) for source, several in _new_values(it, load, plan, at).items()
    ]
    asked = {one.source: customers.operator(tuple(one.values)) for one in changes}
    for one in changes:  # all are decided before any is written: a row is whole or nothing
        decided = profile.decide_write(it.deps, asked[one.source], load, one)
        if decided.withheld:
            profile.refuse(it, decided)
            return _denied(plan, decided)
    for one in changes:
        refusal = await profile.apply(it, asked[one.source], load, one)
        if refusal is not None:
            raise refusal  # an identifier that was free a moment ago
    taken = await take_over(it, [(load, plan)], file=file)
    return taken if changes or taken else None


def _new_values(it: Unit, load: Load, plan: Plan, at: datetime) -> dict[Source, dict[str, object]]:
    """Return what is not stored already, and not stored from a later moment."""
    when = plan.gathered_at or at
    found: dict[Source, dict[str, object]] = {}
    for source, several in plan.values.items():
        same = values.unchanged(it, load, several, source=source)
        stored = values_of(load, several)
        new = {
            name: value
            for name, value in several.items()
            if name not in same and not (name in stored and stored[name].gathered_at > when)
        }
        if new:
            found[source] = new
    return found


def _denied(plan: Plan, decided: Decided) -> Refused:
    name, reason = decided.withheld[0]
    return Refused(plan.line, plan.columns[name], coarse(Reason(reason)))
