"""Publish the log: sign its committed head at a steady pace, and hand the checkpoint on.

Signing is a transaction of its own behind the integration's, so that no signature covers what a
crash could still take back, and nothing leaves before the COMMIT that keeps it. Mirror and
witnesses follow in a task of their own: however slow they are, the log goes on, and what they
missed meanwhile they get as the newest checkpoint.
Source: access-log note, 4 and 7; docs/log.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.crypto.signing import SigningKey
from vault.services import checkpoints
from vault.services.checkpoints import Believe, Hold, Signed
from vault.store.engine import Conn, Database
from vault.store.integration import Head

EVERY_SECONDS = 1.0
EVERY_ENTRIES = 1_000
DRAIN_SECONDS = 10.0

ALARM_FOLLOWER = "log-follower-failed"  # a mirror or witness did not take a checkpoint

# Compares the held head with what is kept outside of the database; LogBrokenError where it is behind.
Anchor = Callable[[Conn, Head], Awaitable[None]]
Follower = Callable[[Signed], Awaitable[None]]

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishing is made of."""

    key: SigningKey  # the service key `log`
    now: Callable[[], datetime]
    believe: Believe  # says of a stored checkpoint that one of the log's keys signed it
    anchor: Anchor | None = None  # asked before each signature
    followers: Sequence[Follower] = ()  # told of each checkpoint behind its COMMIT, in this order


class Publisher:
    """The pace of one log's checkpoints."""

    def __init__(self, database: Database, parts: Publishing, *, log_id: LogId) -> None:
        self._database = database
        self._parts = parts
        self._log_id = log_id
        self._size = 0  # of the newest checkpoint that this process knows
        self._due = 0.0  # seconds of the loop's clock
        self._newest: Signed | None = None  # what the followers have not been told yet
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

        async def checked(conn: Conn) -> Head | None:
            held = await hold(conn)
            if held is None:
                return None
            if held.size < head.size or (held.size == head.size and held.root != head.root):
                raise LogBrokenError  # a restore, or an edited row
            if self._parts.anchor:
                await self._parts.anchor(conn, held)
            return held

        signed = await checkpoints.publish(
            self._database,
            self._parts.key,
            believe=self._parts.believe,
            log_id=self._log_id,
            now=self._parts.now(),
            hold=checked,
        )
        if signed is not None and signed.size > self._size:
            # Told of even when another process signed it: whoever followed that one may lack it.
            self._size = signed.size
            self._tell(signed)

    async def close(self) -> None:
        """Let the followers finish what they were told."""
        if self._following:
            await asyncio.wait({self._following}, timeout=DRAIN_SECONDS)
            self._following.cancel()

    def _tell(self, signed: Signed) -> None:
        self._newest = signed
        if self._following is None or self._following.done():
            loop = asyncio.get_running_loop()
            self._following = loop.create_task(self._follow(), name="log followers")

    async def _follow(self) -> None:
        while self._newest is not None:
            signed, self._newest = self._newest, None
            for follower in self._parts.followers:
                try:
                    await follower(signed)
                except Exception as error:  # noqa: BLE001  one that fails must not stop the others
                    logger.error(ALARM_FOLLOWER, error=type(error).__name__)
