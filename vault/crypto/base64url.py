"""Read and write base64url without padding, one spelling for each text.

Source: RFC 4648, 5; RFC 7515, 2.
"""

import base64
import binascii

from vault.core.errors import FormatError


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
        data = base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise FormatError from None
    # The decoder skips what it does not know and ignores spare bits; the way back shows both.
    if base64.urlsafe_b64encode(data).rstrip(b"=") != raw:
        raise FormatError
    return data
