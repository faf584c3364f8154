"""Say what is over: which value or contact event the code of ethics does not let us keep any longer.

The time of a value counts from when it was gathered, or from the customer's own word that it is
right where that came later; that of a contact event from when it happened. A name that the code no
longer has goes at once. What is over stays all the same while a legal hold is on it, or while its
customer has its use restricted, who may want it kept just then.
Source: GDPR 5(1)(e), 17(3)(e), 18(1)(b) and 18(1)(c); DESIGN 5; consent-standards note, 5.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from policies.durations import Duration
from policies.model import Rulebook
from vault.core.hold import EVERYTHING

GRACE: Final = timedelta(days=1)  # what is over so long, and still there, is a fault
FIELD: Final = "field/"  # how the clause of a name begins
DROPPED: Final = "dropped/"  # likewise, of a name that the code no longer has
VAULT: Final = "vault"  # who deletes it, as entries have it
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Why(StrEnum):
    """Why something goes."""

    OVER = "over"
    DROPPED = "dropped"  # the code of ethics no longer has its name


class Stays(StrEnum):
    """Why something that is over stays."""

    HELD = "held"
    RESTRICTED = "restricted"
    BROKEN = "broken"  # the customer's record is not as the vault wrote it: nothing may change


@dataclass(frozen=True, slots=True)
class Keeps:
    """What of one customer is not deleted, whatever the time."""

    restricted: bool = False
    fields: frozenset[str] = frozenset()  # restricted one by one
    held: frozenset[str] = frozenset()  # by legal holds; `EVERYTHING` for all
    broken: bool = False


def counts_from(gathered_at: datetime, verified_at: datetime | None) -> datetime:
    """Return the moment from which the time of a value counts."""
    return gathered_at if verified_at is None else max(gathered_at, verified_at)


def end(retention: str, start: datetime) -> datetime:
    """Return the moment at which something is over; what says no time never is.

    >>> end("P1M", datetime(2027, 1, 31, tzinfo=UTC)).date().isoformat()
    '2027-02-28'
    """
    lasts = Duration.parse(retention)
    try:
        return _NEVER if lasts is None else lasts.after(start)
    except (OverflowError, ValueError):  # past all dates
        return _NEVER


def latest(rulebook: Rulebook, name: str, now: datetime) -> datetime | None:
    """Return the latest start of anything that could be over; None where that is everything.

    Months differ, so a start before it is not over for sure: `why` decides.
    """
    retention = _retention(rulebook, name)
    if retention is None:
        return None
    lasts = Duration.parse(retention)
    try:
        return now - timedelta(days=lasts.fewest if lasts else 0)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def why(rulebook: Rulebook, name: str, start: datetime, *, now: datetime) -> Why | None:
    """Return why something goes; None where its time is not over."""
    retention = _retention(rulebook, name)
    if retention is None:
        return Why.DROPPED
    return Why.OVER if end(retention, start) <= now else None


def stays(keeps: Keeps, name: str) -> Stays | None:
    """Return why something that is over stays; None where nothing keeps it."""
    if keeps.broken:
        return Stays.BROKEN
    if name in keeps.held or EVERYTHING in keeps.held:
        return Stays.HELD
    if keeps.restricted or name in keeps.fields:
        return Stays.RESTRICTED
    return None


def clause(name: str, reason: Why) -> str:
    """Return the clause under which a name is deleted, as the entry has it."""
    return (FIELD if reason is Why.OVER else DROPPED) + name


def _retention(rulebook: Rulebook, name: str) -> str | None:
    found = rulebook.fields.get(name) or rulebook.interactions.get(name)
    return None if found is None else found.retention
