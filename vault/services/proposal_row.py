"""Turn a proposal into its row and back: its matter sealed, its digest and its MAC checked.

The digest is over the matter itself, with a salt among it: the access log names a proposal by it, and
nobody can guess an address from it. A row that is not as it was made is no proposal.
Source: docs/formats.md, 10.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from vault.core import canonical
from vault.core.approval import Kind, Matter, State
from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.proposal_mac import PROPOSAL, proposal_row
from vault.crypto.row_mac import check_row, row_mac
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store.proposal import ProposalRow

_VERSION: Final = 1  # of what is sealed

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal, checked; what it proposes is not opened."""

    id: UUID
    number: str
    kind: Kind
    subject: str
    digest: str  # SHA-256 in hex of exactly what is proposed
    by: str  # a pseudonym, or `operator`
    made_at: datetime
    ends_at: datetime
    state: State  # as stored: an open one may be over
    decided_by: str
    decided_at: datetime | None
    version: int

    def state_at(self, now: datetime) -> State:
        """Return where it stands at a moment."""
        over = self.state in {State.OPEN, State.DRAFT} and self.ends_at <= now
        return State.ENDED if over else self.state

    @property
    def matter(self) -> Matter:
        """Return what the rule of two persons must know."""
        return Matter(self.kind, self.subject, self.by, self.made_at)


@dataclass(frozen=True, slots=True)
class Opened:
    """A proposal with what it proposes."""

    proposal: Proposal
    document: str
    basis: str  # what it was compared with when it was made


def seal(deps: Deps, made: Proposal, *, document: str, basis: str, salt: str) -> ProposalRow:
    """Return the row of a proposal under its digest and MAC; `made.digest` is not looked at."""
    content = _content(made.kind, made.subject, document=document, basis=basis, salt=salt)
    row = ProposalRow(
        proposal_id=made.id,
        number=made.number,
        kind=made.kind.value,
        subject=made.subject,
        sealed=seal_mail(deps.keys.service("mail"), made.id, template=PROPOSAL, message=content),
        digest=hashlib.sha256(content).hexdigest(),
        by=made.by,
        made_at=made.made_at,
        ends_at=made.ends_at,
        state=made.state.value,
        decided_by=made.decided_by or None,
        decided_at=made.decided_at,
        version=made.version,
        mac=b"",
    )
    return sign(deps, row)


def sign(deps: Deps, row: ProposalRow) -> ProposalRow:
    """Return a row with the MAC of what it says."""
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), PROPOSAL, _body(deps, row)))


def read(deps: Deps, row: ProposalRow) -> Proposal | None:
    """Return what a row says; None, and an alarm, when it is not as it was made."""
    try:
        key = deps.keys.service("row-mac", row.mac[0])
        if not check_row(key, PROPOSAL, _body(deps, row), row.mac):
            raise FormatError
        return Proposal(
            id=row.proposal_id,
            number=row.number,
            kind=Kind(row.kind),
            subject=row.subject,
            digest=row.digest,
            by=row.by,
            made_at=row.made_at,
            ends_at=row.ends_at,
            state=State(row.state),
            decided_by=row.decided_by or "",
            decided_at=row.decided_at,
            version=row.version,
        )
    except (FormatError, IndexError, NotReadyError, TypeError, ValueError):
        logger.error("proposal-damaged")
        return None


def open_(deps: Deps, row: ProposalRow) -> Opened | None:
    """Return what a row proposes; None, and an alarm, as for `read`."""
    made = read(deps, row)
    if made is None:
        return None
    try:
        content = open_mail(
            deps.keys.service("mail"), row.proposal_id, template=PROPOSAL, sealed=row.sealed
        )
    except OpenError:
        content = b""
    if hashlib.sha256(content).hexdigest() != row.digest:
        logger.error("proposal-damaged")
        return None
    said: dict[str, Any] = canonical.loads(content)
    return Opened(made, document=said["document"], basis=said["basis"])


def _content(kind: Kind, subject: str, *, document: str, basis: str, salt: str) -> bytes:
    return canonical.dumps(
        {
            "v": _VERSION,
            "kind": kind.value,
            "subject": subject,
            "document": document,
            "basis": basis,
            "salt": salt,
        }
    )


def _body(deps: Deps, row: ProposalRow) -> bytes:
    return proposal_row(
        deps.deployment,
        proposal_id=row.proposal_id,
        digest=row.digest,
        words=(row.number, row.kind, row.subject, row.by, row.state, row.decided_by or ""),
        version=row.version,
        made_ms=unix_ms(row.made_at),
        ends_ms=unix_ms(row.ends_at),
        decided_ms=None if row.decided_at is None else unix_ms(row.decided_at),
    )
