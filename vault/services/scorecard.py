"""Keep the promise scorecard: what was promised, and how it went, from the log and its checks.

Each figure says where it comes from, and whoever holds the database or the log can count again:
`check` does. It names no customer and no app, and small groups are hidden.
Source: consent-standards note, 9.12.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from vault.core import canonical
from vault.core.errors import NotReadyError
from vault.core.group import hide_by_name
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store import barrier, commit, integration, replay, sweeps_numbers
from vault.store import numbers as store
from vault.store.engine import Conn
from vault.store.numbers import NumbersRow

KIND: Final = "scorecard"
SPAN: Final = timedelta(days=90)
_NOTES: Final = 400  # replays: one a night for longer than the span


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How the promises were kept, as it was counted once."""

    at: datetime
    text: str  # canonical JSON
    said: dict[str, Any]  # the same, read


async def count(deps: Deps, *, at: datetime, size: int | None = None) -> dict[str, Any]:
    """Return the figures of the 90 days before a moment, small groups hidden (None).

    Args:
        deps: what a use case may touch.
        at: the moment.
        size: of the log that is counted; None for all of it.

    Raises:
        NotReadyError: there is no log.
    """
    first = at - SPAN
    async with deps.database.connect() as conn:
        head = await integration.head(conn, deps.log_id)
        if head is None:
            raise NotReadyError
        size = head.size if size is None else size
        rulebook = await deps.codes.in_force(conn, at)
        least = rulebook.minimum_group
        looks = await sweeps_numbers.looks(conn, deps.log_id, first_ms=unix_ms(first), size=size)
        answers = await sweeps_numbers.answers(conn, first=first, now=at)
        walks = [one for one in await barrier.latest(conn, limit=1) if one.at <= at]
        notes = await replay.signed(conn, deps.log_id, limit=_NOTES)
    replayed = [one for one in notes if first <= one.began_at <= at and one.size <= size]
    return {
        "at": unix_ms(at),
        "from": unix_ms(first),
        "log": size,
        "least": least,
        "code": rulebook.version,
        "looks": hide_by_name(looks._asdict(), least=least),
        "requests": hide_by_name(answers._asdict(), least=least),
        "withdrawal": _withdrawal(walks),
        "replay": {
            "notes": len(replayed),
            "replayed": sum(one.replayed for one in replayed),
            "disagreeing": sum(one.disagreeing for one in replayed),
        },
    }


async def keep(deps: Deps) -> Scorecard:
    """Count, keep it, and return it; raises as `count`."""
    at = deps.clock.now()
    said = await count(deps, at=at)
    text = canonical.dumps(said).decode()
    row = NumbersRow(KIND, at, text)
    await commit.request(deps.database, lambda conn: store.add(conn, row))
    return Scorecard(at, text, said)


async def latest(deps: Deps) -> Scorecard | None:
    """Return what was counted last; None before the first night."""
    async with deps.database.connect() as conn:
        return await _latest(conn)


async def check(deps: Deps) -> tuple[Scorecard, dict[str, Any]] | None:
    """Return what was kept last and what counting again gives; None where nothing was kept.

    Requests count by the day that they are due on now: one that was made longer since moves.
    """
    async with deps.database.connect() as conn:
        kept = await _latest(conn)
    if kept is None:
        return None
    return kept, await count(deps, at=kept.at, size=kept.said["log"])


async def _latest(conn: Conn) -> Scorecard | None:
    rows = await store.latest(conn, KIND)
    if not rows:
        return None
    return Scorecard(rows[0].at, rows[0].text, canonical.loads(rows[0].text.encode()))


def _withdrawal(walks: list[barrier.BarrierRow]) -> dict[str, int] | None:
    """Return what the newest walk over the barrier found; None before the first."""
    if not walks:
        return None
    one = walks[0]
    return {
        "changes": one.changes,
        "under_way": one.overlaps,
        "worst_ms": one.worst_ms,
        "broken": one.violations,
    }
