"""Write many values of one customer with one unwrapped key: seal them, and tell them apart.

The bytes are those of `vault/crypto/field.py` and `vault/crypto/fingerprint.py`; here the key is
unwrapped and made ready once for a whole write. It lives as long as that write and is kept nowhere,
so that an erasure still takes effect with its commit. It opens nothing.
Source: docs/formats.md, 4; performance note, 10.
"""

import hmac
from collections.abc import Sequence

from vault.core.errors import OpenError, TooLargeError
from vault.crypto import context
from vault.crypto.field import FORMAT, HEADER, KINDS, MAX_VALUE, Place
from vault.crypto.fingerprint import FINGERPRINT_BYTES, fingerprint_key
from vault.crypto.kek import Keks
from vault.crypto.keys import WrappedKey, unwrap
from vault.crypto.padding import pad
from vault.crypto.sealed import Box


class ProfileKey:
    """A customer's profile key, made ready for one write."""

    __slots__ = ("_box", "_customer", "_fingerprint", "_header", "_prefix", "generation")

    def __init__(self, keks: Keks, key: WrappedKey) -> None:
        """Unwrap the key.

        Raises:
            OpenError: it does not open, or is no key of values.
        """
        if key.customer is None or key.kind not in KINDS:
            raise OpenError
        secret = unwrap(keks, key)
        self.generation = key.generation
        self._customer = key.customer
        self._box = Box(secret)
        self._fingerprint = fingerprint_key(secret)
        self._header = HEADER.pack(FORMAT, key.generation)
        self._prefix = context.value_prefix(keks.deployment, key.customer)

    def seal(self, places: Sequence[Place], data: Sequence[bytes]) -> list[bytes]:
        """Seal values for their places, as `seal_value` does one.

        Args:
            places: of this customer.
            data: canonical JSON of each value.

        Raises:
            OpenError: a place is another customer's.
            TooLargeError: for more than 32 KiB.
        """
        header, prefix = self._header, self._prefix
        wheres = []
        for customer, field, value_id, schema, row_version in places:
            if customer != self._customer:
                raise OpenError
            tail = header + field.encode()
            wheres.append(context.value(prefix, value_id, schema, row_version, tail))
        if any(len(one) > MAX_VALUE for one in data):
            raise TooLargeError
        sealed = self._box.seal_each(wheres, [pad(one) for one in data])
        return [header + one for one in sealed]

    def fingerprint(self, field: str, data: bytes) -> bytes:
        """Return the fingerprint of a value, as `fingerprint` does.

        Args:
            field: "group.name".
            data: canonical JSON of the value.
        """
        message = field.encode() + b"\0" + data
        return hmac.digest(self._fingerprint, message, "sha256")[:FINGERPRINT_BYTES]
