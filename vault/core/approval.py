"""Say who may propose and who may approve: two persons for the code of ethics, apps and staff.

A proposal is approved by a second person, who is not its proposer under another name: not an account
that the proposer made or reset lately, and for what the host's shell proposed, none that the shell
made afterwards, because the shell is no person. What is proposed is for the services to carry out.
Source: security note, 8; docs/decisions/0009-two-persons-and-the-shell.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from policies.model import StaffRole
from vault.core import staff
from vault.core.entry import Kind as LogKind
from vault.core.staff import OPERATOR, Right

LIFE: Final = timedelta(days=14)  # of a proposal that nobody decides
MADE_LATELY: Final = timedelta(days=7)  # in which an account does not approve for its maker


class Kind(StrEnum):
    """What is proposed."""

    CODE = "code"  # a version of the code of ethics
    APP = "app"  # an app's registration
    THAW = "thaw"  # a frozen app goes on
    STAFF = "staff"  # a member is invited, gets another role, or ends


class State(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"  # its author alone sees it
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # its time is over; no row says so


PROPOSES: Final[Mapping[Kind, Right]] = {
    Kind.CODE: Right.PROPOSE_CODE,
    Kind.APP: Right.PROPOSE_APP,
    Kind.THAW: Right.PROPOSE_APP,
    Kind.STAFF: Right.PROPOSE_STAFF,
}
APPROVES: Final[Mapping[Kind, Right]] = {
    Kind.CODE: Right.APPROVE_CODE,
    Kind.APP: Right.APPROVE_APP,
    Kind.THAW: Right.APPROVE_APP,
    Kind.STAFF: Right.APPROVE_STAFF,
}
# Kind of the entries, and the member that names what it is about.
ENTRIES: Final[Mapping[Kind, tuple[LogKind, str]]] = {
    Kind.CODE: (LogKind.CODE, "version"),
    Kind.APP: (LogKind.REGISTRATION, "app"),
    Kind.THAW: (LogKind.REGISTRATION, "app"),
    Kind.STAFF: (LogKind.STAFF_ROLE, "handle"),
}


class Obstacle(StrEnum):
    """Why somebody does not decide on a proposal."""

    ROLE = "role"
    SELF = "self"
    MADE = "made"
    SHELL = "shell"
    SUBJECT = "subject"


SENTENCES: Final[Mapping[Obstacle, str]] = {
    Obstacle.ROLE: "Your role does not decide on this.",
    Obstacle.SELF: "You proposed this yourself, so somebody else decides.",
    Obstacle.MADE: (
        "Whoever proposed this made your account, or let you in anew, less than 7 days ago or "
        "since then. Somebody else decides."
    ),
    Obstacle.SHELL: (
        "This was proposed from the host's shell, and your account was made there afterwards. "
        "Somebody else decides."
    ),
    Obstacle.SUBJECT: "This is about your own account, so somebody else decides.",
}


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who would decide, as far as the rule must know."""

    handle: str
    role: StaffRole
    made_by: str
    made_at: datetime
    reset_by: str
    reset_at: datetime | None


@dataclass(frozen=True, slots=True)
class Matter:
    """A proposal, as far as the rule must know."""

    kind: Kind
    subject: str
    by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Ground:
    """On whose word something is done: two persons', one's alone, or the shell's before anybody."""

    by: str = OPERATOR
    approved_by: str = ""  # "" for what one does alone
    proposal: str = ""  # SHA-256 in hex of what was approved
    bootstrap: bool = False

    def members(self, effect: str) -> tuple[tuple[str, str | int], ...]:
        """Return what an entry says of it, and of what was done in one word of ours."""
        if self.bootstrap:
            return (("change", effect), ("bootstrap", True))
        if not self.approved_by:
            return (("change", effect), ("by", self.by))
        return (
            ("change", State.APPROVED.value),
            ("effect", effect),
            ("by", self.by),
            ("approved_by", self.approved_by),
            ("proposal", self.proposal),
        )


SHELL: Final = Ground(bootstrap=True)  # before anybody is enrolled


def concerns(role: StaffRole, kind: Kind) -> bool:
    """Say whether a role proposes or approves such a thing, and so sees the proposals of it."""
    return staff.may(role, PROPOSES[kind]) or staff.may(role, APPROVES[kind])


def obstacle(matter: Matter, who: Decider, *, now: datetime) -> Obstacle | None:
    """Return why somebody may not decide on a proposal; None for one who may."""
    if not staff.may(who.role, APPROVES[matter.kind]):
        return Obstacle.ROLE
    if who.handle == matter.by:
        return Obstacle.SELF
    if matter.kind is Kind.STAFF and who.handle == matter.subject:
        return Obstacle.SUBJECT
    made = ((who.made_by, who.made_at), (who.reset_by, who.reset_at))
    times = [at for by, at in made if by == matter.by and at is not None]
    if matter.by == OPERATOR:
        # Somebody must be first, and nobody but the shell could invite them: so not for 7 days.
        return Obstacle.SHELL if any(at >= matter.made_at for at in times) else None
    if any(at >= matter.made_at or now - at < MADE_LATELY for at in times):
        return Obstacle.MADE
    return None
