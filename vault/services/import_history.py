"""Write a batch of contact events from a file: find whose they are, decide, seal, record.

1. what the rows refer to is looked up at once; 2. events that are stored already, and are the same,
are passed over without a lock; 3. the customers of the others are locked, each event is decided by
kind and source, sealed and written, and what has to follow it is opened. A refused row changes nothing; where it is about a customer
whom the vault knows, the refusal is in the access log.
Source: DESIGN 1 and 2; ecosystem note, 9.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from policies.model import Action, Rulebook
from policies.reasons import Reason, coarse
from vault.core import canonical
from vault.core.entry import Kind as EntryKind
from vault.core.ids import CustomerId
from vault.crypto.field import Place
from vault.crypto.keys import Kind
from vault.crypto.profile_key import ProfileKey
from vault.crypto.random import uuid7
from vault.services import customer as customers
from vault.services import follow_up, import_refs, profile
from vault.services.consent_change import of_load
from vault.services.disclosure import draft, facts
from vault.services.import_done import Done, Run
from vault.services.import_events import EventPlan
from vault.services.import_refs import Ref
from vault.services.import_table import Refused
from vault.services.load import Load, passages_of
from vault.services.profile import Change
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.services.values import SCHEMA
from vault.store import interaction as store
from vault.store.customer import lock_many
from vault.store.disclosure import load_many
from vault.store.import_ref import ImportRefRow
from vault.store.interaction import InteractionRow

UNKNOWN = "unknown-reference"


@dataclass(frozen=True, slots=True)
class _Known:
    """A row whose customer the vault knows."""

    plan: EventPlan
    customer: CustomerId
    parent: UUID | None
    stored: UUID | None  # the event that the row became before


@dataclass(frozen=True, slots=True)
class _Task:
    """A row that says something else than what is stored."""

    known: _Known
    load: Load
    before: InteractionRow | None


async def write(it: Unit, rulebook: Rulebook, plans: Sequence[EventPlan], *, run: Run) -> Done:
    """Write what the rows ask for.

    Args:
        it: the unit; its commit makes the batch stand. In a dry run it can only read.
        rulebook: in force.
        plans: no two with one key.
        run: what this import knows of its other files.

    Raises:
        IdentifierTakenError: another import was faster; nothing may commit.
    """
    known, refused, added = await _resolve(it, plans, run)
    tasks = await _differing(it, rulebook, known)
    if tasks and not run.dry:
        # In one order, so that two imports cannot lock each other.
        await lock_many(it.conn, sorted({one.known.customer for one in tasks}))
        tasks = await _differing(it, rulebook, [one.known for one in tasks])
    changed = 0
    made: list[tuple[_Task, InteractionRow]] = []
    newer: list[InteractionRow] = []
    for one in tasks:
        row = _decide(it, one)
        if isinstance(row, Refused):
            refused.append(row)
        elif one.before is None:
            added += 1
            made.append((one, row))
        else:
            changed += 1
            newer.append(row)
    if not run.dry:
        await store.append(it.conn, [row for _, row in made])
        await store.replace(it.conn, newer)
        claims = [(one.known.plan.key, one.known.customer, row.interaction_id) for one, row in made]
        await import_refs.claim(it, claims)
        await _follow(it, rulebook, made)
    return Done(
        events_added=added,
        events_changed=changed,
        unchanged=len(plans) - added - changed - len(refused),
        refused=tuple(refused),
    )


async def _follow(
    it: Unit, rulebook: Rulebook, made: Sequence[tuple[_Task, InteractionRow]]
) -> None:
    """Open what has to follow the new events; for one of long ago nobody owes anything any more."""
    for task, row in made:
        if follow_up.rule_of(rulebook, row.kind):
            await follow_up.after(it, of_load(it.deps, task.load), row, late=False)


async def _resolve(
    it: Unit, plans: Sequence[EventPlan], run: Run
) -> tuple[list[_Known], list[Refused], int]:
    """Find whose the rows are; returns them, the refused, and how many a dry run would add."""
    refs = [ref for plan in plans for ref in (plan.key, plan.owner, plan.parent) if ref]
    found = await import_refs.find_many(it.conn, it.deps, refs)
    lost = [ref for ref in refs if ref.idx not in found]
    gone = (await import_refs.erased(it.conn, lost)) | run.erased
    known: list[_Known] = []
    refused: list[Refused] = []
    would = 0
    for plan in plans:
        ends = [ref for ref in (plan.owner, plan.parent) if ref]
        ghost = next((ref for ref in (*ends, plan.key) if ref.idx in gone), None)
        if ghost is not None:
            run.erased.add(plan.key.idx)
            refused.append(Refused(plan.line, ghost.column, Reason.ERASED.value))
            continue
        missing = next((ref for ref in ends if ref.idx not in found), None)
        if missing is not None and missing.idx in run.would:
            run.would.add(plan.key.idx)
            would += 1
            continue
        wrong = missing or _wrong(plan, found)
        if wrong is not None:
            refused.append(Refused(plan.line, wrong.column, UNKNOWN))
            continue
        if run.dry:
            run.would.add(plan.key.idx)
        stored = found.get(plan.key.idx)
        known.append(
            _Known(
                plan=plan,
                customer=found[ends[0].idx].customer,
                parent=found[plan.parent.idx].interaction if plan.parent else None,
                stored=stored.interaction if stored else None,
            )
        )
    return known, refused, would


def _wrong(plan: EventPlan, found: Mapping[bytes, ImportRefRow]) -> Ref | None:
    """Return a reference that leads to another customer than the row's, or to no event."""
    parent = found.get(plan.parent.idx) if plan.parent else None
    if plan.parent and (parent is None or parent.interaction is None):
        return plan.parent
    owner = found[plan.owner.idx] if plan.owner else parent
    own = found.get(plan.key.idx)
    if owner and parent and parent.customer != owner.customer:
        return plan.parent
    if owner and own and (own.customer != owner.customer or own.interaction is None):
        return plan.key  # an event does not move to another customer
    return None


async def _differing(it: Unit, rulebook: Rulebook, known: Sequence[_Known]) -> list[_Task]:
    """Return the rows that are not stored as they are, by customer."""
    customers_ = list(dict.fromkeys(one.customer for one in known))
    found = await load_many(it.conn, customers_)
    passages = await passages_of(it.conn, it.deps.codes, rulebook, found)
    loads = {
        customer: Load(customer, rulebook, it.now, one, passages)
        for customer, one in zip(customers_, found, strict=True)
    }
    keys = [(one.customer, one.stored) for one in known if one.stored]
    stored = await store.load_of_many(it.conn, keys)
    tasks = []
    for one in known:
        load, before = loads[one.customer], stored.get(one.stored) if one.stored else None
        if before is None or before.fingerprint != _fingerprint(it, one, load):
            tasks.append(_Task(one, load, before))
    return sorted(tasks, key=lambda one: (one.known.customer.bytes, one.known.plan.line))


def _fingerprint(it: Unit, one: _Known, load: Load) -> bytes | None:
    key = load.key(Kind.PROFILE)
    if key is None:
        return None
    return ProfileKey(it.deps.keys.keks, key).fingerprint(one.plan.name, _compared(one))


def _compared(one: _Known) -> bytes:
    """Return all that makes two rows the same event."""
    plan = one.plan
    return canonical.dumps(
        {
            "at": unix_ms(plan.at),
            "channel": plan.channel,
            "content": plan.content,
            "parent": str(one.parent) if one.parent else None,
            "source": plan.source.value,
        }
    )


def _decide(it: Unit, task: _Task) -> InteractionRow | Refused:
    """Decide one event; seal and record what is allowed, and record what is refused."""
    one, load, before = task.known, task.load, task.before
    plan = one.plan
    ask = replace(customers.operator((plan.name,)), action=Action.APPEND)
    decided = profile.decide_write(it.deps, ask, load, Change({}, plan.source))
    if before is not None and not decided.withheld and facts(it.deps, load).restricted:
        # What is new is kept all the same; what stands is not changed while it is restricted.
        decided = profile.deny_all(decided, Reason.RESTRICTED)
    if decided.withheld:
        profile.refuse(it, decided)
        return Refused(plan.line, "", coarse(Reason(decided.withheld[0][1])))
    key = load.key(Kind.PROFILE)
    if key is None:
        profile.refuse(it, profile.deny_all(decided, Reason.ERASED))
        return Refused(plan.line, "", Reason.ERASED.value)
    opened = ProfileKey(it.deps.keys.keks, key)
    place = Place(
        load.customer,
        plan.name,
        before.interaction_id if before else uuid7(unix_ms(it.now)),
        SCHEMA,
        before.row_version + 1 if before else 1,
    )
    said = canonical.dumps({"channel": plan.channel, "content": plan.content})
    (sealed,) = opened.seal([place], [said])
    entry = draft(it.deps, decided, seen=None)
    values = ((str(place.value_id), hashlib.sha256(sealed).hexdigest()),)
    sources = ((plan.name, plan.source.value),)
    it.log(entry._replace(kind=EntryKind.WRITTEN, values=values, sources=sources))
    return InteractionRow(
        customer=load.customer,
        interaction_id=place.value_id,
        kind=plan.kind,
        purpose=None,
        app=None,
        parent=one.parent,
        at=plan.at,
        written_at=it.now,
        source=plan.source.value,
        schema=SCHEMA,
        row_version=place.row_version,
        generation=key.generation,
        sealed=sealed,
        fingerprint=opened.fingerprint(plan.name, _compared(one)),
    )
