"""Count what apps ask for and what they are given, beside the log and without opening it.

Every path that answers an app counts here once its decision is recorded: in memory, for nothing may
wait for it. Each process adds its counts to the day's every few seconds, so a kill loses the last
ones; the access log is the truth, and these are what a page can show at once.
Source: consent-standards note, 9.8 ("asked 9, used 2").
"""

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

import structlog

from policies.model import Action
from vault.core.errors import VaultError
from vault.store import app_use as store
from vault.store import commit
from vault.store.app_use import UseRow
from vault.store.engine import Conn, Database

FLUSH: Final = 3.0  # seconds; a page is behind by that much, and a kill loses as much
MOST: Final = 1_000  # rows of one statement: a database bounds the parameters of one
KEPT: Final = timedelta(days=120)  # how long counts stay; the console looks back 90 days

_Key = tuple[str, date, str, str, str]  # app, day, purpose, action, name
# App, day, purpose and action of asks, the names asked for and those given: one entry for a look.
_Look = tuple[str, date, str, Action, tuple[str, ...], tuple[str, ...]]

logger = structlog.get_logger()


class Asked(Protocol):
    """What is counted of an ask."""

    @property
    def app(self) -> str | None:
        """The client id of who asked; None for anybody but an app."""

    @property
    def purpose(self) -> str | None:
        """What for."""

    @property
    def action(self) -> Action:
        """To do what."""

    @property
    def names(self) -> tuple[str, ...]:
        """Fields, or `interaction.kind`."""


class Uses:
    """Counts of this process that are not written yet.

    They are bounded by what the code of ethics names: an ask with another name never comes here.
    """

    def __init__(self) -> None:
        """Count nothing yet."""
        self._looks: dict[_Look, int] = {}  # most looks of an app are alike
        self._counts: dict[_Key, tuple[int, int]] = {}  # asked, given

    def count(self, ask: Asked, given: Collection[str], *, now: datetime) -> None:
        """Count an ask of an app; one of anybody else is nothing to count.

        Precondition: the decision is recorded, and the code of ethics knows every name.

        Args:
            ask: what was asked.
            given: names whose value the app was given, or that it wrote.
            now: the time, aware.
        """
        if ask.app is None or ask.purpose is None:
            return
        today = now.astimezone(UTC).date()
        look = (ask.app, today, ask.purpose, ask.action, ask.names, tuple(given))
        self._looks[look] = self._looks.get(look, 0) + 1
        if len(self._looks) >= MOST:
            self._part()

    def count_many(
        self, ask: Asked, asked: int, given: Mapping[str, int], *, now: datetime
    ) -> None:
        """Count asks that differ in the customer alone.

        Precondition: as for `count`.

        Args:
            ask: one of them.
            asked: how many there were.
            given: of each name how often its value was given; absent: never.
            now: the time, aware.
        """
        if ask.app is None or ask.purpose is None:
            return
        today = now.astimezone(UTC).date()
        for name in ask.names:
            key = (ask.app, today, ask.purpose, ask.action.value, name)
            self._add(key, asked, given.get(name, 0))

    def _add(self, key: _Key, asked: int, given: int) -> None:
        before = self._counts.get(key, (0, 0))
        self._counts[key] = (before[0] + asked, before[1] + given)

    def _part(self) -> None:
        """Count by names what was counted by looks."""
        looks, self._looks = self._looks, {}
        for (app, day, purpose, action, names, given), count in looks.items():
            for name in names:
                key = (app, day, purpose, action.value, name)
                self._add(key, count, count if name in given else 0)

    async def flush(self, database: Database) -> None:
        """Write what was counted; what cannot be written is kept for the next time.

        Raises:
            BusyError: the primary cannot be asked.
        """
        self._part()
        while self._counts:
            keys = list(self._counts)[:MOST]
            taken = {key: self._counts.pop(key) for key in keys}
            rows = [UseRow(*key, asked=asked, given=given) for key, (asked, given) in taken.items()]

            async def work(conn: Conn, rows: list[UseRow] = rows) -> None:
                await store.add(conn, rows)

            try:
                await commit.claim(database, work)
            except VaultError:
                self._put_back(taken)
                raise

    def _put_back(self, taken: dict[_Key, tuple[int, int]]) -> None:
        for key, (asked, given) in taken.items():
            self._add(key, asked, given)


async def run(uses: Uses, database: Database, stop: asyncio.Event) -> None:
    """Write the counts every few seconds, and once more at the end."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FLUSH)
        try:
            await uses.flush(database)
        except VaultError as error:  # the database is away: counts wait in memory
            logger.warning("uses-wait", error=type(error).__name__)


async def prune(conn: Conn, *, now: datetime) -> None:
    """Forget the counts of long ago."""
    await store.prune(conn, before=now.astimezone(UTC).date() - KEPT)
