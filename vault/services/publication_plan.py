"""Say what a publication would do before it is done: to clauses, customers, apps and fields.

Each customer's consent is compared with the version that this customer accepted, by way of all
those that came in between. What no publication may do is refused here: move a purpose to another
basis, or take effect before it is published or before a code that waits. What is stored and has no
clause any more is named with how much there is of it: from the day on nobody reads it, and it goes.
Source: consent-standards note, 5; EDPB 05/2020, 121 to 123; DESIGN 5.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from policies.diff import ClauseDiff, Outcome, PromiseDiff, diff, promises
from policies.model import Rulebook
from vault.core import registration
from vault.core.carry import Step
from vault.core.concern import concern
from vault.core.errors import RefusedError
from vault.services import reach
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store import app as app_store
from vault.store import code as code_store
from vault.store import sweeps, sweeps_retention
from vault.store.code import CodeRow
from vault.store.engine import Conn

ENDS = frozenset({Outcome.WIDER, Outcome.DROPPED})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one clause."""

    clause: ClauseDiff
    ended: int  # customers whose consent ends, to be asked again where the clause goes on
    narrowed: int  # customers whose consent goes on with less


@dataclass(frozen=True, slots=True)
class Dropped:
    """A field or kind of which something is stored, and which the code no longer names: it goes."""

    name: str
    rows: int
    customers: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A publication before it is made."""

    rulebook: Rulebook
    effective_at: datetime
    before: Rulebook | None  # the code that it follows; None for the first
    clauses: tuple[Fate, ...] = ()
    customers: int = 0  # who lose at least one consent
    letters: int = 0  # who get a notice: those, and whose consent goes on with less
    apps: tuple[tuple[str, str], ...] = ()  # (client id, first thing that it may no longer do)
    promises: tuple[PromiseDiff, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    told: int = 0  # who cannot be asked, and get a letter
    at_once: bool = False  # it leaves no time between the letter and the day


async def plan(deps: Deps, conn: Conn, rulebook: Rulebook, *, now: datetime) -> Plan:
    """Compare a code with those that are published.

    Raises:
        RefusedError: it may not be published.
        NotReadyError: a published code is not as it was published.
    """
    rows = await code_store.load_all(conn)
    day = datetime.fromisoformat(rulebook.code.effective).replace(tzinfo=UTC)
    if not rows:  # the first one never waits for a day
        return Plan(rulebook, min(day, now), None)
    books = [deps.codes.check(row) for row in rows]
    _check_basis(rulebook, books)
    effective_at = _effective(day, rows, now)
    clauses = diff(books[-1], rulebook)
    fates, losing, told = await _customers(deps, conn, books[-1], clauses, now=unix_ms(now))
    return Plan(
        rulebook=rulebook,
        effective_at=effective_at,
        before=books[-1],
        clauses=fates,
        customers=losing,
        letters=told,
        apps=await _apps(conn, rulebook),
        promises=promises(books[-1], rulebook),
        dropped=await _dropped(conn, rulebook),
        told=await _told(conn, books[-1], rulebook),
        at_once=effective_at <= now,
    )


def _check_basis(rulebook: Rulebook, books: Sequence[Rulebook]) -> None:
    """Compare with every version: dropping a purpose and bringing it back is a move as well."""
    for old in books:
        moved = [one.purpose for one in diff(old, rulebook) if one.outcome is Outcome.REFUSED]
        if moved:
            raise RefusedError(
                f"The basis of {moved[0]} is another one than in version {old.version}. "
                "Give the purpose another name, or keep its basis."
            )


def _effective(day: datetime, rows: Sequence[CodeRow], now: datetime) -> datetime:
    if day.date() < _day(now):
        raise RefusedError(
            "The code would take effect before it is published. Write today's date, or a later one."
        )
    effective_at = max(day, now)
    if effective_at <= rows[-1].effective_at:
        raise RefusedError(
            f"Version {rows[-1].version} takes effect later than this one would. Write a later date."
        )
    return effective_at


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


async def _dropped(conn: Conn, rulebook: Rulebook) -> tuple[Dropped, ...]:
    """Count what is stored and has no clause in a code."""
    return tuple(
        [
            Dropped(one.name, one.rows, await sweeps_retention.count_owners(conn, [one.name]))
            for one in await sweeps_retention.counts(conn)
            if one.name not in rulebook.sources
        ]
    )


async def _told(conn: Conn, latest: Rulebook, rulebook: Rulebook) -> int:
    about = concern(latest, rulebook)
    names = None if about.everybody else about.names
    return await sweeps.count_concerned(conn, names, addresses=reach.fields(latest))


async def _customers(
    deps: Deps, conn: Conn, latest: Rulebook, clauses: Sequence[ClauseDiff], *, now: int
) -> tuple[tuple[Fate, ...], int, int]:
    """Count whose consents end and whose go on with less; only what allows at this moment counts."""
    outcomes = {one.purpose: one.outcome for one in clauses}
    given = await sweeps.consents_given(conn, now=now)
    passages = await deps.codes.passages(conn, {digest for _, digest, _ in given}, latest)
    ended: Counter[str] = Counter()
    narrowed: Counter[str] = Counter()
    lost: list[tuple[str, str]] = []
    lessened: list[tuple[str, str]] = []
    for purpose, digest, count in given:
        if digest != latest.digest and not _goes_on(passages.get(digest, ()), purpose):
            continue  # it ended with an earlier version
        fate = outcomes.get(purpose, Outcome.DROPPED)
        if fate in ENDS:
            ended[purpose] += count
            lost.append((purpose, digest))
        elif fate is Outcome.NARROWER:
            narrowed[purpose] += count
            lessened.append((purpose, digest))
    fates = tuple(Fate(one, ended[one.purpose], narrowed[one.purpose]) for one in clauses)
    losing = await sweeps.count_consenting(conn, lost, now=now)
    told = await sweeps.count_consenting(conn, lost + lessened, now=now)
    return fates, losing, told


def _goes_on(steps: Sequence[Step], purpose: str) -> bool:
    carried = (Outcome.EQUAL, Outcome.NARROWER)
    return bool(steps) and all(step.outcomes.get(purpose) in carried for step in steps)


async def _apps(conn: Conn, rulebook: Rulebook) -> tuple[tuple[str, str], ...]:
    found = []
    for row in await app_store.load_all(conn):
        read = registration.parse(row.document.encode())
        missing = rulebook.uncovered(sorted(read.permissions()), app=read.client_id)
        if missing:
            one = missing[0]
            found.append((read.client_id, f"{one.action} of {one.name} for {one.purpose}"))
    return tuple(found)
