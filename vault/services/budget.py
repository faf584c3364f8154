"""Hold each app to the customers a day that it was registered for, over all processes.

Every ask about a customer counts one, the same customer twice counts two: whom an app asked about
is in the access log alone. A process takes blocks of the day's budget and spends them in memory.
The budget is never exceeded; what a process took and did not spend when it ends, or when the day
does, is lost for that day. A refused call was not decided, so the operational log alone knows it.
Source: security note, 9 and T13; INTERFACES, errors.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog

from vault.core import budget
from vault.core.errors import TooManyError
from vault.store import budget as store
from vault.store import commit
from vault.store.engine import Conn, Database

KEPT: Final = timedelta(days=120)  # how long counts stay; the console looks back 90 days
_SPENT: Final = (
    "The app has asked about as many customers today as it may. Ask again tomorrow, UTC."
)

logger = structlog.get_logger()


@dataclass(slots=True)
class _Held:
    """What this process holds of one app's day."""

    day: date
    limit: int
    left: int = 0
    seen: int = 0  # what all processes had taken when this one looked last; it only grows
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class Taken:
    """One customer of one app's day, counted and perhaps not asked about."""

    _held: _Held

    def give_back(self) -> None:
        """Undo it, once; it goes to the day that it was taken from."""
        self._held.left += 1


class Budgets:
    """What this process took of the apps' budgets and did not spend yet."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._held: dict[str, _Held] = {}

    async def spend(
        self, database: Database, app: str, *, limit: int, count: int, now: datetime
    ) -> None:
        """Count customers that an app is about to ask about; all of them, or none.

        Waits for nothing while this process holds enough.

        Args:
            database: where the days are counted.
            app: its client id.
            limit: customers a day, of its registration.
            count: how many.
            now: the time, aware.

        Raises:
            TooManyError: they are not left; it says when the next day begins.
            BusyError: the primary cannot be asked.
        """
        held = self._of(app, now.astimezone(UTC).date(), limit)
        if held.left < count:
            async with held.taking:
                await self._take(database, app, held, count=count)
        if held.left < count:
            logger.warning("budget-spent", app=app, count=count)
            error = TooManyError(_SPENT)
            error.seconds = budget.seconds_left(now)
            raise error
        held.left -= count

    def take_one(self, app: str, *, limit: int, now: datetime) -> "Taken | None":
        """Count one customer where this process holds enough; None, and nothing, where not.

        For a call that is not proven yet: whoever takes gives it back when the call is refused.
        """
        held = self._of(app, now.astimezone(UTC).date(), limit)
        if held.left < 1:
            return None
        held.left -= 1
        return Taken(held)

    async def refill(self, database: Database, app: str, *, limit: int, now: datetime) -> None:
        """Take the next block of an app's day, where nothing is held and some of it is left.

        Raises:
            BusyError: the primary cannot be asked.
        """
        held = self._of(app, now.astimezone(UTC).date(), limit)
        async with held.taking:
            await self._take(database, app, held, count=1)

    def _of(self, app: str, day: date, limit: int) -> _Held:
        held = self._held.get(app)
        # What was taken under another registration must not be spent beyond the one in force.
        if held is None or (held.day, held.limit) != (day, limit):
            held = self._held[app] = _Held(day, limit)
        return held

    async def _take(self, database: Database, app: str, held: _Held, *, count: int) -> None:
        limit = held.limit
        needed = count - held.left  # another call may have taken some meanwhile
        # Who has nothing left must not cost a statement a call.
        if needed <= 0 or held.seen + needed > limit:
            return

        async def work(conn: Conn) -> tuple[int, int]:
            used = await store.used(conn, app, held.day)
            for wanted in (max(needed, budget.block(limit, used)), needed):
                if await store.take(conn, app, held.day, count=wanted, limit=limit):
                    return wanted, used + wanted
            return 0, used

        taken, held.seen = await commit.claim(database, work)
        held.left += taken


async def today(conn: Conn, *, now: datetime) -> Mapping[str, int]:
    """Return how many customers of this day's budget each app has used, UTC; others used none."""
    return await store.of_day(conn, now.astimezone(UTC).date())


async def prune(conn: Conn, *, now: datetime) -> None:
    """Forget the counts of long ago."""
    await store.prune(conn, before=now.astimezone(UTC).date() - KEPT)
