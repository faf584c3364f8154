"""Give the shapes of the one path: what is asked, what was decided, what is answered.

A front fills an `Ask`; it never sees a row, a key or a verdict before it is in the access log.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.decide import ActorKind, Allow, Permission, Question, Verdict
from policies.model import Action, StaffRole
from policies.reasons import Reason, coarse
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.services.load import Load

MAX_NAMES = 64  # names that one ask may hold
OUTSIDE_TOKEN = "outside-token"  # noqa: S105  a coarse reason, no password


@dataclass(frozen=True, slots=True)
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
        return tuple(sorted(tuple(line) for line in self.ceiling if line.purpose == self.purpose))


@dataclass(frozen=True, slots=True)
class Decided:
    """An ask after step 2."""

    ask: Ask
    load: Load
    verdicts: dict[str, Verdict]

    @property
    def allowed(self) -> tuple[tuple[str, str], ...]:
        """Return (name, clause) of each name allowed."""
        return tuple(
            (name, verdict.clause)
            for name, verdict in self.verdicts.items()
            if isinstance(verdict, Allow)
        )

    @property
    def withheld(self) -> tuple[tuple[str, str], ...]:
        """Return (name, reason) of each name denied."""
        return tuple(
            (name, verdict.reason.value)
            for name, verdict in self.verdicts.items()
            if not isinstance(verdict, Allow)
        )

    @property
    def unknown(self) -> bool:
        """Say whether the code of ethics does not know the purpose or one of the names."""
        purpose, code = self.ask.purpose, self.load.rulebook
        return (purpose is not None and purpose not in code.purposes) or any(
            name not in code.sources and not isinstance(verdict, Allow)  # a hold outlives a clause
            for name, verdict in self.verdicts.items()
        )

    @property
    def outside_token(self) -> bool:
        """Say whether some name, or the whole purpose, is outside the token or the registration."""
        return not self.verdicts or any(
            not isinstance(verdict, Allow) and coarse(verdict.reason) == OUTSIDE_TOKEN
            for verdict in self.verdicts.values()
        )


@dataclass(frozen=True, slots=True)
class Opened:
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What one ask gets."""

    opened: tuple[Opened, ...]
    withheld: tuple[Withheld, ...]
    allowed: frozenset[str]  # names allowed, with a value or without
    outside_token: bool  # the whole ask was refused, whoever the customer is
    version: str
    digest: str
    receipt: str
