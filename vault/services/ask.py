"""Give the shapes of the one path: what is asked, what was decided, what is answered.

A front fills an `Ask`; it never sees a row, a key or a verdict before it is in the access log.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from policies.decide import ActorKind, Allow, Permission, Question, Verdict
from policies.model import Action, StaffRole
from policies.reasons import Reason, coarse
from vault.core.entry import Kind
from vault.core.ids import NOBODY, CustomerId
from vault.services.access import Proven
from vault.services.load import Load

MAX_NAMES = 64  # names that one ask may hold
OUTSIDE_TOKEN = "outside-token"  # noqa: S105  a coarse reason, no password


# Not frozen, as what is decided: a look makes one of each, and frozen ones take three times as long.
@dataclass(slots=True, unsafe_hash=True)
class Ask:
    """One question about one customer's values."""

    customer: CustomerId  # `NOBODY` when the id given means no customer
    kind: ActorKind
    actor: str  # `app:ID`, `customer`, `staff:PSEUDONYM`, `operator`
    names: tuple[str, ...]
    purpose: str | None = None
    action: Action = Action.READ
    app: str | None = None
    registration: frozenset[Permission] = frozenset()
    registration_digest: str | None = None
    ceiling: frozenset[Permission] | None = None  # what the token covers; None: no token
    token: str | None = None  # SHA-256 of the token's jti, in hex
    request: str | None = None
    case: str | None = None
    handle: str | None = None
    role: StaffRole | None = None  # of staff
    present: bool = False  # the customer is at the screen
    looks: Kind = Kind.READ  # kind of the entry when something is allowed
    proven: Proven | None = field(
        default=None, repr=False
    )  # of an app: its state comes with a load
    by: str | None = (
        None  # the identifier that led here: without it, nothing else is allowed either
    )

    @property
    def question(self) -> Question:
        """Return what `policies.decide` judges."""
        return Question(
            kind=self.kind,
            app=self.app,
            purpose=self.purpose,
            action=self.action,
            names=self.names,
            registration=self.registration,
            ceiling=self.ceiling,
            source=None,
            present=self.present,
            role=self.role,
        )

    @property
    def ceiling_lines(self) -> tuple[tuple[str, ...], ...] | None:
        """Return the token's ceiling for this purpose as the entry tells it."""
        if self.ceiling is None:
            return None
        return _lines(self.ceiling, self.purpose)


@lru_cache(maxsize=1024)
def _lines(ceiling: frozenset[Permission], purpose: str | None) -> tuple[tuple[str, ...], ...]:
    lines = (line for line in ceiling if line.purpose == purpose)
    return tuple(sorted((one.purpose, one.action.value, one.name) for one in lines))


@dataclass(slots=True, unsafe_hash=True)
class Decided:
    """An ask after step 2."""

    ask: Ask
    load: Load
    verdicts: dict[str, Verdict]
    audit: tuple[CustomerId, bytes] | None = field(default=None, repr=False)  # where it was opened
    allowed: tuple[tuple[str, str], ...] = field(init=False)  # (name, clause)
    withheld: tuple[tuple[str, str], ...] = field(init=False)  # (name, reason)

    def __post_init__(self) -> None:
        """Part the verdicts once: five places ask for them."""
        verdicts = self.verdicts.items()
        allowed = tuple([(name, one.clause) for name, one in verdicts if isinstance(one, Allow)])
        withheld: tuple[tuple[str, str], ...] = ()
        if len(allowed) < len(verdicts):
            withheld = tuple(
                [(name, one.reason.value) for name, one in verdicts if not isinstance(one, Allow)]
            )
        self.allowed, self.withheld = allowed, withheld

    @property
    def unknown(self) -> bool:
        """Say whether the code of ethics does not know the purpose or one of the names."""
        purpose, code = self.ask.purpose, self.load.rulebook
        return (purpose is not None and purpose not in code.purposes) or any(
            name not in code.sources  # not of what is allowed: a hold outlives a clause
            for name, _ in self.withheld
        )

    @property
    def outside_token(self) -> bool:
        """Say whether some name, or the whole purpose, is outside the token or the registration."""
        return not self.verdicts or any(
            coarse(Reason(reason)) == OUTSIDE_TOKEN for _, reason in self.withheld
        )


# A named tuple and not a dataclass: a read makes ten of them, and they cost a third.
class Opened(NamedTuple):
    """A value that the ask may see."""

    name: str
    value: object
    source: str
    since: datetime
    clause: str
    disputed: datetime | None = None  # since when the customer says that it is wrong
    verified: datetime | None = None  # when the customer said that it is right
    told: datetime | None = None  # when the customer was told of a third party's value
    version: int = 0  # of its row, so that what is said about it is about no other


@dataclass(frozen=True, slots=True)
class Withheld:
    """A name that the ask may not see, with the exact reason; apps are shown the coarse one."""

    name: str
    reason: Reason
    version: int = 0  # of the row of a damaged value, so that it can be replaced


class Answer(NamedTuple):
    """What one ask gets."""

    opened: tuple[Opened, ...]
    withheld: tuple[Withheld, ...]
    allowed: frozenset[str]  # names allowed, with a value or without
    outside_token: bool  # the whole ask was refused, whoever the customer is
    version: str
    digest: str
    receipt: str
    customer: CustomerId = NOBODY  # whom it is about; `NOBODY` also for an id that is nobody's
