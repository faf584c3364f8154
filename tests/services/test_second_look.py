"""What waits for a checkpoint is decided again behind the wait: a withdrawal meanwhile counts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

import pytest

from policies.model import Source
from tests.services import logbook
from tests.services.decisions import ANA, allow, ana, clock, deps, execute, newsletter, readable
from vault.core.errors import BusyError
from vault.core.ids import NOBODY
from vault.services import bulk, consent, customer, disclosure
from vault.services.ask import Answer
from vault.services.load import MAX_AGE

__all__ = ["ana", "clock", "deps"]
NAME = "contact.full_name"


class Waiting:
    """A wait for the log that is longer than a load may be old; something happens in each."""

    def __init__(self, *happens: Callable[[], Awaitable[object]]) -> None:
        self.happens, self.waits = list(happens), 0

    async def wait(self, recorded):
        assert recorded
        self.waits += 1
        if self.happens:
            await self.happens.pop(0)()
        await asyncio.sleep(MAX_AGE + 0.05)


def wait(deps, *happens):
    deps.appender.covered = cast("Any", Waiting(*happens))
    return deps.appender.covered


async def recorded(deps):
    await logbook.integrate(deps.database)
    book = await logbook.read(deps.database)
    return [fact.allowed for fact in book.facts.values() if fact.app == "newsletter"]


async def test_what_is_still_decided_so_is_opened_under_its_one_record(deps, ana):
    await allow(deps, ana)
    waited = wait(deps)
    assert await readable(deps, ana) == ANA.keys()
    assert waited.waits == 1
    assert await recorded(deps) == [2]


async def test_a_withdrawal_during_the_wait_opens_nothing(deps, ana):
    await allow(deps, ana)
    waited = wait(deps, lambda: consent.withdraw(deps, ana, "marketing"))
    assert await readable(deps, ana) == set()
    # The first record stands, and the look that began anew is recorded as what it was.
    assert waited.waits == 2
    assert await recorded(deps) == [2, 0]


async def test_a_decision_that_changes_each_time_is_refused(deps, ana):
    await allow(deps, ana)
    wait(
        deps,
        lambda: consent.withdraw(deps, ana, "marketing"),
        lambda: allow(deps, ana),
    )
    with pytest.raises(BusyError):
        await readable(deps, ana)
    assert await recorded(deps) == [2, 0]


async def test_an_edited_consent_is_found_behind_the_wait_too(deps, ana):
    await allow(deps, ana)
    wait(deps, lambda: execute(deps, "UPDATE consent SET epoch = epoch + 1"))
    assert await readable(deps, ana) == set()


async def test_the_values_are_those_of_the_newer_load(deps, ana):
    await allow(deps, ana)

    wait(deps, lambda: execute(deps, "DELETE FROM value WHERE field = :name", name=NAME))
    assert NAME not in await readable(deps, ana)


async def test_nobody_and_a_refused_look_wait_as_all_do(deps, ana):
    waited = wait(deps)
    assert await readable(deps, NOBODY) == set()
    assert await readable(deps, ana) == set()
    assert waited.waits == 2


async def test_without_the_wait_nothing_is_loaded_twice(deps, ana, monkeypatch):
    await allow(deps, ana)
    loads = []
    ask_all = deps.loads.ask_all

    async def counted(*words, **named):
        loads.append(words)
        return await ask_all(*words, **named)

    monkeypatch.setattr(deps.loads, "ask_all", counted)
    assert await readable(deps, ana) == ANA.keys()
    assert loads == []
    wait(deps)
    assert await readable(deps, ana) == ANA.keys()
    assert len(loads) == 1


async def test_in_a_chunk_only_whose_decision_changed_fails(deps, ana):
    eve = await customer.add(deps, {NAME: "Eve"}, source=Source.TOLD)
    for who in (ana, eve):
        await allow(deps, who)
    wait(deps, lambda: consent.withdraw(deps, ana, "marketing"))
    asked = bulk.disclose(deps, newsletter(NOBODY), [[ana, eve, NOBODY]])
    async with aclosing(asked) as found:
        (outcomes,) = [one async for one in found]
    assert isinstance(outcomes[0], BusyError)
    assert [len(cast("Answer", one).opened) for one in outcomes[1:]] == [1, 0]
    assert await recorded(deps) == [2, 2, 0]


async def test_a_load_that_fails_behind_the_wait_opens_nothing(deps, ana, monkeypatch):
    await allow(deps, ana)

    async def refused(customers, *, lane):
        return [BusyError() for _ in customers]

    monkeypatch.setattr(deps.loads, "ask_all", refused)
    wait(deps)
    with pytest.raises(BusyError):
        await disclosure.disclose(deps, [newsletter(ana)])
