"""Turn a follow-up into its row and back, with the MAC that says that the vault wrote it.

A row that fails its MAC says nothing: it is shown as broken and nothing changes it, so that nobody
with the database alone can settle a matter in the customer's place.
Source: docs/formats.md, 10.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from policies.durations import Duration
from policies.model import StaffRole
from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.core.follow_up import FollowUp, Outcome, State
from vault.core.ids import CustomerId
from vault.crypto.follow_up_mac import FOLLOW_UP as TABLE
from vault.crypto.follow_up_mac import follow_up_row
from vault.crypto.row_mac import check_row, row_mac
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store.follow_up import FollowUpRow
from vault.store.follow_up_queue import QueueRow

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Case:
    """A follow-up as it is known; `follow_up` is None where the row is broken."""

    follow_up_id: UUID
    number: str
    event: UUID
    kind: str
    begun: datetime
    version: int  # what a form was made from, so that an answer is to what was read
    follow_up: FollowUp | None


def row_of(
    deps: Deps,
    customer: CustomerId,
    follow_up_id: UUID,
    one: FollowUp,
    *,
    number: str,
    event: UUID,
) -> FollowUpRow:
    """Return the row of what begins to follow a contact, with its MAC."""
    row = FollowUpRow(
        customer=customer,
        follow_up_id=follow_up_id,
        number=number,
        event=event,
        kind=one.kind,
        within=one.within,
        owner=one.owner.value,
        state=one.state.value,
        outcome="",
        refusals=0,
        begun_at=one.begun,
        due_at=one.due,
        since=one.since,
        version=0,
        mac=b"",
    )
    return _signed(deps, row)


def changed(deps: Deps, row: FollowUpRow, one: FollowUp) -> FollowUpRow:
    """Return the row of a follow-up that changed, with its MAC."""
    new = replace(
        row,
        owner=one.owner.value,
        state=one.state.value,
        outcome=one.outcome.value if one.outcome else "",
        refusals=one.refusals,
        due_at=one.due,
        since=one.since,
        version=row.version + 1,
    )
    return _signed(deps, new)


def queued(row: FollowUpRow) -> QueueRow:
    """Return where a follow-up is found."""
    return QueueRow(row.number, row.customer, row.follow_up_id, row.owner, row.state, row.due_at)


def case(deps: Deps, row: FollowUpRow) -> Case:
    """Return what a row says, if the vault wrote it."""
    return Case(
        row.follow_up_id,
        row.number,
        row.event,
        row.kind,
        row.begun_at,
        row.version,
        _proven(deps, row),
    )


def proven(deps: Deps, row: FollowUpRow) -> FollowUp:
    """Return the follow-up of a row that is about to change.

    Raises:
        OpenError: the row is broken; it is never given a good MAC again.
    """
    found = _proven(deps, row)
    if found is None:
        raise OpenError
    return found


def _proven(deps: Deps, row: FollowUpRow) -> FollowUp | None:
    try:
        key = deps.keys.service("row-mac", row.mac[0])
        good = check_row(key, TABLE, _content(deps, row), row.mac)
        if good and Duration.parse(row.within):
            return FollowUp(
                kind=row.kind,
                within=row.within,
                owner=StaffRole(row.owner),
                begun=row.begun_at,
                due=row.due_at,
                since=row.since,
                state=State(row.state),
                outcome=Outcome(row.outcome) if row.outcome else None,
                refusals=row.refusals,
            )
    except (FormatError, IndexError, NotReadyError, ValueError):
        pass
    logger.error("follow-up-damaged")
    return None


def _signed(deps: Deps, row: FollowUpRow) -> FollowUpRow:
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), TABLE, _content(deps, row)))


def _content(deps: Deps, row: FollowUpRow) -> bytes:
    return follow_up_row(
        deps.deployment,
        row.customer,
        follow_up_id=row.follow_up_id,
        event=row.event,
        number=row.number,
        kind=row.kind,
        within=row.within,
        owner=row.owner,
        state=row.state,
        outcome=row.outcome,
        refusals=row.refusals,
        begun_ms=unix_ms(row.begun_at),
        due_ms=unix_ms(row.due_at),
        since_ms=unix_ms(row.since),
        version=row.version,
    )
