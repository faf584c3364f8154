"""Write a batch of planned rows in one transaction: find whose they are, decide, seal, record.

1. the identifiers of all rows are looked up at once; 2. rows of customers whom the vault does not
know are stored together; 3. customers whom it knows are compared first and locked only where
something changes. A refused row changes nothing; where it is about a customer whom the vault
knows, the refusal is in the access log.
Source: DESIGN 1 and 6; ecosystem note, 9.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policies.model import Rulebook, Source
from policies.reasons import Reason, coarse
from vault.core.ids import CustomerId
from vault.services import customer as customers
from vault.services import identifier, import_refs, profile, tombstone, values
from vault.services.ask import Decided
from vault.services.import_done import Done, Run
from vault.services.import_evidence import is_new, take_over
from vault.services.import_new import Maker, New, add
from vault.services.import_rows import Plan
from vault.services.import_table import Refused
from vault.services.load import Load, load_locked, passages_of, values_of
from vault.services.profile import Change
from vault.services.unit import Unit
from vault.store.disclosure import load_many

TAKEN = "identifier-taken"
UNKNOWN = "unknown-reference"


@dataclass(frozen=True, slots=True)
class _Known:
    """A row whose customer the vault knows."""

    plan: Plan
    customer: CustomerId
    new_key: bool = False  # other files could not refer to the row so far


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rows of a batch by whose they are."""

    fresh: list[Plan]
    known: list[_Known]
    pending: list[Plan]  # of customers whom a dry run would have added
    refused: list[Refused]


async def write(
    it: Unit,
    maker: Maker,
    plans: Sequence[Plan],
    *,
    made: Mapping[int, New],
    file: str,
    run: Run,
) -> Done:
    """Write what the rows ask for, each whole or not at all.

    Args:
        it: the unit; its commit makes the batch stand. In a dry run it can only read.
        maker: makes new customers, and knows the code of ethics in force.
        plans: no two with an identifier in common.
        made: line -> a customer who was made ready in case that nobody knows the row's.
        file: digest of the file, for evidence.
        run: what this import knows of its other files.

    Raises:
        IdentifierTakenError: somebody took an identifier meanwhile; nothing may commit.
    """
    at = maker.at or it.now
    found = await _sort(it, plans, run)
    refused, consents = found.refused, 0
    counted: Counter[str] = Counter()
    if run.dry:
        consents = sum(len(one.evidence) for one in (*found.fresh, *found.pending))
    else:
        news = [made.get(plan.line) or maker.make(plan) for plan in found.fresh]
        consents = await add(it, news)
        owners = {one.plan.line: one.load.customer for one in news}
        claims = [(plan.key, owners[plan.line], None) for plan in found.fresh if plan.key]
        old = [one for one in found.known if one.new_key and one.plan.key]
        claims += [(one.plan.key, one.customer, None) for one in old if one.plan.key]
        await import_refs.claim(it, claims)
    for plan in (*found.fresh, *found.pending):
        counted.update(plan.names)
    changed = len(found.pending)
    for one in await _differing(it, maker.rulebook, found.known, at=at):
        outcome = await _change(it, maker.rulebook, one, at=at, file=file, dry=run.dry)
        if isinstance(outcome, Refused):
            refused.append(outcome)
        elif outcome is not None:
            changed += 1
            consents += outcome[0]
            counted.update(outcome[1])
    return Done(
        added=len(found.fresh),
        changed=changed,
        unchanged=len(plans) - len(found.fresh) - changed - len(refused),
        consents=consents,
        values=counted,
        refused=tuple(refused),
    )


async def _sort(it: Unit, plans: Sequence[Plan], run: Run) -> _Sorted:
    """Part the rows: of nobody yet, of a customer, of two at once; in their order."""
    named = [identity for plan in plans for identity in plan.identities]
    refs = [ref for plan in plans for ref in (plan.key, plan.owner) if ref]
    owners = await identifier.find_many(it.conn, it.deps, [one.key for one in named])
    rows = await import_refs.find_many(it.conn, it.deps, refs)
    free = [one for one in named if one.key not in owners]
    ghosts = {one.key for one in await tombstone.check(it.conn, free)}
    lost = [ref for ref in refs if ref.idx not in rows]
    gone = (await import_refs.erased(it.conn, lost)) | run.erased
    found = _Sorted([], [], [], [])
    for plan in plans:
        column = _ghost(plan, ghosts, gone)
        if column is not None:
            if plan.key:
                run.erased.add(plan.key.idx)
            found.refused.append(Refused(plan.line, column, Reason.ERASED.value))
            continue
        if run.dry and plan.key:
            run.would.add(plan.key.idx)
        if plan.owner and plan.owner.idx not in rows:
            if plan.owner.idx in run.would:
                found.pending.append(plan)
            else:
                found.refused.append(Refused(plan.line, plan.owner.column, UNKNOWN))
            continue
        leads = [
            rows[ref.idx].customer for ref in (plan.owner, plan.key) if ref and ref.idx in rows
        ]
        leads += [owners[one.key] for one in plan.finders if one.key in owners]
        taken = [
            one.field
            for one in plan.identities
            if one.key in owners and (not leads or owners[one.key] != leads[0])
        ]
        if taken:
            found.refused.append(Refused(plan.line, plan.columns[taken[0]], TAKEN))
            if leads and not run.dry:
                await _refuse_taken(it, _Known(plan, leads[0]))
        elif leads:
            new_key = plan.key is not None and plan.key.idx not in rows
            found.known.append(_Known(plan, leads[0], new_key))
        else:
            found.fresh.append(plan)
    return found


def _ghost(plan: Plan, ghosts: Collection[identifier.Key], gone: Collection[bytes]) -> str | None:
    """Return the column by which a row is of somebody who was erased."""
    for one in plan.identities:
        if one.key in ghosts:
            return plan.columns[one.field]
    return next((ref.column for ref in (plan.owner, plan.key) if ref and ref.idx in gone), None)


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


async def _change(
    it: Unit, rulebook: Rulebook, known: _Known, *, at: datetime, file: str, dry: bool
) -> Refused | tuple[int, list[str]] | None:
    """Change one customer; returns consents taken over and fields written; None for no change."""
    plan = known.plan
    if dry:
        (row,) = await load_many(it.conn, [known.customer])
        passages = await passages_of(it.conn, it.deps.codes, rulebook, [row])
        load = Load(known.customer, rulebook, it.now, row, passages)
    else:
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
    names = [name for one in changes for name in one.values]
    if dry:
        count = len(plan.evidence) if is_new(load, plan) else 0
        return (count, names) if changes or count else None
    for one in changes:
        refusal = await profile.apply(it, asked[one.source], load, one)
        if refusal is not None:
            raise refusal  # an identifier that was free a moment ago
    taken = await take_over(it, load, plan, file=file)
    return (taken, names) if changes or taken else None


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
