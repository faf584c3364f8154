"""Lay out the row of a proposal for its MAC, so that editing it approves nothing and proves nothing.

How the MAC is made is `vault/crypto/row_mac.py`. What is proposed lies sealed under the row's id; the
row holds its digest, which the MAC covers.
Source: docs/formats.md, 10.
"""

import struct
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.digest import hex32

PROPOSAL: Final = "proposal"
_NUMBERS: Final = struct.Struct(">Qqqq")  # version, then unix ms: made, ends, decided
_NEVER: Final = -(2**63)  # unix ms of what has not happened


def proposal_row(
    deployment: DeploymentId,
    *,
    proposal_id: UUID,
    digest: str,
    words: tuple[str, ...],
    version: int,
    made_ms: int,
    ends_ms: int,
    decided_ms: int | None,
) -> bytes:
    """Return the bytes of what a row says.

    Args:
        deployment: 16 bytes.
        proposal_id: of the proposal.
        digest: SHA-256 in hex of exactly what is proposed.
        words: number, kind, subject, who proposed, state, who decided ("" for nobody).
        version: u64, raised by one with every change.
        made_ms: unix ms.
        ends_ms: unix ms, exclusive.
        decided_ms: unix ms; None before.

    Raises:
        FormatError: when a member has no place in the format.
    """
    if any("\0" in word for word in words):
        raise FormatError
    try:
        numbers = _NUMBERS.pack(
            version, made_ms, ends_ms, _NEVER if decided_ms is None else decided_ms
        )
        said = "\0".join(words).encode("ascii")
    except (struct.error, UnicodeEncodeError):
        raise FormatError from None
    head = (b"ownship/proposal/v1\0", deployment, proposal_id.bytes, numbers)
    return b"".join((*head, hex32(digest), said))
