"""Lay out the row of a survey's link for its MAC, so that editing it asks nobody else.

How the MAC is made is `vault/crypto/row_mac.py`. Whether the link was used is not in it: that can
only end it, and an answer that is stored tells of itself.
Source: docs/formats.md, 10.
"""

import struct
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.digest import hex32, name16

SURVEY_LINK: Final = "survey_link"
_ENDS: Final = struct.Struct(">q")  # unix ms


def survey_link_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    link: bytes,
    survey: str,
    about: UUID,
    code: str,
    expires_ms: int,
) -> bytes:
    """Return the bytes of what a link leads to.

    Args:
        deployment: 16 bytes.
        customer: who is asked.
        link: SHA-256 of the link's secret, 32 bytes.
        survey: its id in the code of ethics.
        about: the contact event that it is about.
        code: SHA-256 in hex of the code of ethics that the questions stand in.
        expires_ms: unix ms, exclusive.

    Raises:
        FormatError: when a member has no place in the format.
    """
    if len(link) != 32:
        raise FormatError
    try:
        ends = _ENDS.pack(expires_ms)
    except struct.error:
        raise FormatError from None
    head = b"".join((b"ownship/survey-link/v1\0", deployment, customer.bytes, link))
    return b"".join((head, about.bytes, hex32(code), ends, name16(survey)))
