"""Say what one line of "who looked" tells, until when it stays sealed, and who wants to see it.

A look under a purpose with a delay is a line like any other, but until it opens it says only that
it happened, when, and when it opens. What a filter wants is decided on such a line as it is shown,
so that no filter tells what a sealed line does not. `judge` decides the same from the facts beside
the log, as far as they reach, so that lines that are not wanted need not be opened.
Source: consent-standards note, 9.10; portal note, 2 and 4.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from policies.durations import Duration
from policies.model import Rulebook
from vault.core.entry import Kind
from vault.core.place import Place

CUSTOMER: Final = "customer"  # as an actor
STAFF: Final = "staff:"  # what the actor of a member of staff begins with
_FIRST_CHANGE: Final = 16  # kinds below are looks and writes
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of "who looked"."""

    place: Place
    at: int | None  # unix ms; None where the entry cannot be read at all
    kind: Kind | None  # None where the entry is damaged or sealed, like everything below
    actor: str = ""
    app: str | None = None
    purpose: str | None = None
    allowed: tuple[tuple[str, str], ...] = ()  # (field, clause)
    withheld: tuple[tuple[str, str], ...] = ()  # (field, reason)
    request: str | None = None
    case: str | None = None
    epoch: int = 0
    code: str = ""
    consent: str | None = None  # the state that a change of consent brought
    sources: tuple[tuple[str, str], ...] = ()  # (field, source) of what was written
    opens: int | None = None  # unix ms at which a sealed line opens; None for one that is not
    leaf: bytes | None = None  # leaf hash of its entry; None where there is none any more


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a line without opening it."""

    at: int  # unix ms
    kind: int
    app: str | None
    purpose: str | None
    code: str
    allowed: int
    withheld: int


class Who(StrEnum):
    """Whose looks."""

    OTHERS = "others"  # everybody but the customer
    YOU = "you"
    STAFF = "staff"
    US = "us"  # the publisher's own: operator, letters
    SEALED = "sealed"


class Outcome(StrEnum):
    """What came of a look; one that was partly refused is both."""

    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: what is None wants everything."""

    who: Who | None = None
    app: str | None = None
    purpose: str | None = None
    outcome: Outcome | None = None
    field: str | None = None
    start: int | None = None  # unix ms, inclusive
    end: int | None = None  # unix ms, exclusive

    @property
    def of_content(self) -> bool:
        """Say whether it asks for what only an open line tells."""
        return any((self.app, self.purpose, self.outcome, self.field))


EVERYTHING: Final = Wanted()


def opens_at(rulebook: Rulebook | None, *, purpose: str | None, kind: int, at: int) -> int | None:
    """Return when a look opens to its customer: unix ms; None for one that is never sealed.

    Args:
        rulebook: the code of ethics that the look was decided under; None when it is not proven.
        purpose: of the look.
        kind: of its entry.
        at: unix ms.
    """
    # Without a proven code nothing may be kept from the customer: the delay is the exception.
    clause = rulebook.purposes.get(purpose) if rulebook and purpose else None
    if clause is None or clause.delay is None or kind >= _FIRST_CHANGE or kind == Kind.OWN_LOOK:
        return None
    delay = Duration.parse(clause.delay)
    try:
        return None if delay is None else (delay.after(_EPOCH + at * _MS) - _EPOCH) // _MS
    except (OverflowError, ValueError):  # a time beyond all dates, from a row that was edited
        return None


def sealed(line: Line, opens: int) -> Line:
    """Return what may be seen of a line before it opens."""
    return Line(place=line.place, at=line.at, kind=None, opens=opens, leaf=line.leaf)


def known_of(line: Line) -> Known | None:
    """Return of an open line what is known of one without opening it."""
    if line.at is None or line.kind is None:
        return None
    return Known(
        line.at,
        line.kind,
        line.app,
        line.purpose,
        line.code,
        len(line.allowed),
        len(line.withheld),
    )


def matches(line: Line, wanted: Wanted) -> bool:
    """Say whether a filter wants a line as it is shown."""
    if line.at is None:
        return wanted == EVERYTHING
    if not _in_time(line.at, wanted):
        return False
    known = known_of(line)
    if known is None:
        return _wants_closed(wanted, is_sealed=line.opens is not None)
    names = {name for name, _ in (*line.allowed, *line.withheld)}
    return (
        _wants_content(known, wanted)
        and _wants_actor(line, wanted.who)
        and (wanted.field is None or wanted.field in names)
    )


def judge(known: Known, wanted: Wanted, *, is_sealed: bool) -> bool | None:
    """Say whether a filter wants a line that is not opened yet; None when only the line tells."""
    if not _in_time(known.at, wanted):
        return False
    if is_sealed:
        return _wants_closed(wanted, is_sealed=True)
    if not _wants_content(known, wanted):
        return False
    if wanted.field is not None and not (known.allowed or known.withheld):
        return False
    by_actor = _actor_of(known, wanted.who)
    if by_actor is False:
        return False
    return None if wanted.field is not None else by_actor


def _in_time(at: int, wanted: Wanted) -> bool:
    after = wanted.start is None or at >= wanted.start
    return after and (wanted.end is None or at < wanted.end)


def _wants_closed(wanted: Wanted, *, is_sealed: bool) -> bool:
    """Say whether a line that tells nothing is wanted: somebody else's, whatever else it is."""
    if wanted.of_content:
        return False
    return wanted.who in {None, Who.OTHERS} or (is_sealed and wanted.who is Who.SEALED)


def _wants_content(known: Known, wanted: Wanted) -> bool:
    return (
        (wanted.app is None or wanted.app == known.app)
        and (wanted.purpose is None or wanted.purpose == known.purpose)
        and (wanted.outcome is None or wanted.outcome in outcomes(known))
    )


def outcomes(known: Known) -> frozenset[Outcome]:
    """Return what came of a look: allowed, refused or both."""
    denied = known.kind == Kind.DENIED
    found = set()
    # A whole refusal denies each name; a look without names at all shows what its kind says.
    if known.allowed or not (known.withheld or denied):
        found.add(Outcome.ALLOWED)
    if known.withheld or denied:
        found.add(Outcome.REFUSED)
    return frozenset(found)


def _wants_actor(line: Line, who: Who | None) -> bool:
    own, staff = line.actor == CUSTOMER, line.actor.startswith(STAFF)
    return {
        None: True,
        Who.OTHERS: not own,
        Who.YOU: own,
        Who.STAFF: staff,
        Who.US: not (own or staff or line.app),
        Who.SEALED: False,
    }[who]


def _actor_of(known: Known, who: Who | None) -> bool | None:
    """Do what `_wants_actor` does, from facts that do not name the actor."""
    if who is None:
        return True
    if who is Who.SEALED:
        return False
    if known.app is not None:
        return who is Who.OTHERS
    if known.kind == Kind.OWN_LOOK:
        return who is Who.YOU
    return None
