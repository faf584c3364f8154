"""Lay out the row of a follow-up for its MAC, so that editing it settles nothing and moves no day.

How the MAC is made is `vault/crypto/row_mac.py`.
Source: docs/formats.md, 10.
"""

import struct
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId

FOLLOW_UP: Final = "follow_up"
_NUMBERS: Final = struct.Struct(">QIqqq")  # version, refusals, begun_ms, due_ms, since_ms


def follow_up_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    follow_up_id: UUID,
    event: UUID,
    number: str,
    kind: str,
    within: str,
    owner: str,
    state: str,
    outcome: str,
    refusals: int,
    begun_ms: int,
    due_ms: int,
    since_ms: int,
    version: int,
) -> bytes:
    """Return the bytes of how a follow-up stands.

    Args:
        deployment: 16 bytes.
        customer: whose contact it follows.
        follow_up_id: its id.
        event: the contact.
        number: by which people call it.
        kind: of the contact.
        within: ISO 8601 duration.
        owner: a role of staff.
        state: how it stands.
        outcome: what was offered; "" for nothing.
        refusals: u32, how often the customer refused an offer.
        begun_ms: unix ms of the contact.
        due_ms: unix ms, inclusive.
        since_ms: unix ms since when it stands so.
        version: u64, raised by one with every change.

    Raises:
        FormatError: when a member has no place in the format.
    """
    words = (number, kind, within, owner, state, outcome)
    try:
        numbers = _NUMBERS.pack(version, refusals, begun_ms, due_ms, since_ms)
        said = "\0".join(words).encode("ascii")
    except (struct.error, UnicodeEncodeError):
        raise FormatError from None
    if any("\0" in word for word in words):
        raise FormatError
    ids = (customer.bytes, follow_up_id.bytes, event.bytes)
    return b"".join((b"ownship/follow-up/v1\0", deployment, *ids, numbers, said))
