"""Decide how a customer's request stands, what may happen to it next, and when an answer is due.

    received -> in work <-> waiting for the customer -> answered | refused -> closed

1. an answer is due one calendar month after receipt; the last day of a shorter month stands for the
   31st, and no weekend moves it;
2. the time may be made longer by two months, once, with a reason, and only within the first month;
3. a refusal names a ground of the law; what concerns erasure alone refuses nothing else;
4. what has ended changes no more, but that the customer may close it.

Who may do what, and what is said in messages, is decided elsewhere.
Source: GDPR 12(3) to 12(5), 17(3); consent-standards note, 1 and 3.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from policies.durations import Duration
from vault.core.errors import ConflictError, WrongValueError

MAX_TEXT: Final = 4_000  # characters of a message
PER_DAY: Final = 10  # requests of one customer
SAID_PER_DAY: Final = 50  # messages on one request, of both sides
_MONTH: Final = Duration(months=1, days=0)
_LONGER: Final = Duration(months=3, days=0)  # the month and two more, counted from receipt


class Kind(StrEnum):
    """What is asked."""

    ACCESS = "access"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    PORT = "port"
    QUESTION = "question"


class State(StrEnum):
    """How a request stands."""

    RECEIVED = "received"
    IN_WORK = "in-work"
    WAITING = "waiting"  # for the customer; the clock goes on
    ANSWERED = "answered"
    REFUSED = "refused"
    CLOSED = "closed"  # by the customer: taken back, or settled


class Ground(StrEnum):
    """Why a request may be refused, by the names of DPV for the GDPR."""

    IDENTITY = "JustificationA12IdentityFailure"
    INFORMATION = "JustificationA12InformationRequired"
    UNFOUNDED = "JustificationA12ManifestlyUnfounded"
    EXCESSIVE = "JustificationA12ManifestlyExcessive"
    LAW = "JustificationA17LegallyRequired"
    CLAIMS = "JustificationA17LegalClaims"


class Longer(StrEnum):
    """Why an answer may take longer."""

    COMPLEXITY = "JustificationA12Complexity"
    VOLUME = "JustificationA12HighVolume"


OPEN: Final = frozenset({State.RECEIVED, State.IN_WORK, State.WAITING})
OF_ERASURE: Final = frozenset({Ground.LAW, Ground.CLAIMS})


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as far as rules go."""

    kind: Kind
    received: datetime  # UTC
    state: State = State.RECEIVED
    longer: Longer | None = None  # why the time was made longer
    ground: Ground | None = None  # why it was refused
    about: int | None = None  # place in the log of the look that a question is about

    @property
    def due(self) -> datetime:
        """Return when an answer is due, inclusive."""
        return (_LONGER if self.longer else _MONTH).after(self.received)

    @property
    def is_open(self) -> bool:
        """Say whether an answer is still owed."""
        return self.state in OPEN


def take(one: Request) -> Request:
    """Begin to work on it; what is begun stays so."""
    return replace(one, state=State.IN_WORK) if one.state is State.RECEIVED else one


def ask_back(one: Request) -> Request:
    """Wait for the customer.

    Raises:
        ConflictError: it has ended.
    """
    return replace(_opened(one), state=State.WAITING)


def reply(one: Request) -> Request:
    """Take a message of the customer, which ends the waiting for one; errors as `ask_back`."""
    _opened(one)
    return replace(one, state=State.IN_WORK) if one.state is State.WAITING else one


def answer(one: Request) -> Request:
    """Answer it; errors as `ask_back`."""
    return replace(_opened(one), state=State.ANSWERED)


def refuse(one: Request, ground: Ground) -> Request:
    """Refuse it.

    Raises:
        ConflictError: it has ended.
        WrongValueError: the ground is none for this kind of request.
    """
    _opened(one)
    if ground in OF_ERASURE and one.kind is not Kind.ERASE:
        raise WrongValueError("This ground refuses an erasure alone.")
    return replace(one, state=State.REFUSED, ground=ground)


def extend(one: Request, longer: Longer, *, now: datetime) -> Request:
    """Make the time longer.

    Raises:
        ConflictError: it has ended, was made longer before, or the first month is over.
    """
    _opened(one)
    if one.longer is not None or now > one.due:
        raise ConflictError
    return replace(one, longer=longer)


def close(one: Request) -> Request:
    """Let the customer take it back, or say that it is settled; twice is once."""
    return replace(one, state=State.CLOSED)


def is_overdue(one: Request, *, now: datetime) -> bool:
    """Say whether an answer is owed and late."""
    return one.is_open and now > one.due


def text(typed: str) -> str:
    """Return a message as it is kept; what it says is nobody's business here.

    Raises:
        WrongValueError: nothing is said, too much, or with characters that no text has.
    """
    said = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not said:
        raise WrongValueError("The message is empty.")
    if len(said) > MAX_TEXT:
        raise WrongValueError("The message is longer than 4,000 characters.")
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in said):
        raise WrongValueError("The message holds characters that are no text.")
    return said


def _opened(one: Request) -> Request:
    if not one.is_open:
        raise ConflictError
    return one
