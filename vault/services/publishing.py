"""Publish the log: sign its committed head at a steady pace, and hand the checkpoint on.

Signing is a transaction of its own behind the integration's, so that no signature covers what a
crash could still take back, and nothing leaves before the COMMIT that keeps it. Mirror and
witnesses follow in a task of their own: however slow they are, the log goes on, and what they
missed meanwhile they get as the newest checkpoint.
Source: access-log note, 4 and 7.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from vault.core.errors import LogBrokenError
from vault.store import integration
from vault.store.engine import Conn
from vault.store.integration import Head

EVERY_SECONDS = 1.0
EVERY_ENTRIES = 1_000
DRAIN_SECONDS = 10.0

ALARM_FOLLOWER = "log-follower-failed"  # a mirror or witness did not take a checkpoint

Hold = Callable[[Conn], Awaitable[Head | None]]
Sign = Callable[[Hold], Awaitable[int | None]]
Follower = Callable[[int], Awaitable[None]]
Check = Callable[[Conn, Head], Awaitable[None]]

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishing is made of.

    Args:
        sign: signs the head that `hold` gives, keeps the checkpoint, commits, and returns its
            size; None when there was nothing to sign, or nothing may be signed.
        checks: each looks at the held head before it is signed, and raises LogBrokenError.
        followers: told the size of each checkpoint once it is committed, one after the other.
    """

    sign: Sign
    checks: Sequence[Check] = ()
    followers: Sequence[Follower] = ()


class Publisher:
    """The pace of one log's checkpoints."""

    def __init__(self, parts: Publishing) -> None:
        self._parts = parts
        self._size = -1  # of the newest checkpoint that this process knows
        self._due = 0.0  # seconds of the loop's clock
        self._newest: int | None = None  # what the followers have not been told yet
        self._following: asyncio.Task[None] | None = None

    async def publish(self, head: Head, hold: Hold, *, at_once: bool = False) -> None:
        """Sign the committed head when it is time.

        Args:
            head: as the caller knows it committed.
            hold: locks the head in the signing transaction; None there means that nothing may be
                signed.
            at_once: do not wait for the time.

        Raises:
            LogBrokenError: the head may not be signed.
            BusyError: not now.
        """
        clock = asyncio.get_running_loop().time
        waits = head.size - self._size
        if waits == 0 or not (at_once or waits >= EVERY_ENTRIES or clock() >= self._due):
            return
        self._due = clock() + EVERY_SECONDS

        held: Head | None = None

        async def checked(conn: Conn) -> Head | None:
            nonlocal held
            held = await hold(conn)
            if held is not None:
                if held.size < head.size or (held.size == head.size and held.root != head.root):
                    raise LogBrokenError
                await integration.edge(conn, held)  # the leaves lead to the root that is signed
                for check in self._parts.checks:
                    await check(conn, held)
            return held

        signed = await self._parts.sign(checked)
        if held is not None:
            # The first one is told of even when another process signed it: who followed that
            # process may have missed it.
            if signed is not None or self._size < 0:
                self._tell(held.size)
            self._size = held.size

    async def close(self) -> None:
        """Let the followers finish what they were told."""
        if self._following:
            await asyncio.wait({self._following}, timeout=DRAIN_SECONDS)
            self._following.cancel()

    def _tell(self, size: int) -> None:
        self._newest = size
        if self._following is None or self._following.done():
            loop = asyncio.get_running_loop()
            self._following = loop.create_task(self._follow(), name="log followers")

    async def _follow(self) -> None:
        while self._newest is not None:
            size, self._newest = self._newest, None
            for follower in self._parts.followers:
                try:
                    await follower(size)
                except Exception as error:  # noqa: BLE001  one that fails must not stop the others
                    logger.error(ALARM_FOLLOWER, error=type(error).__name__)
