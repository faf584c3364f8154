"""Read and write base64url without padding, one spelling for each text.

Source: RFC 4648, 5; RFC 7515, 2.
"""

import base64
import binascii
from typing import Final

from vault.core.errors import FormatError

# To the decoder's alphabet; what is none of ours becomes what it refuses.
_TABLE: Final = bytes(
    {0x2D: 0x2B, 0x5F: 0x2F, 0x2B: 0x2A, 0x2F: 0x2A, 0x3D: 0x2A}.get(one, one) for one in range(256)
)
_PADDING: Final = (b"", b"", b"==", b"=")
# By the characters over the last four: those that may stand at the end, with spare bits of zero.
_ENDS: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """Return the text, without `=`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str | bytes) -> bytes:
    """Return the bytes.

    Raises:
        FormatError: for padding, other characters, and spare bits that are not zero.
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        over = len(raw) & 3
        # The decoder refuses what is not in its alphabet, and ignores spare bits.
        if over and raw[-1] not in _ENDS[over]:
            raise FormatError
        return binascii.a2b_base64(raw.translate(_TABLE) + _PADDING[over], strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise FormatError from None
