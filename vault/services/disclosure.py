"""The one path: load, decide, record, open, answer.

1. **load** the sealed values, consents, standing and wrapped keys from the primary, by a statement
   that starts after the ask arrived;
2. **decide** each name: `policies.decide`, pure, default deny;
3. **record** every decision, allowed and denied; what cannot be recorded is not opened;
4. **open** only what was allowed, with the durable record as the proof;
5. **answer** with values, with what was withheld and why, and with the receipt of the record.

Apps, staff, customers and jobs all come this way; a single read is a batch of one. An ask about
nobody we know takes the same steps, entry included, so that it looks the same from outside.
"""

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from policies.decide import Allow, Deny, Verdict, decide
from policies.reasons import Reason
from policies.situation import Situation
from vault.core.entry import Kind as EntryKind
from vault.core.errors import OpenError, UnknownFieldError, VaultError
from vault.core.ids import NOBODY, CustomerId
from vault.core.recorded import Recorded
from vault.crypto.field import Json, open_values
from vault.crypto.keys import Kind
from vault.services import app_load
from vault.services.ask import Answer, Ask, Decided, Opened, Withheld
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Asked, Draft
from vault.services.load import Load, LoadTooOldError, values_of
from vault.services.second_look import confirmed
from vault.services.situation import situation, unix_ms
from vault.store.value import ValueRow

logger = structlog.get_logger()


async def disclose(deps: Deps, asks: Sequence[Ask]) -> list[Answer]:
    """Answer asks about profiles, in their order; two or more share one batch record.

    Raises:
        UnknownFieldError: the code of ethics does not know a name.
        BusyError: load or record did not happen in time; nothing was opened.
    """
    return [_answer(deps, *one) for one in await judge(deps, asks)]


async def answer(deps: Deps, ask: Ask, load: Load, *, seen: int) -> Answer:
    """Answer one ask whose load came with the proof of who asks; errors as for `disclose`.

    Precondition: `seen` was taken before the load, and is in use until this returns.
    """
    try:
        ((decided, recorded),) = await _conclude(deps, [ask], [load], seen=seen)
    except LoadTooOldError:
        return _answer(deps, *(await _judge(deps, [ask]))[0])
    return _answer(deps, decided, recorded)


def _answer(deps: Deps, decided: Decided, recorded: Recorded) -> Answer:
    answer_ = open_(deps, decided, recorded)
    deps.uses.count(decided.ask, [one.name for one in answer_.opened], now=deps.clock.now())
    return answer_


async def judge(deps: Deps, asks: Sequence[Ask]) -> list[tuple[Decided, Recorded]]:
    """Take steps 1 to 3 alone, for asks that want to know what is allowed and no value.

    Raises:
        BusyError: as `disclose`.
    """
    try:
        return await _judge(deps, asks)
    except LoadTooOldError:  # a change may have come meanwhile: once more, and then it is 503
        return await _judge(deps, asks)


async def _judge(deps: Deps, asks: Sequence[Ask]) -> list[tuple[Decided, Recorded]]:
    with deps.appender.looking() as seen:
        loads = await asyncio.gather(*(app_load.load(deps, ask) for ask in asks))
        return await _conclude(deps, asks, loads, seen=seen)


async def _conclude(
    deps: Deps, asks: Sequence[Ask], loads: Sequence[Load], *, seen: int
) -> list[tuple[Decided, Recorded]]:
    """Take steps 2 and 3."""
    decided = [decide_ask(deps, ask, load) for ask, load in zip(asks, loads, strict=True)]
    check_names(decided)
    records = await record(deps, decided, seen=seen, bounded=True)
    return await confirmed(deps, list(zip(decided, records, strict=True)), decide_ask)


def check_names(decided: Sequence[Decided]) -> None:
    """Refuse names that the code of ethics does not know; nothing was decided, so none is recorded.

    What the log may be searched by stands there in clear, so nothing that was typed may reach it.

    Raises:
        UnknownFieldError: whoever the customer is.
    """
    if any(one.unknown for one in decided):
        raise UnknownFieldError


def decide_ask(deps: Deps, ask: Ask, load: Load) -> Decided:
    """Step 2: one verdict for each name; no value is known here."""
    audit = audit_key(deps, load)
    found = situation(deps, load, ask.names, purpose=ask.purpose)
    verdicts = decide(load.rulebook, ask.question, _recordable(found, audit[0]))
    if ask.by is not None:
        verdicts = _led_here(verdicts, ask.by)
    return refuse_whole(Decided(ask, load, verdicts, audit))


def _led_here(verdicts: dict[str, Verdict], by: str) -> dict[str, Verdict]:
    """Deny everything where the identifier that led to the customer may not be used."""
    why = verdicts[by]
    if isinstance(why, Allow):
        return verdicts
    return {name: why if isinstance(one, Allow) else one for name, one in verdicts.items()}


def facts(deps: Deps, load: Load, names: Collection[str] = ()) -> Situation:
    """Return what holds for a customer; nothing does for one whose record cannot be written.

    Args:
        deps: what a use case may touch.
        load: what is stored.
        names: what is about to be opened; a write opens nothing.
    """
    return _recordable(situation(deps, load, names), audit_key(deps, load)[0])


def _recordable(found: Situation, owner: CustomerId) -> Situation:
    return replace(found, intact=False) if found.known and owner == NOBODY else found


def refuse_whole(decided: Decided) -> Decided:
    """Deny everything when a name is outside the token: such a call is refused as a whole.

    It depends on nothing of the customer, so a known and an unknown one look alike.
    """
    if not decided.outside_token:
        return decided
    verdicts: dict[str, Verdict] = {
        name: Deny(Reason.WHOLE_REFUSED) if isinstance(verdict, Allow) else verdict
        for name, verdict in decided.verdicts.items()
    }
    return replace(decided, verdicts=verdicts)


async def record(
    deps: Deps, decided: Sequence[Decided], *, seen: int, bounded: bool = False
) -> list[Recorded]:
    """Step 3: make the decisions durable.

    Args:
        deps: what a use case may touch.
        decided: after step 2.
        seen: taken before the load.
        bounded: refuse a load that waited too long; the caller makes it again.

    Raises:
        LoadTooOldError: nothing is recorded.
        BusyError: they are not durable, so nothing may be opened.
    """
    drafts = [
        draft(deps, one, seen=seen, taken=one.load.taken if bounded else None) for one in decided
    ]
    return await deps.appender.record(drafts, batch=len(drafts) > 1)


async def record_each(
    deps: Deps, decided: Sequence[Decided], *, seen: int
) -> list[Recorded | VaultError]:
    """Step 3 for a chunk of a bulk call: one that cannot be written has its error in its place.

    Raises:
        BusyError: as `record`.
    """
    drafts = [draft(deps, one, seen=seen) for one in decided]
    return await deps.appender.record_each(drafts)


def draft(deps: Deps, decided: Decided, *, seen: int | None, taken: float | None = None) -> Draft:
    """Say what the entry of a decision will tell: names, clauses and reasons, never a value."""
    ask, load = decided.ask, decided.load
    standing = load.found.standing if load.found else None
    allowed = decided.allowed
    customer, key = decided.audit or audit_key(deps, load)
    return Draft(
        customer=customer,
        audit_key=key,
        kind=ask.looks if allowed else EntryKind.DENIED,
        epoch=standing.epoch if standing else 0,
        actor=ask.actor,
        code=load.rulebook.digest,
        app=ask.app,
        purpose=ask.purpose,
        allowed=allowed,
        withheld=decided.withheld,
        registration=ask.registration_digest,
        ceiling=ask.ceiling_lines,
        token=ask.token,
        request=ask.request,
        case=ask.case,
        handle=ask.handle,
        asked=Asked(ask.action.value, unix_ms(load.at), ask.role.value if ask.role else None),
        seen=seen,
        taken=taken,
    )


def open_(deps: Deps, decided: Decided, recorded: Recorded) -> Answer:
    """Steps 4 and 5: open what the record allows, and say what it does not.

    A value that is not what was sealed (edited, moved, put back) is left out and said to be
    damaged: the others are still the customer's to use.
    """
    load = decided.load
    clauses = dict(decided.allowed)
    rows = values_of(load, clauses)
    values = _open(deps, load, recorded, list(rows.values()))
    opened = tuple(
        [
            Opened(
                name,
                values[name],
                (row := rows[name]).source,
                row.gathered_at,
                clause,
                row.disputed_at,
                row.verified_at,
                row.told_at,
                row.row_version,
            )
            for name, clause in decided.allowed
            if name in values
        ]
    )
    return Answer(
        opened=opened,
        withheld=_withheld(decided) + _lost(rows, values),
        allowed=frozenset(clauses),
        outside_token=decided.outside_token,
        version=load.rulebook.version,
        digest=load.rulebook.digest,
        receipt=recorded.receipt,
        customer=load.customer,
    )


def _withheld(decided: Decided) -> tuple[Withheld, ...]:
    """Say of each name that was denied why."""
    if not decided.withheld:
        return ()
    return tuple(
        Withheld(name, verdict.reason, _version(decided.load, name, verdict.reason))
        for name, verdict in decided.verdicts.items()
        if not isinstance(verdict, Allow)
    )


def _lost(rows: Mapping[str, ValueRow], values: Mapping[str, Json]) -> tuple[Withheld, ...]:
    """Say of each value that was allowed and did not open that it is damaged."""
    if len(values) == len(rows):
        return ()
    return tuple(
        Withheld(name, Reason.DAMAGED, row.row_version)
        for name, row in rows.items()
        if name not in values
    )


def _version(load: Load, name: str, reason: Reason) -> int:
    if reason is not Reason.DAMAGED:
        return 0
    return max((row.row_version for row in values_of(load, (name,)).values()), default=0)


def _open(deps: Deps, load: Load, recorded: Recorded, rows: list[ValueRow]) -> dict[str, Json]:
    key = load.key(Kind.PROFILE)
    if key is None or not rows:
        return {}
    try:
        return open_values(recorded, deps.keys.keks, key, rows)
    except OpenError:
        logger.error("value-damaged", log_writer=str(recorded.entry.writer))
    values: dict[str, Json] = {}
    for row in rows:
        with contextlib.suppress(OpenError):
            values |= open_values(recorded, deps.keys.keks, key, (row,))
    return values
