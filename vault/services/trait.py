"""Work traits out, as the code of ethics declares: each look and each write on the one path.

1. **load** some customers, and **plan**: where nothing changed, or nothing may be, nobody looks;
2. **decide** and **record** the look at the inputs, as the vault itself, under the purpose;
3. **open** only what the method needs: details, or the contents that are added up; counting opens
   nothing;
4. **work out**, by a pure function (`vault/core/trait.py`);
5. under the customers' locks all is planned again. Only where it comes to the same (the same
   inputs, the same purpose, allowed still) is the value sealed, recorded and committed as inferred.

What may not be inferred any more is deleted in the same step, with a record of its own. A run that
was cut leaves whole customers, and the next one finds the rest.
Source: DESIGN 1; consent-standards note, 1 and 8; docs/knowing.md.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog

from policies.decide import ActorKind
from policies.method import Function
from policies.model import Rulebook, Source
from policies.values import ValueRefused, check_value
from vault.core import trait
from vault.core.entry import Kind as EntryKind
from vault.core.errors import OpenError
from vault.core.ids import NOBODY, CustomerId
from vault.core.recorded import Recorded
from vault.core.trait import Answer, Event
from vault.crypto.random import label
from vault.services import app_load, unit, values
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import decide_ask, draft, open_, record_each
from vault.services.interaction import open_events
from vault.services.load import Load, passages_of
from vault.services.profile import Change, decide_write
from vault.services.second_look import confirm
from vault.services.trait_end import end
from vault.services.trait_plan import Do, Plan, plans, reads, worked, writes
from vault.services.unit import Unit
from vault.store import customer as customer_store
from vault.store import interaction
from vault.store import trait as store
from vault.store import value as value_store
from vault.store.disclosure import load_many
from vault.store.interaction import InteractionRow
from vault.store.trait import TraitRow
from vault.store.value import ValueRow

MOST: Final = 100  # customers of one run
ENTRIES: Final = 900  # of one record: a batch record holds 1,000
# Nothing that is opened here leaves the vault, and what comes of it is decided again under lock.
MAX_AGE: Final = 10.0  # seconds from a load to the opening
CONTENTS: Final = 5_000  # events opened at once, each of up to 16 KB
_Key = tuple[CustomerId, str]
_Look = tuple[Decided, Recorded]

logger = structlog.get_logger()


class Came(StrEnum):
    """What came of one trait of one customer."""

    WRITTEN = "written"
    SAME = "same"  # worked out again, and nothing else came of it
    UNSAID = "unsaid"  # looked at, and nothing can be said
    DELETED = "deleted"
    LEFT = "left"  # something changed meanwhile: the next run sees it


Tally = Counter[Came]


def together(rulebook: Rulebook) -> int:
    """Return for how many customers at once traits are worked out under a code."""
    return max(1, min(MOST, ENTRIES // max(1, len(worked(rulebook)))))


async def due(deps: Deps, customers: Sequence[CustomerId]) -> Counter[Do]:
    """Say what a run would do about some customers, and look at nothing."""
    found = await _planned(deps, await _loads(deps, customers), now=deps.clock.now())
    return Counter(one.do for one in found if one.do is not Do.FORGET)


async def work_out(deps: Deps, customers: Sequence[CustomerId]) -> Tally:
    """Do what is to be done about some customers, at most `together`; returns what came of it.

    Raises:
        BusyError: the rest is done by the next run.
    """
    now = deps.clock.now()
    with deps.appender.looking() as seen:
        planned = await _planned(deps, await _loads(deps, customers), now=now)
        looks = [one for one in planned if one.do is Do.WORK]
        opens = sum(len(one.events) for one in looks if trait.opens(one.method))
        if opens > CONTENTS and len(customers) > 1:
            half = len(customers) // 2
            first = await work_out(deps, customers[:half])
            return first + await work_out(deps, customers[half:])
        contents = await _contents(deps, looks)
        judged = await _judged(deps, [(one, label()) for one in looks], seen=seen)
    answers = {
        _key(one): _answer(
            deps, one, judged[_key(one)], contents.get(one.load.customer, {}), now=now
        )
        for one in looks
        if _key(one) in judged
    }
    ready = [one for one in planned if one.do is not Do.WORK or _key(one) in answers]
    tally = +Tally({Came.LEFT: len(planned) - len(ready)})  # without a zero
    requests = {key: decided.ask.request or "" for key, (decided, _) in judged.items()}
    return tally + await _write(deps, ready, answers, requests) if ready else tally


async def _loads(deps: Deps, customers: Sequence[CustomerId]) -> list[Load]:
    """Load those who can be loaded; all under the code in force for the first of them."""
    asked = Ask(customer=NOBODY, kind=ActorKind.VAULT, actor=trait.VAULT, names=())
    found = await app_load.load_all(deps, asked, customers)
    loads = [one for one in found if isinstance(one, Load)]
    return [one for one in loads if one.rulebook.digest == loads[0].rulebook.digest]


async def _planned(deps: Deps, loads: Sequence[Load], *, now: datetime) -> list[Plan]:
    async with deps.database.connect() as conn:
        return await plans(deps, conn, loads, now=now)


async def _contents(
    deps: Deps, looks: Sequence[Plan]
) -> dict[CustomerId, dict[object, InteractionRow]]:
    """Return the sealed events of those looks that need what was said in them."""
    keys = [
        (one.load.customer, event.interaction_id)
        for one in looks
        if trait.opens(one.method)
        for event in one.events
    ]
    if not keys:
        return {}
    async with deps.database.connect() as conn:
        rows = await interaction.load_of_many(conn, sorted(set(keys)))
    found: dict[CustomerId, dict[object, InteractionRow]] = {}
    for event, row in rows.items():
        found.setdefault(row.customer, {})[event] = row
    return found


async def _judged(deps: Deps, looks: Sequence[tuple[Plan, str]], *, seen: int) -> dict[_Key, _Look]:
    """Take steps 2 and 3 of each look, which is given the name of its request.

    One that is refused, or waited too long, is left out.
    """
    decided = {_key(one): decide_ask(deps, reads(one, request), one.load) for one, request in looks}
    allowed = {key: one for key, one in decided.items() if not one.withheld}
    if not allowed:
        return {}
    records = await record_each(deps, list(allowed.values()), seen=seen)
    made = [
        (key, (one, recorded))
        for (key, one), recorded in zip(allowed.items(), records, strict=True)
        if isinstance(recorded, Recorded)
    ]
    confirmed = await confirm(deps, [look for _, look in made], decide_ask)
    young = asyncio.get_running_loop().time() - MAX_AGE
    return {
        key: look
        for (key, _), look in zip(made, confirmed, strict=True)
        if look is not None and (look[0].load.taken or young) >= young
    }


def _answer(
    deps: Deps,
    plan: Plan,
    look: _Look,
    contents: Mapping[object, InteractionRow],
    *,
    now: datetime,
) -> Answer:
    """Take step 4 and work the trait out."""
    decided, recorded = look
    known: dict[str, object] = {}
    events = [Event(one.kind, one.at) for one in plan.events]
    if trait.opens(plan.method):
        rows = [
            contents[one.interaction_id] for one in plan.events if one.interaction_id in contents
        ]
        told = open_events(deps, decided, recorded, rows)
        events = [Event(one.kind, one.at, one.content) for one in told if not one.damaged]
    elif plan.method.function is Function.NEEDS:
        known = {one.name: one.value for one in open_(deps, decided, recorded).opened}
    return trait.work_out(plan.method, events=events, values=known, now=now)


async def _write(
    deps: Deps,
    ready: Sequence[Plan],
    answers: Mapping[_Key, Answer],
    requests: Mapping[_Key, str],
) -> Tally:
    """Do what was planned where it would be planned so under lock, too."""
    customers = sorted({one.load.customer for one in ready})
    wanted = {one.same for one in ready}

    async def work(it: Unit) -> Tally:
        await customer_store.lock_many(it.conn, customers)
        book = await deps.codes.in_force(it.conn, it.now)
        found = await load_many(it.conn, customers)
        passages = await passages_of(it.conn, deps.codes, book, found)
        loads = [
            Load(customer, book, it.now, one, passages)
            for customer, one in zip(customers, found, strict=True)
        ]
        again = [one for one in await plans(deps, it.conn, loads, now=it.now) if one.same in wanted]
        tally = Tally({Came.LEFT: len(ready) - len(again)})
        rows: list[ValueRow] = []
        done: list[TraitRow] = []
        for one in again:
            if one.do is Do.WORK:
                key = _key(one)
                try:
                    came, fresh = await _save(it, one, answers[key], request=requests[key])
                except OpenError:  # one customer's broken key must not stop the others
                    logger.error("trait-damaged", field=one.field)
                    came, fresh = Came.LEFT, []
                else:
                    done.append(_remembered(it, one))
                rows += fresh
                tally[came] += 1
            elif one.do is Do.DELETE:
                tally[Came.DELETED] += await _end(it, one)
            else:
                await store.remove(it.conn, one.load.customer, (one.field,))
        await value_store.save(it.conn, rows, at=it.now)
        await store.save(it.conn, done)
        return tally

    return (await unit.run(deps, work, batch=True))[0]


async def _save(
    it: Unit, plan: Plan, answer: Answer, *, request: str
) -> tuple[Came, list[ValueRow]]:
    """Return what came of a trait, and the row that is to be saved; its entry is logged."""
    load, field = plan.load, plan.field
    try:
        value = None if answer is None else check_value(load.rulebook.fields[field], answer)
    except ValueRefused:
        value = None
    if value is None:
        return (Came.DELETED if await _end(it, plan) else Came.UNSAID), []
    if field in values.unchanged(it, load, {field: value}, source=Source.INFERRED):
        return Came.SAME, []
    change = Change({field: value}, Source.INFERRED)
    decided = decide_write(it.deps, writes(plan, request), load, change)
    if decided.withheld:
        raise RuntimeError  # it was planned a moment ago, from the same facts
    told = {Source.INFERRED: {field: value}}
    rows = values.sealed_rows(it.deps, load, told, keys={}, at=None, now=it.now)
    it.log(
        draft(it.deps, decided, seen=None)._replace(
            kind=EntryKind.WRITTEN,
            values=tuple((str(r.value_id), hashlib.sha256(r.sealed).hexdigest()) for r in rows),
            sources=((field, Source.INFERRED.value),),
        )
    )
    return Came.WRITTEN, rows


async def _end(it: Unit, plan: Plan) -> bool:
    standing = plan.load.found.standing if plan.load.found else None
    epoch = standing.epoch if standing else 0
    return await end(it, plan.load, (plan.field,), epoch=epoch)


def _remembered(it: Unit, plan: Plan) -> TraitRow:
    return TraitRow(plan.load.customer, plan.field, plan.purpose, it.now, plan.digest)


def _key(plan: Plan) -> _Key:
    return plan.load.customer, plan.field
