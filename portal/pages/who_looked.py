"""Show each look at the customer's values, allowed or refused, newest first."""

from dataclasses import dataclass

from portal.state import Badge
from portal.words import Moment


@dataclass(frozen=True, slots=True)
class Refused:
    """Fields that were withheld for one reason."""

    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the code of ethics, linked."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class OwnLook:
    """The customer's own look."""

    at: Moment
    words: str
    request: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line; `own` alone is filled for looks of the customer, folded."""

    own: tuple[OwnLook, ...]
    who: str
    at: Moment
    state: Badge | None
    purpose: str
    case: str
    allowed: tuple[str, ...]
    allowed_words: str
    refused: tuple[Refused, ...]
    clause: Clause | None
    request: str


@dataclass(frozen=True, slots=True)
class Day:
    """The looks of one day."""

    date: Moment
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class WhoLookedPage:
    """Everything of `/who-looked`."""

    title: str
    days: tuple[Day, ...]
    older: str  # path of the next page; "" on the last
