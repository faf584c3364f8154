"""The gate: shared flushes, fairness, bounds, and one bad ask that fails alone."""

import asyncio
from collections.abc import Sequence

import pytest

from vault.core.errors import BusyError, NotAvailableError, VaultError
from vault.services import gate as gates
from vault.services.gate import Gate


class Flushes:
    """A flush that keeps what it was given and waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.begun = asyncio.Event()

    async def __call__(self, asks: Sequence[int]) -> list[int | VaultError]:
        self.batches.append(list(asks))
        self.begun.set()
        await self.go.wait()
        return [NotAvailableError() if ask < 0 else ask * 10 for ask in asks]


async def started(flush: Flushes, width: int = 256) -> Gate[int, int]:
    gate: Gate[int, int] = Gate(flush, name="test", width=width)
    gate.start()
    return gate


async def test_a_lone_ask_goes_at_once() -> None:
    flush = Flushes()
    gate = await started(flush)
    assert await gate.ask(1, lane="a") == 10
    assert flush.batches == [[1]]
    await gate.close()


async def test_asks_that_arrive_during_a_flush_share_the_next_one_and_never_join_it() -> None:
    flush = Flushes()
    gate = await started(flush)
    flush.go.clear()
    first = asyncio.create_task(gate.ask(1, lane="a"))
    await flush.begun.wait()
    rest = [asyncio.create_task(gate.ask(n, lane="a")) for n in (2, 3)]
    await asyncio.sleep(0.01)
    assert flush.batches == [[1]]
    flush.go.set()
    assert await asyncio.gather(first, *rest) == [10, 20, 30]
    assert flush.batches == [[1], [2, 3]]
    await gate.close()


async def test_one_bad_ask_fails_alone() -> None:
    gate = await started(Flushes())
    good, bad = await asyncio.gather(
        gate.ask(1, lane="a"), gate.ask(-1, lane="a"), return_exceptions=True
    )
    assert good == 10
    assert isinstance(bad, NotAvailableError)
    await gate.close()


async def test_lanes_take_turns() -> None:
    flush = Flushes()
    gate = await started(flush, width=4)
    asks = [gate.ask(n, lane="busy") for n in range(6)] + [gate.ask(100, lane="quiet")]
    await asyncio.gather(*asks)
    assert 100 in flush.batches[0]
    await gate.close()


async def test_a_flush_that_breaks_answers_busy_and_the_gate_lives_on() -> None:
    calls = 0

    async def flush(asks: Sequence[int]) -> list[int | VaultError]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ZeroDivisionError
        return list(asks)

    gate: Gate[int, int] = Gate(flush, name="test", width=8)
    gate.start()
    results = await asyncio.gather(*(gate.ask(n, lane="a") for n in (1, 2)), return_exceptions=True)
    assert all(isinstance(one, BusyError) for one in results)
    assert results[0] is not results[1]
    assert await gate.ask(3, lane="a") == 3
    await gate.close()


async def test_a_client_that_leaves_is_not_asked_for() -> None:
    flush = Flushes()
    gate = await started(flush)
    flush.go.clear()
    first = asyncio.create_task(gate.ask(1, lane="a"))
    await flush.begun.wait()
    gone = asyncio.create_task(gate.ask(2, lane="a"))
    stays = asyncio.create_task(gate.ask(3, lane="a"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    flush.go.set()
    assert [await first, await stays] == [10, 30]
    assert flush.batches == [[1], [3]]
    await gate.close()


async def test_a_full_gate_refuses_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MAX_WAITING", 4)
    flush = Flushes()
    gate = await started(flush, width=1)
    flush.go.clear()
    waiting = [asyncio.create_task(gate.ask(0, lane="a"))]
    await flush.begun.wait()
    waiting += [asyncio.create_task(gate.ask(n, lane="a")) for n in range(1, 5)]
    await asyncio.sleep(0.01)
    with pytest.raises(BusyError):
        await gate.ask(9, lane="a")
    flush.go.set()
    assert await asyncio.gather(*waiting) == [0, 10, 20, 30, 40]
    await gate.close()


async def test_an_ask_that_waited_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MAX_SECONDS", -1.0)
    flush = Flushes()
    gate = await started(flush)
    with pytest.raises(BusyError):
        await gate.ask(1, lane="a")
    assert flush.batches == []
    await gate.close()


async def test_a_closed_gate_answers_what_waits_and_refuses_the_rest() -> None:
    flush = Flushes()
    gate = await started(flush)
    last = asyncio.create_task(gate.ask(1, lane="a"))
    await asyncio.sleep(0)
    await gate.close()
    assert await last == 10
    with pytest.raises(BusyError):
        await gate.ask(2, lane="a")


async def test_a_chunk_is_answered_in_its_order_with_errors_of_its_own() -> None:
    flush = Flushes()
    gate = await started(flush)
    one, bad, three = await gate.ask_all([1, -1, 3], lane="a")
    assert (one, three) == (10, 30)
    assert isinstance(bad, NotAvailableError)
    assert flush.batches == [[1, -1, 3]]
    await gate.close()


async def test_one_chunk_joins_a_flush_behind_the_single_asks_and_apps_take_turns() -> None:
    flush = Flushes()
    gate = await started(flush, width=2)
    flush.go.clear()
    first = asyncio.create_task(gate.ask(0, lane="a"))
    await flush.begun.wait()
    chunks = [
        asyncio.create_task(gate.ask_all(items, lane=lane))
        for lane, items in (("a", [11, 12]), ("a", [13, 14]), ("b", [21, 22]))
    ]
    singles = [asyncio.create_task(gate.ask(n, lane="c")) for n in (1, 2, 3)]
    await asyncio.sleep(0)
    flush.go.set()
    await asyncio.gather(first, *chunks, *singles)
    assert flush.batches == [[0], [1, 2, 11, 12], [3, 21, 22], [13, 14]]
    await gate.close()


async def test_a_chunk_whose_client_left_is_not_asked_for() -> None:
    flush = Flushes()
    gate = await started(flush)
    flush.go.clear()
    first = asyncio.create_task(gate.ask(1, lane="a"))
    await flush.begun.wait()
    gone = asyncio.create_task(gate.ask_all([2, 3], lane="a"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    flush.go.set()
    assert await first == 10
    await gate.close()
    assert flush.batches == [[1]]


async def test_a_full_or_closed_gate_refuses_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MAX_WAITING", 4)
    flush = Flushes()
    gate = await started(flush)
    flush.go.clear()
    first = asyncio.create_task(gate.ask(0, lane="a"))
    await flush.begun.wait()
    chunk = asyncio.create_task(gate.ask_all([1, 2, 3, 4], lane="a"))
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await gate.ask_all([5], lane="b")
    with pytest.raises(BusyError):
        await gate.ask(5, lane="b")
    flush.go.set()
    assert [await first, await chunk] == [0, [10, 20, 30, 40]]
    await gate.close()
    with pytest.raises(BusyError):
        await gate.ask_all([1], lane="a")


async def test_a_chunk_that_waited_too_long_or_met_a_broken_flush_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def flush(asks: Sequence[int]) -> list[int | VaultError]:
        raise ZeroDivisionError

    gate: Gate[int, int] = Gate(flush, name="test", width=8)
    gate.start()
    outcomes = await gate.ask_all([1, 2], lane="a")
    assert all(isinstance(one, BusyError) for one in outcomes)
    assert outcomes[0] is not outcomes[1]
    monkeypatch.setattr(gates, "MAX_SECONDS", -1.0)
    with pytest.raises(BusyError):
        await gate.ask_all([1], lane="a")
    await gate.close()
