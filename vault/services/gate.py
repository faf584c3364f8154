"""Let concurrent asks share one statement: a queue, one task, and no wait window.

What queued during the last statement is the next batch, so a lone ask goes at once and batches
grow with load by themselves. An ask joins only a flush that starts after it arrived: its snapshot
is younger than the request, so that a withdrawal bites on the very next read. Asks by the chunk
come behind single ones, one chunk a flush, so that a bulk call slows nobody by more than that. The
gate knows neither SQL nor customers.
Source: performance note, 5.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from vault.core.errors import BusyError, VaultError

A = TypeVar("A")
R = TypeVar("R")
TURNS = 2  # turns of the loop before a flush: requests already read from sockets join in
MAX_WAITING = 4096  # asks that may wait in one gate
MAX_SECONDS = 5.0  # how long an ask may wait for its flush
DRAIN_SECONDS = 10.0

logger = structlog.get_logger()


@dataclass(slots=True)
class _Waiting(Generic[A, R]):
    item: A
    deadline: float  # seconds of the loop's clock
    future: asyncio.Future[R]


@dataclass(slots=True)
class _Chunk(Generic[A, R]):
    items: Sequence[A]
    deadline: float  # seconds of the loop's clock
    future: asyncio.Future[list[R | VaultError]]


class Gate(Generic[A, R]):
    """Batch asks for one flush function, which answers each ask in order or with its own error."""

    def __init__(
        self,
        flush: Callable[[Sequence[A]], Awaitable[Sequence[R | VaultError]]],
        *,
        name: str,
        width: int,
        end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Keep the flush function; `width` bounds the asks of one flush, `end` is called at last."""
        self._end = end
        self._flush = flush
        self._name = name
        self._width = width
        self._lanes: OrderedDict[str, deque[_Waiting[A, R]]] = OrderedDict()
        self._chunks: OrderedDict[str, deque[_Chunk[A, R]]] = OrderedDict()
        self._count = 0
        self._arrived = asyncio.Event()
        self._closed = False
        # Kept, for each look at which loop runs asks the system for the process's id.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the one task that flushes; the lifespan owns it, never a request."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(self._loop), name=f"gate {self._name}")

    async def close(self) -> None:
        """Refuse new asks, answer the waiting ones, stop the task."""
        self._closed = True
        self._arrived.set()
        if self._task:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._task), DRAIN_SECONDS)
            self._task.cancel()
        if self._end:
            await self._end()

    async def ask(self, item: A, *, lane: str) -> R:
        """Wait for the answer to one ask; lanes (one an app) take turns.

        Raises:
            BusyError: at once when the gate is full or closed, or when the wait was too long.
            VaultError: what the flush answered for this ask.
        """
        loop = self._loop
        if self._closed or loop is None or self._full(lane):
            raise BusyError
        waiting: _Waiting[A, R] = _Waiting(item, loop.time() + MAX_SECONDS, loop.create_future())
        queue = self._lanes.get(lane)
        if queue is None:
            queue = self._lanes[lane] = deque()
        queue.append(waiting)
        self._count += 1
        self._arrived.set()
        return await waiting.future

    async def ask_all(self, items: Sequence[A], *, lane: str) -> list[R | VaultError]:
        """Wait for the answers to one chunk of a bulk call, each with its own error.

        Raises:
            BusyError: as `ask`; then the whole chunk was not asked.
        """
        loop = self._loop
        if self._closed or loop is None or self._full(lane):
            raise BusyError
        chunk: _Chunk[A, R] = _Chunk(items, loop.time() + MAX_SECONDS, loop.create_future())
        self._chunks.setdefault(lane, deque()).append(chunk)
        self._count += len(items)
        self._arrived.set()
        return await chunk.future

    def _full(self, lane: str) -> bool:
        if self._count < MAX_WAITING // 2:
            return False
        # While others wait, one app holds at most half of the bound, so that it cannot starve them.
        own = len(self._lanes.get(lane, ()))
        if self._chunks:
            own += sum(len(chunk.items) for chunk in self._chunks.get(lane, ()))
        return self._count >= MAX_WAITING or (own < self._count and own >= MAX_WAITING // 2)

    def _take(self, now: float) -> list[_Waiting[A, R]]:
        batch: list[_Waiting[A, R]] = []
        while self._lanes and len(batch) < self._width:
            lane, queue = self._lanes.popitem(last=False)
            waiting = queue.popleft()
            self._count -= 1
            if queue:
                self._lanes[lane] = queue  # behind the others: one ask each, in turn
            if waiting.future.done():  # its client has gone; nothing was asked of the database
                continue
            if waiting.deadline < now:
                waiting.future.set_exception(BusyError())
                continue
            batch.append(waiting)
        return batch

    def _take_chunk(self, now: float) -> _Chunk[A, R] | None:
        while self._chunks:
            lane, queue = self._chunks.popitem(last=False)
            chunk = queue.popleft()
            self._count -= len(chunk.items)
            if queue:
                self._chunks[lane] = queue
            if chunk.future.done():
                continue
            if chunk.deadline < now:
                chunk.future.set_exception(BusyError())
                continue
            return chunk
        return None

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await self._arrived.wait()
            for _ in range(TURNS):
                await asyncio.sleep(0)
            now = loop.time()
            batch, chunk = self._take(now), self._take_chunk(now)
            if not self._lanes and not self._chunks:
                self._arrived.clear()
            if batch or chunk:
                await self._answer(batch, chunk)
            if self._closed and not self._lanes and not self._chunks:
                return

    async def _answer(self, batch: list[_Waiting[A, R]], chunk: _Chunk[A, R] | None) -> None:
        items = [waiting.item for waiting in batch]
        if chunk:
            items += chunk.items
        outcomes: Sequence[R | VaultError]
        try:
            outcomes = await self._flush(items)
        except Exception as error:  # noqa: BLE001  a gate that dies would hang every later request
            logger.error("gate-failed", gate=self._name, error=type(error).__name__)
            # Each waiter gets an exception of its own: a shared one grows with every waiter.
            outcomes = [BusyError() for _ in items]
        if chunk:
            if not chunk.future.done():
                chunk.future.set_result(list(outcomes[len(batch) :]))
            outcomes = outcomes[: len(batch)]
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.future.done():
                continue
            if isinstance(outcome, VaultError):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
