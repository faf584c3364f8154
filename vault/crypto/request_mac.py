"""Lay out the row of a customer's request for its MAC, so that editing it answers nothing.

How the MAC is made is `vault/crypto/row_mac.py`. What is said stands in messages of their own, sealed;
their count is here, so that one that was taken away is missed.
Source: docs/formats.md, 10.
"""

import struct
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId

REQUEST: Final = "request"
_NUMBERS: Final = struct.Struct(">QIqq")  # version, messages, made_ms, about
_NOTHING: Final = -1  # about no line of the log


def request_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    request_id: UUID,
    number: str,
    kind: str,
    state: str,
    made_ms: int,
    about: int | None,
    longer: str,
    ground: str,
    messages: int,
    version: int,
) -> bytes:
    """Return the bytes of how a request stands.

    Args:
        deployment: 16 bytes.
        customer: whose request it is.
        request_id: its id.
        number: by which people call it.
        kind: what is asked.
        state: how it stands.
        made_ms: unix ms of its receipt.
        about: place in the log of a line; None for none.
        longer: why the time was made longer; "" when it was not.
        ground: why it was refused; "" when it was not.
        messages: how many there are.
        version: u64, raised by one with every change.

    Raises:
        FormatError: when a member has no place in the format.
    """
    words = (number, kind, state, longer, ground)
    try:
        numbers = _NUMBERS.pack(version, messages, made_ms, _NOTHING if about is None else about)
        said = "\0".join(words).encode("ascii")
    except (struct.error, UnicodeEncodeError):
        raise FormatError from None
    if any("\0" in word for word in words):
        raise FormatError
    return b"".join(
        (b"ownship/request/v1\0", deployment, customer.bytes, request_id.bytes, numbers, said)
    )
