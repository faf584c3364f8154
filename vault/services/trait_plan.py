"""Say what is to be done about one customer's traits: work out, delete, or nothing at all.

Told and observed values stand: nothing is worked out beside them. What a hold keeps, a restriction
or a dispute of the customer's stands too. A trait is worked out where one of its purposes lets the
vault read every input and write what comes of it, at this moment; where none does, what was worked
out before goes. Where nothing has changed since, nobody's data is looked at.
Source: consent-standards note, 1 and 8; GDPR 21; docs/knowing.md.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from policies.decide import ActorKind, Allow, Question, Situation, decide
from policies.model import Action, Derivation, Method, Rulebook, Source
from vault.core import canonical, retention, trait
from vault.crypto.keys import Kind
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import facts
from vault.services.interaction import kinds_in
from vault.services.load import Load, values_of
from vault.services.retention_delete import keeps_of
from vault.store import happened
from vault.store import trait as store
from vault.store.engine import Conn
from vault.store.happened import Happened
from vault.store.trait import TraitRow
from vault.store.value import ValueRow

_VERSION: Final = struct.Struct(">Q")
_FORM: Final = b"ownship/trait/v1\0"


class Do(StrEnum):
    """What is to be done about one trait of one customer."""

    NOTHING = "nothing"
    WORK = "work"  # look, and write what comes of it
    DELETE = "delete"  # what the vault inferred before
    FORGET = "forget"  # only what it was worked out of: an app infers it by now


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about one trait of one customer."""

    load: Load
    field: str
    do: Do
    derivation: Derivation | None = None  # None: the code has none any more
    purpose: str = ""
    events: tuple[Happened, ...] = ()
    digest: str = ""  # of all that it is worked out of

    @property
    def method(self) -> Method:
        """The method of a trait that is worked out."""
        if self.derivation is None or self.derivation.method is None:
            raise RuntimeError  # planned by `Do.WORK` alone
        return self.derivation.method

    @property
    def same(self) -> tuple[object, ...]:
        """What must not have changed between the look and the write."""
        return self.load.customer, self.field, self.do, self.purpose, self.digest


def worked(rulebook: Rulebook) -> tuple[Derivation, ...]:
    """Return the derivations that the vault itself carries out."""
    return tuple(one for one in rulebook.code.derivations if one.method is not None)


async def plans(deps: Deps, conn: Conn, loads: Sequence[Load], *, now: datetime) -> list[Plan]:
    """Return what is to be done about some customers' traits; what is nothing is left out.

    Precondition: all are loaded under one code of ethics.
    """
    if not loads:
        return []
    several = worked(loads[0].rulebook)
    customers = [one.customer for one in loads]
    rows = await store.load_of_many(conn, customers)
    of_events = [one for one in several if one.method and kinds_in(one.inputs)]
    starts = [trait.since(one.method, now=now) for one in of_events if one.method]
    known = [start for start in starts if start is not None]
    events = await happened.of_many(
        conn,
        customers,
        kinds_in(name for one in of_events for name in one.inputs),
        most=trait.MOST,
        since=min(known) if known and len(known) == len(starts) else None,
    )
    found: list[Plan] = []
    for load in loads:
        if load.found is None or load.key(Kind.PROFILE) is None:  # erased meanwhile
            continue
        mine = rows.get(load.customer, {})
        one = _Customer(deps, load, events.get(load.customer, []), mine, now)
        found += [plan for plan in one.plans(several) if plan.do is not Do.NOTHING]
    return found


def reads(plan: Plan, request: str) -> Ask:
    """Return the look at what a trait is worked out of."""
    inputs = plan.derivation.inputs if plan.derivation else ()
    return _ask(plan, inputs, Action.READ, request)


def writes(plan: Plan, request: str) -> Ask:
    """Return the write of what comes of it: inferred from what the same request looked at."""
    return _ask(plan, (plan.field,), Action.WRITE, request)


def purpose_for(rulebook: Rulebook, one: Derivation, found: Situation) -> str | None:
    """Return the first purpose that lets the vault read every input and write the field now."""
    for purpose in one.purposes:
        read = Question(ActorKind.VAULT, one.inputs, Action.READ, purpose=purpose)
        write = Question(
            ActorKind.VAULT, (one.field,), Action.WRITE, purpose=purpose, source=Source.INFERRED
        )
        verdicts = [
            *decide(rulebook, read, found).values(),
            *decide(rulebook, write, found).values(),
        ]
        if all(isinstance(verdict, Allow) for verdict in verdicts):
            return purpose
    return None


def _ask(plan: Plan, names: tuple[str, ...], action: Action, request: str) -> Ask:
    return Ask(
        customer=plan.load.customer,
        kind=ActorKind.VAULT,
        actor=trait.VAULT,
        names=names,
        purpose=plan.purpose,
        action=action,
        request=request,
    )


@dataclass(frozen=True, slots=True)
class _Customer:
    """All that is known of one customer before anything is looked at."""

    deps: Deps
    load: Load
    events: Sequence[Happened]
    rows: Mapping[str, TraitRow]
    now: datetime

    def plans(self, several: Iterable[Derivation]) -> list[Plan]:
        derived = {one.field: one for one in several}
        names = {*derived, *self.rows, *(name for one in derived.values() for name in one.inputs)}
        found = facts(self.deps, self.load, names)
        if not found.intact:
            return []
        standing = self.load.found.standing if self.load.found else None
        keeps = keeps_of(self.deps, self.load.customer, standing, at=self.now)
        stored = values_of(self.load, names)
        free = [
            field
            for field in (*derived, *sorted(self.rows.keys() - derived.keys()))
            if field not in found.damaged and retention.stays(keeps, field) is None
        ]
        return [
            self._of(derived[field], found, stored)
            if field in derived
            else self._left(field, stored.get(field))
            for field in free
        ]

    def _left(self, field: str, row: ValueRow | None) -> Plan:
        """Plan for a trait of which the code in force does not say how the vault works it out."""
        book = self.load.rulebook
        by_app = field not in book.fields or book.derivation_of(field) is not None
        goes = row is not None and row.source == Source.INFERRED and not by_app
        return Plan(self.load, field, Do.DELETE if goes else Do.FORGET)

    def _of(self, one: Derivation, found: Situation, stored: Mapping[str, ValueRow]) -> Plan:
        nothing = Plan(self.load, one.field, Do.NOTHING, one)
        method, row = one.method, stored.get(one.field)
        if method is None or (row is not None and row.source != Source.INFERRED):
            return nothing
        gone = nothing if row is None else Plan(self.load, one.field, Do.DELETE, one)
        purpose = purpose_for(self.load.rulebook, one, found)
        if purpose is None:
            return gone
        if row is not None and row.disputed_at is not None:
            return nothing
        kinds = kinds_in(one.inputs)
        events = tuple(
            event
            for event in self.events
            if event.kind in kinds and trait.counts(method, event.at, now=self.now)
        )
        inputs = [stored[name] for name in one.inputs if name in stored]
        if not events and not inputs:
            return gone
        stage = trait.stage(method, events[0].at if events else None, now=self.now)
        digest = _digest(one, inputs, events, stage)
        before = self.rows.get(one.field)
        if before is not None and before.digest == digest:
            return nothing
        return Plan(self.load, one.field, Do.WORK, one, purpose, events, digest)


def _digest(
    one: Derivation, inputs: Iterable[ValueRow], events: Iterable[Happened], stage: trait.Answer
) -> str:
    """Return what changes when the method, an input or, by time alone, the outcome may change."""
    said = canonical.dumps([repr(one.method), list(one.inputs), stage])
    made = hashlib.sha256(_FORM + hashlib.sha256(said).digest())
    for row in inputs:
        made.update(row.value_id.bytes + _VERSION.pack(row.row_version))
    for event in events:
        made.update(event.interaction_id.bytes + _VERSION.pack(event.row_version))
    return made.hexdigest()
