"""Show what the last walks over the log found: was anything allowed by what had ended.

Counts alone: no customer is named, and nothing was opened for them.
Source: access-log note, 10 (C2, C3); portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from portal.answers import Page
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.words import Moment, moment
from vault.services import barrier
from vault.services.barrier import BarrierRow

HERE: Final = "/console/log/barrier"
MOST: Final = 30  # results: a month of nights
_LOG: Final = "/console/log"  # entry of the menu


@dataclass(frozen=True, slots=True)
class Walk:
    """One result."""

    at: Moment
    size: int
    customers: int
    entries: int
    changes: int
    overlaps: int
    worst: int  # ms
    violations: int


@dataclass(frozen=True, slots=True)
class BarrierPage:
    """Everything of `/console/log/barrier`."""

    title: str
    newest: Walk | None
    walks: tuple[Walk, ...]


async def show(visit: StaffVisit) -> Page:
    """Show the newest result and those before it."""
    rows = await barrier.latest(visit.deps, visit.member, limit=MOST)
    walks = tuple(_walk(one, visit.lang) for one in rows)
    page = BarrierPage(
        title=translate(visit.lang, N_("A “no” takes effect")),
        newest=walks[0] if walks else None,
        walks=walks,
    )
    return Page("console/barrier.html", page, _LOG)


def _walk(row: BarrierRow, lang: str) -> Walk:
    return Walk(
        at=moment(row.at, lang),
        size=row.size,
        customers=row.customers,
        entries=row.entries,
        changes=row.changes,
        overlaps=row.overlaps,
        worst=row.worst_ms,
        violations=row.violations,
    )
