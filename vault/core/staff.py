"""Say what each role of staff may do: one table, which guards, menu, services and tests read.

A person has one role, so nobody is both admin and compliance. Whoever sees values does so by a clause
of the code of ethics that names the role, for a case; no right here opens a value by itself.
Source: security note, 8.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from policies.model import StaffRole

HANDLE: Final = re.compile("s-[0-9a-z]{8}")  # the pseudonym of a member of staff
OPERATOR: Final = "operator"  # the host's shell, which is no person
STAFF: Final = "staff:"  # what the actor of a member of staff begins with
# A reference to what a look is for: a request's number, or a ticket's elsewhere.
CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#-]{1,39}")


class Right(StrEnum):
    """What a member of staff may do."""

    SEE_REQUESTS = "see-requests"
    WORK_REQUESTS = "work-requests"
    SEE_FOLLOW_UPS = "see-follow-ups"  # the queue, which opens nothing
    WORK_FOLLOW_UPS = "work-follow-ups"  # read the contact, by a clause; answer, offer, hand over
    SEE_VALUES = "see-values"  # by a clause, of a case
    SEARCH_LOG = "search-log"  # and open an entry, which is recorded
    SEE_APPS = "see-apps"
    FREEZE_APP = "freeze-app"  # alone
    PROPOSE_APP = "propose-app"
    APPROVE_APP = "approve-app"
    SEE_CODE = "see-code"
    PROPOSE_CODE = "propose-code"
    APPROVE_CODE = "approve-code"
    SEE_PROPOSALS = "see-proposals"  # of the kinds that one proposes or approves
    DECIDE = "decide"  # on proposals; on which kind is for the rights to approve
    SEE_STAFF = "see-staff"
    PROPOSE_STAFF = "propose-staff"
    APPROVE_STAFF = "approve-staff"
    HOLD = "hold"  # set and lift legal holds
    SEE_RECORDS = "see-records"  # retention, record of processing, alerts, surveys: counts


_EVERYONE: Final = frozenset({Right.SEE_CODE})
RIGHTS: Final[Mapping[StaffRole, frozenset[Right]]] = {
    StaffRole.SUPPORT: _EVERYONE
    | {
        Right.SEE_REQUESTS,
        Right.WORK_REQUESTS,
        Right.SEE_FOLLOW_UPS,
        Right.WORK_FOLLOW_UPS,
        Right.SEE_VALUES,
        Right.SEE_APPS,
    },
    StaffRole.STEWARD: _EVERYONE
    | {
        Right.SEE_REQUESTS,
        Right.WORK_REQUESTS,
        Right.SEE_FOLLOW_UPS,
        Right.WORK_FOLLOW_UPS,
        Right.SEE_VALUES,
        Right.SEE_APPS,
        Right.FREEZE_APP,
        Right.PROPOSE_APP,
        Right.PROPOSE_CODE,
        Right.SEE_PROPOSALS,
        Right.SEE_RECORDS,
    },
    StaffRole.COMPLIANCE: _EVERYONE
    | {
        Right.SEE_REQUESTS,
        Right.SEE_FOLLOW_UPS,
        Right.SEARCH_LOG,
        Right.SEE_APPS,
        Right.FREEZE_APP,
        Right.APPROVE_APP,
        Right.APPROVE_CODE,
        Right.SEE_PROPOSALS,
        Right.DECIDE,
        Right.SEE_STAFF,
        Right.APPROVE_STAFF,
        Right.HOLD,
        Right.SEE_RECORDS,
    },
    StaffRole.ADMIN: _EVERYONE
    | {
        Right.SEE_APPS,
        Right.FREEZE_APP,
        Right.SEE_PROPOSALS,
        Right.SEE_STAFF,
        Right.PROPOSE_STAFF,
        Right.SEE_RECORDS,
    },
}


class State(StrEnum):
    """Where a member stands."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"  # never again; the pseudonym stays taken


def may(role: StaffRole, right: Right) -> bool:
    """Say whether a role has a right."""
    return right in RIGHTS[role]


def actor(handle: str) -> str:
    """Return how the access log names a member of staff."""
    return STAFF + handle


def handle_of(name: str) -> str | None:
    """Return the pseudonym of the member whom the access log names so; None for another actor."""
    handle = name.removeprefix(STAFF)
    return handle if name.startswith(STAFF) and HANDLE.fullmatch(handle) else None


def mailbox(address: str) -> str:
    """Return the mailbox that an address leads to, as far as it can be told.

    One person with two spellings of an address is one member: what follows a plus sign is left out.

    >>> mailbox("Ana+console@Shop.example")
    'ana@shop.example'
    """
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
