"""Hold what a decision is made from: the question, and the customer's situation.

Facts come loaded and checked: `intact` says that a MAC was good, never how. Nothing is read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.model import Action, ActorKind, ConsentState, Permission, Source, StaffRole

_NONE: frozenset[str] = frozenset()
_NO_PERMISSIONS: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """The customer's standing terms; each only forbids."""

    paused: bool = False
    never_purposes: frozenset[str] = _NONE
    never_apps: frozenset[str] = _NONE
    no_profiling: bool = False
    ask_each_time: frozenset[str] = _NONE  # purposes
    never_channels: frozenset[str] = _NONE  # of `Channel`
    quiet: str = ""  # "22:00-08:00 Europe/Dublin"; whether it is so now says `Situation.quiet`
    lapse_days: int = 0  # a consent ends so many days after it was given; 0: as the code says
    no_sharing: bool = False  # nothing goes to another business
    restricted_fields: frozenset[str] = _NONE  # GDPR 18, for these alone
    child_until: int = 0  # unix ms; before it, no consent of this person counts
    no_mails: frozenset[str] = _NONE  # optional letters of the vault that do not go out
    erase_at: int = 0  # unix ms at which all is erased; until then all is restricted
    gpc_ms: int = 0  # unix ms: when a browser first said `Sec-GPC: 1`; evidence, forbids nothing
    holds: frozenset[str] = (
        _NONE  # legal holds, as `vault/core/hold.py` writes them; they only keep
    )
    contested: frozenset[str] = _NONE  # fields about which nothing may be inferred
    at_most: int = 0  # times in 30 days that the business may reach the customer; 0: no own limit


# Not frozen, as the situation itself: a look makes them, and frozen ones take three times as long.
@dataclass(slots=True, unsafe_hash=True)
class ConsentFact:
    """The current consent event of one purpose."""

    purpose: str
    state: ConsentState
    fields: frozenset[str]
    until: int  # unix ms, exclusive
    intact: bool


@dataclass(slots=True, unsafe_hash=True)
class Situation:
    """What holds for one customer at one moment."""

    known: bool
    intact: bool  # the standing row is there and its MAC is good
    restricted: bool
    objections: frozenset[str]  # purposes
    terms: Terms
    consents: Mapping[str, ConsentFact]  # by purpose
    untold: frozenset[str]  # fields whose third-party value the customer was not told of
    now: int  # unix ms
    quiet: bool = False  # whether the customer's quiet hours are now
    damaged: frozenset[str] = _NONE  # fields whose row did not pass its check
    held: frozenset[str] = _NONE  # names that a legal hold keeps; "*" for all


@dataclass(slots=True, unsafe_hash=True)
class Question:
    """What somebody wants to do with some names, about one customer."""

    kind: ActorKind
    names: tuple[str, ...]
    action: Action = Action.READ
    app: str | None = None
    purpose: str | None = None
    registration: frozenset[Permission] = field(default=_NO_PERMISSIONS)
    ceiling: frozenset[Permission] | None = None  # what the token covers; None: there is no token
    source: Source | None = None  # of what is written
    present: bool = False  # the customer is there, at this very moment
    role: StaffRole | None = None  # of staff
