r"""Tell whether a value is the one that is stored already, without opening the stored one.

    expand(profile key, "ownship/fingerprint/v1\0") -> key
    HMAC-SHA256(key, field || 0x00 || canonical JSON of the value)[0:16]

The key is the customer's own, so equal values of two customers look unlike, and it dies with them.
What the stored fingerprints show is whether a field of one customer is the same as before.
Source: docs/formats.md, fingerprint.
"""

import hmac

from vault.core import canonical
from vault.crypto.hkdf import expand
from vault.crypto.kek import Keks
from vault.crypto.keys import WrappedKey, unwrap

FINGERPRINT_BYTES = 16
_LABEL = b"ownship/fingerprint/v1\0"


def fingerprint_key(profile_key: bytes) -> bytes:
    """Return the key of all fingerprints of a customer.

    Args:
        profile_key: the customer's, unwrapped.
    """
    return expand(profile_key, _LABEL)


def fingerprint(keks: Keks, key: WrappedKey, field: str, value: object) -> bytes:
    """Return the fingerprint of a value, 16 bytes.

    Args:
        keks: that open the customer's key.
        key: the customer's profile key.
        field: "group.name".
        value: JSON.

    Raises:
        OpenError: the key does not open.
        CanonicalError: for what is no JSON as the vault keeps it.
    """
    derived = fingerprint_key(unwrap(keks, key))
    message = field.encode() + b"\0" + canonical.dumps(value)
    return hmac.digest(derived, message, "sha256")[:FINGERPRINT_BYTES]
