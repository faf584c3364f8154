"""Lay out the row of a legal hold for its MAC, so that editing it changes no hold.

How the MAC is made is `vault/crypto/row_mac.py`. Which holds stand is in the customer's own standing row;
this one says who made it, when and why, and after an erasure that it stood then.
Source: docs/formats.md, 10.
"""

import struct
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.digest import names32

HOLD: Final = "legal_hold"
_TIMES: Final = struct.Struct(">qq")  # until_ms, made_ms


def hold_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    hold_id: UUID,
    ground: str,
    names: Iterable[str],
    until_ms: int,
    made_ms: int,
    made_by: str,
    reason: bytes,
) -> bytes:
    """Return the bytes of a hold.

    Args:
        deployment: 16 bytes.
        customer: whose data it keeps.
        hold_id: its id.
        ground: why.
        names: what it keeps; none for everything.
        until_ms: unix ms, exclusive.
        made_ms: unix ms.
        made_by: `operator` or `staff:HANDLE`.
        reason: the sealed words, so that none are put in their place.

    Raises:
        FormatError: when a member has no place in the format.
    """
    try:
        times = _TIMES.pack(until_ms, made_ms)
        said = f"{ground}\0{made_by}\0".encode("ascii")
    except (struct.error, UnicodeEncodeError):
        raise FormatError from None
    if said.count(b"\0") != 2:
        raise FormatError
    head = (b"ownship/hold/v1\0", deployment, customer.bytes, hold_id.bytes)
    return b"".join((*head, times, names32(names), said, reason))
