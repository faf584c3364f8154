"""Bulk looks: recorded chunk by chunk before anything is opened, and never further than is taken."""

from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest

from policies.model import Source
from tests.services import logbook
from tests.services.decisions import allow, newsletter
from vault.core.entry import EntryClass
from vault.core.errors import BusyError, VaultError
from vault.core.ids import NOBODY, CustomerId
from vault.services import bulk, consent, customer, disclosure
from vault.services.ask import Answer, Decided
from vault.services.deps import Deps
from vault.services.draft import Draft

NAME = "contact.full_name"
ASK = newsletter(NOBODY)


async def members(deps: Deps, count: int) -> list[CustomerId]:
    """Add customers who allow the newsletter."""
    made = []
    for number in range(count):
        values = {NAME: f"Number {number}", "contact.email": f"c{number}@example.org"}
        made.append(await customer.add(deps, values, source=Source.TOLD))
        await allow(deps, made[-1])
    return made


class Chunks:
    """Customers in chunks of two, which count how many were taken."""

    def __init__(self, who: list[CustomerId]) -> None:
        self.rest = [who[at : at + 2] for at in range(0, len(who), 2)]
        self.taken = 0

    def __iter__(self):
        return self

    def __next__(self):
        if not self.rest:
            raise StopIteration
        self.taken += 1
        return self.rest.pop(0)


def names(outcomes) -> list[Any]:
    """The name that each customer's answer gives, None for none."""
    return [
        next((one.value for one in outcome.opened if one.name == NAME), None)
        if isinstance(outcome, Answer)
        else outcome.code
        for outcome in outcomes
    ]


async def records(deps: Deps) -> list[list[CustomerId]]:
    """Whose entries each batch record holds."""
    await logbook.integrate(deps.database)
    book = await logbook.read(deps.database)
    owners = {row.idx: row.customer_id for row in book.listed}
    found: dict[tuple[bytes, int], list[CustomerId]] = {}
    for index, header in enumerate(book.headers):
        if header.entry_class is EntryClass.CUSTOMER and header.parts > 1:
            found.setdefault((header.writer, header.seq), []).append(owners.get(index, NOBODY))
    return list(found.values())


async def test_answers_come_in_the_order_asked_with_one_record_a_chunk(deps: Deps) -> None:
    who = await members(deps, 4)
    asked = [who[3], NOBODY, who[0], who[3], who[1], who[2]]
    async with aclosing(bulk.disclose(deps, ASK, Chunks(asked))) as chunks:
        found = [outcomes async for outcomes in chunks]
    assert [names(one) for one in found] == [
        ["Number 3", None],
        ["Number 0", "Number 3"],
        ["Number 1", "Number 2"],
    ]
    assert sorted(await records(deps)) == sorted([asked[:2], asked[2:4], asked[4:]])
    receipts = [{cast("Answer", one).receipt for one in outcomes} for outcomes in found]
    assert [len(one) for one in receipts] == [1, 1, 1]
    assert len(set.union(*receipts)) == 3


async def test_nothing_is_asked_about_nobody(deps: Deps) -> None:
    assert [one async for one in bulk.disclose(deps, ASK, [])] == []


async def test_no_more_is_recorded_than_the_next_chunk(deps: Deps) -> None:
    who = await members(deps, 2)
    asked = Chunks(who * 8)
    seen = []
    async with aclosing(bulk.disclose(deps, ASK, asked)) as chunks:
        async for outcomes in chunks:
            seen.append(asked.taken)
            assert names(outcomes) == ["Number 0", "Number 1"]
            if len(seen) == 3:
                break
    # The first goes alone; then one is under way while another is read.
    assert seen == [1, 3, 4]
    assert len(await records(deps)) in (3, 4)
    assert asked.taken == 4


def old_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each chunk be too old when it is taken, and young when it was decided again."""
    seen: list[object] = []

    def is_old(judged: Any) -> bool:
        if any(one is judged.customers for one in seen):
            return False
        seen.append(judged.customers)
        return True

    monkeypatch.setattr(bulk, "_is_old", is_old)


async def test_a_chunk_that_is_too_old_twice_is_opened_for_nobody(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await members(deps, 2)
    async with aclosing(bulk.disclose(deps, ASK, [[one] for one in who])) as chunks:
        assert names(await anext(chunks)) == ["Number 0"]
        monkeypatch.setattr(bulk, "MAX_AGE", -1.0)  # seconds
        opened: list[object] = []
        monkeypatch.setattr(bulk, "open_", lambda *words: opened.append(words))
        assert [names(one) async for one in chunks] == [["busy"]]
    assert opened == []


async def test_a_call_whose_first_chunk_is_too_old_twice_is_busy(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await members(deps, 2)
    monkeypatch.setattr(bulk, "MAX_AGE", -1.0)  # seconds
    async with aclosing(bulk.disclose(deps, ASK, Chunks(who))) as chunks:
        with pytest.raises(BusyError):
            await anext(chunks)
    assert len(await records(deps)) == 2  # what was decided stays in the log


async def test_a_chunk_that_waited_for_its_reader_is_decided_again(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await members(deps, 1)
    old_once(monkeypatch)
    found = []
    async with aclosing(bulk.disclose(deps, ASK, Chunks([who[0], NOBODY] * 3))) as chunks:
        async for outcomes in chunks:
            found.append(names(outcomes)[0])
            if len(found) == 2:  # the third is decided and recorded already, or about to be
                await logbook.until(lambda: _recorded(deps, 5))
                await consent.withdraw(deps, who[0], "marketing")
    assert found == ["Number 0", "Number 0", None]


class Withdrawn:
    """What a look may wait for behind its record; meanwhile the customer withdraws, once."""

    def __init__(self, deps: Deps, who: CustomerId) -> None:
        self.deps, self.who, self.waits = deps, who, 0

    async def wait(self, _recorded: object) -> None:
        self.waits += 1
        if self.waits == 1:
            await consent.withdraw(self.deps, self.who, "marketing")


async def test_the_first_chunk_is_decided_again_when_its_record_took_long(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await members(deps, 2)
    old_once(monkeypatch)
    deps.appender.covered = cast("Any", Withdrawn(deps, who[0]))
    async with aclosing(bulk.disclose(deps, ASK, Chunks(who))) as chunks:
        assert [names(one) async for one in chunks] == [[None, "Number 1"]]


async def _recorded(deps: Deps, count: int) -> bool:
    return len(await records(deps)) >= count


class Broken:
    """The load gate, which gives for one customer what cannot be decided on."""

    def __init__(self, deps: Deps, who: CustomerId) -> None:
        self.loads, self.who = deps.loads, who

    async def ask_all(self, customers, *, lane: str):
        found = await self.loads.ask_all(customers, lane=lane)
        for place, one in enumerate(found):
            if not isinstance(one, VaultError) and one.customer == self.who:
                found[place] = replace(one, rulebook=cast("Any", None))
        return found


async def test_a_customer_about_whom_nothing_can_be_decided_fails_alone(deps: Deps) -> None:
    who = await members(deps, 3)
    broken = replace(deps, loads=cast("Any", Broken(deps, who[1])))
    async with aclosing(bulk.disclose(broken, ASK, [who])) as chunks:
        (outcomes,) = [one async for one in chunks]
    assert names(outcomes) == ["Number 0", "busy", "Number 2"]
    assert await records(deps) == [[who[0], who[2]]]
    async with aclosing(bulk.disclose(broken, ASK, [[who[1]]])) as chunks:
        with pytest.raises(BusyError):
            await anext(chunks)


async def test_a_customer_whose_entry_cannot_be_written_fails_alone(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await members(deps, 3)
    whole = disclosure.draft

    def broken(deps: Deps, decided: Decided, **words: Any) -> Draft:
        made = whole(deps, decided, **words)
        return made._replace(case="x" * 201) if decided.load.customer == who[1] else made

    monkeypatch.setattr(disclosure, "draft", broken)
    async with aclosing(bulk.disclose(deps, ASK, [who])) as chunks:
        (outcomes,) = [one async for one in chunks]
    assert names(outcomes) == ["Number 0", "too-large", "Number 2"]
    assert await records(deps) == [[who[0], who[2]]]


async def test_a_chunk_that_is_not_recorded_is_opened_for_nobody(deps: Deps) -> None:
    who = await members(deps, 2)
    found = []
    async with aclosing(bulk.disclose(deps, ASK, Chunks(who * 3))) as chunks:
        async for outcomes in chunks:
            found.append(names(outcomes))
            if len(found) == 1:
                await deps.appender.close()
    assert found == [["Number 0", "Number 1"], ["busy", "busy"], ["busy", "busy"]]
    async with aclosing(bulk.disclose(deps, ASK, Chunks(who))) as chunks:
        with pytest.raises(BusyError):
            await anext(chunks)
