"""Look at many customers for one purpose, chunk by chunk: each is recorded before it is opened.

1. A chunk is loaded by one statement, decided, and recorded as one batch record that names each of
   its customers.
2. The first chunk goes alone: what refuses the whole call is known by it, and recorded once.
3. Then two are under way: one is loaded and recorded while the other is opened and sent. None
   begins before the one before it is taken, so who reads slowly, or has gone, stops the loading.
4. A chunk is opened when it is taken. One that waited longer than a second for its record or its
   reader is decided again, once, and if that took as long it is opened for nobody: what was decided
   before a withdrawal must not leave long after it.
5. A customer about whom nothing can be decided or written fails alone; a later chunk that is not
   recorded is opened for nobody, and the others go on.

It refuses to know who asks, and what an answer looks like.
Source: performance note, 5.2 and 10; access-log note, 2; INTERFACES, Batch.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from vault.core.errors import BusyError, VaultError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.services import app_load
from vault.services.ask import Answer, Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, open_, record_each
from vault.services.load import Load
from vault.services.second_look import Judged, confirm

CHUNK: Final = 100  # customers of one record and one receipt
AHEAD: Final = 2  # chunks of one call that are under way
TURN: Final = 50  # customers, about 2 ms; then others have their turn
MAX_AGE: Final = 1.0  # seconds from a decision to its opening

Outcome = Answer | VaultError

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A chunk after step 1; an error stands in the place of its customer."""

    customers: Sequence[CustomerId]
    outcomes: list[Judged | VaultError]
    at: float  # seconds of the loop's clock when its load was made


async def disclose(
    deps: Deps, ask: Ask, chunks: Iterable[Sequence[CustomerId]]
) -> AsyncGenerator[list[Outcome]]:
    """Give the answers of each chunk, in the order asked; close the generator when you are done.

    Args:
        deps: what a use case may touch.
        ask: what is asked of each customer; whom it names itself does not matter.
        chunks: at most `CHUNK` customers each, none empty; taken one by one.

    Raises:
        UnknownFieldError: with the first chunk: the code of ethics does not know a name.
        BusyError: the first chunk was not recorded in time; nothing was opened.
    """
    rest = iter(chunks)
    first = next(rest, None)
    if first is None:
        return
    judged = await _judge(deps, ask, first)
    if _is_old(judged):
        judged = await _judge(deps, ask, first)
        if _is_old(judged):
            raise BusyError
    yield await _open(deps, ask, judged)
    under_way: deque[asyncio.Task[_Judged]] = deque()
    try:
        while True:
            while len(under_way) < AHEAD and (customers := next(rest, None)) is not None:
                under_way.append(asyncio.create_task(_judge_later(deps, ask, customers)))
            if not under_way:
                return
            judged = await under_way.popleft()
            if _is_old(judged):
                judged = await _judge_later(deps, ask, judged.customers)
                if _is_old(judged):
                    judged = _busy(judged)
            yield await _open(deps, ask, judged)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _is_old(judged: _Judged) -> bool:
    return asyncio.get_running_loop().time() - judged.at > MAX_AGE


def _busy(judged: _Judged) -> _Judged:
    """Open nothing of a chunk that was too old twice; an error of a customer stays what it is."""
    outcomes: list[tuple[Decided, Recorded] | VaultError] = [
        one if isinstance(one, VaultError) else BusyError() for one in judged.outcomes
    ]
    return replace(judged, outcomes=outcomes)


async def _judge(deps: Deps, ask: Ask, customers: Sequence[CustomerId]) -> _Judged:
    at = asyncio.get_running_loop().time()
    with deps.appender.looking() as seen:
        loads = await app_load.load_all(deps, ask, customers)
        decided = []
        for number, load in enumerate(loads, 1):
            decided.append(_decide(deps, ask, load))
            if not number % TURN:
                await asyncio.sleep(0)
        good = [one for one in decided if isinstance(one, Decided)]
        check_names(good)
        records = await record_each(deps, good, seen=seen) if good else []
        judged = iter(await _confirm(deps, good, records))
    if not good:
        raise BusyError
    outcomes = [one if isinstance(one, VaultError) else next(judged) for one in decided]
    taken = [one[0].load.taken for one in outcomes if isinstance(one, tuple)]
    return _Judged(customers, outcomes, min((one for one in taken if one), default=at))


async def _judge_later(deps: Deps, ask: Ask, customers: Sequence[CustomerId]) -> _Judged:
    """Judge a chunk behind the first: what refuses it is said of each of its customers."""
    at = asyncio.get_running_loop().time()
    try:
        return await _judge(deps, ask, customers)
    except VaultError as error:
        return _Judged(customers, [type(error)() for _ in customers], at)


async def _confirm(
    deps: Deps, decided: Sequence[Decided], records: Sequence[Recorded | VaultError]
) -> list[Judged | VaultError]:
    """Return what may be opened; whose decision has changed meanwhile has an error, and a record."""
    made = [
        (one, recorded)
        for one, recorded in zip(decided, records, strict=True)
        if isinstance(recorded, Recorded)
    ]
    held = iter(await confirm(deps, made, decide_ask))
    return [one if isinstance(one, VaultError) else next(held) or BusyError() for one in records]


def _decide(deps: Deps, ask: Ask, load: Load | VaultError) -> Decided | VaultError:
    if isinstance(load, VaultError):
        return load
    try:
        return decide_ask(deps, ask, load)
    except Exception as error:  # noqa: BLE001  one customer must not fail the others
        logger.error("ask-failed", error=type(error).__name__)
        return BusyError()


async def _open(deps: Deps, ask: Ask, judged: _Judged) -> list[Outcome]:
    answers: list[Outcome] = []
    for number, one in enumerate(judged.outcomes, 1):
        answers.append(one if isinstance(one, VaultError) else open_(deps, *one))
        if not number % TURN:
            await asyncio.sleep(0)
    good = [one for one in answers if isinstance(one, Answer)]
    if good:
        given = Counter([opened.name for one in good for opened in one.opened])
        deps.uses.count_many(ask, len(good), given, now=deps.clock.now())
    return answers
