"""Lay out the row of a member of staff for its MAC, so that editing it gives nobody a role.

How the MAC is made is `vault/crypto/row_mac.py`. The sealed name and address stand in it by their
digest, so that they cannot be changed for another's.
Source: docs/formats.md, 10.
"""

import hashlib
import struct
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId

STAFF: Final = "staff"
_NUMBERS: Final = struct.Struct(">Qqqq")  # version, then unix ms: made, enrolled, reset
_NEVER: Final = -(2**63)  # unix ms of what has not happened


def staff_row(
    deployment: DeploymentId,
    *,
    staff_id: UUID,
    address_idx: bytes,
    sealed: bytes,
    words: tuple[str, ...],
    version: int,
    made_ms: int,
    enrolled_ms: int | None,
    reset_ms: int | None,
) -> bytes:
    """Return the bytes of what a row grants.

    Args:
        deployment: 16 bytes.
        staff_id: of the member.
        address_idx: blind index of the address.
        sealed: name and address as they are stored.
        words: pseudonym, role, state, who made it, who made a new way in for it ("" for nobody).
        version: u64, raised by one with every change.
        made_ms: unix ms.
        enrolled_ms: unix ms; None before.
        reset_ms: unix ms of the newest other way in; None for none.

    Raises:
        FormatError: when a member has no place in the format.
    """
    if any("\0" in word for word in words):
        raise FormatError
    try:
        numbers = _NUMBERS.pack(
            version,
            made_ms,
            _NEVER if enrolled_ms is None else enrolled_ms,
            _NEVER if reset_ms is None else reset_ms,
        )
        said = "\0".join(words).encode("ascii")
    except (struct.error, UnicodeEncodeError):
        raise FormatError from None
    digests = hashlib.sha256(address_idx).digest() + hashlib.sha256(sealed).digest()
    return b"".join((b"ownship/staff/v1\0", deployment, staff_id.bytes, numbers, digests, said))
