"""Decide how a follow-up stands: what has to follow a contact, until the customer agrees.

    open -> offered -> settled
     ^         |
     +---- no -+

1. it has an owner, a role of staff, who may hand it to another role; and a day, counted from the
   contact by the code of ethics that was in force when the contact was noted;
2. the business never settles it: it offers an outcome, and the customer says yes or no;
3. a no opens it again, due once more after the same time; who does not answer has not agreed, so an
   offer stays an offer however long it waits;
4. the customer may settle it at any time, without an offer too; then nothing changes it any more.

Who may do what, and what is said about it, is decided elsewhere.
Source: consent-standards note, 8; GDPR recital 32 (silence is no agreement).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from policies.durations import Duration
from policies.model import StaffRole
from vault.core.errors import ConflictError, WrongValueError


class State(StrEnum):
    """How a follow-up stands."""

    OPEN = "open"
    OFFERED = "offered"  # the business says that it is settled, and how
    SETTLED = "settled"  # the customer says so


class Outcome(StrEnum):
    """What the business says came of it."""

    SOLVED = "solved"
    BEYOND = "beyond"  # more was done than was asked
    REFERRED = "referred-elsewhere"  # somebody else serves this customer better
    NOT_POSSIBLE = "not-possible"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up, as far as rules go."""

    kind: str  # of the contact that it follows
    within: str  # ISO 8601 duration, from the contact or from a no to the day that is promised
    owner: StaffRole
    begun: datetime  # UTC: when the contact was
    due: datetime  # UTC, inclusive
    since: datetime  # UTC: since when it stands as it does
    state: State = State.OPEN
    outcome: Outcome | None = None  # what was offered last, and not refused
    refusals: int = 0  # how often the customer said that it is not settled

    @property
    def is_settled(self) -> bool:
        """Say whether the customer agreed."""
        return self.state is State.SETTLED


def follow(kind: str, *, within: str, owner: StaffRole, at: datetime, now: datetime) -> FollowUp:
    """Return what follows a contact.

    Args:
        kind: of the contact.
        within: ISO 8601 duration.
        owner: who sees to it first.
        at: UTC, when the contact was.
        now: UTC, when it is noted.

    Raises:
        WrongValueError: `within` is no duration.
    """
    return FollowUp(kind, within, owner, begun=at, due=_later(within, at), since=now)


def is_late(within: str, *, at: datetime, now: datetime) -> bool:
    """Say whether what a contact asked for was due before anybody could begin; errors as `follow`."""
    return _later(within, at) < now


def offer(one: FollowUp, outcome: Outcome, *, now: datetime) -> FollowUp:
    """Say that it is settled; the same outcome twice is once, and another one replaces the offer.

    Raises:
        ConflictError: the customer agreed already.
    """
    _unsettled(one)
    if one.state is State.OFFERED and one.outcome is outcome:
        return one
    return replace(one, state=State.OFFERED, outcome=outcome, since=now)


def hand_over(one: FollowUp, owner: StaffRole) -> FollowUp:
    """Let another role see to it; errors as `offer`. The day stays."""
    _unsettled(one)
    return replace(one, owner=owner)


def agree(one: FollowUp, *, now: datetime) -> FollowUp:
    """Let the customer settle it; twice is once."""
    return one if one.is_settled else replace(one, state=State.SETTLED, since=now)


def disagree(one: FollowUp, *, now: datetime) -> FollowUp:
    """Let the customer refuse an offer; twice is once. It is due again after its time.

    Raises:
        ConflictError: the customer agreed already.
    """
    _unsettled(one)
    if one.state is State.OPEN:
        return one
    return replace(
        one,
        state=State.OPEN,
        outcome=None,
        due=_later(one.within, now),
        since=now,
        refusals=one.refusals + 1,
    )


def is_overdue(one: FollowUp, *, now: datetime) -> bool:
    """Say whether the business owes something and is late; an offer waits for the customer."""
    return one.state is State.OPEN and now > one.due


def _later(within: str, at: datetime) -> datetime:
    lasts = Duration.parse(within)
    if lasts is None:
        raise WrongValueError("This is no time within which something is done.")
    return lasts.after(at)


def _unsettled(one: FollowUp) -> None:
    if one.is_settled:
        raise ConflictError
