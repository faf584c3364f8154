"""Read base64 in its one spelling: `validate` alone would take spare bits, so two texts for a hash.

Source: RFC 4648, 3.5; access-log note, 7.
"""

import base64

from vault.verifier.errors import BadError

HASH_BYTES = 32


def read(text: str) -> bytes | None:
    """Return the bytes; None unless they are written in the one canonical way."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def read_hash(text: str) -> bytes:
    """Return a hash.

    Raises:
        BadError: it is not base64 of 32 bytes in its one spelling.
    """
    data = read(text)
    if data is None or len(data) != HASH_BYTES:
        raise BadError("A hash is not base64 of 32 bytes.")
    return data
