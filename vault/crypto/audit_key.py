"""Write many entries and receipts of one customer with one unwrapped audit key.

The bytes are those of `vault/crypto/entry.py` and `vault/crypto/receipt.py`; here the key is
unwrapped once for a whole write. It lives as long as that write and is kept nowhere, so that an
erasure still takes effect with its commit. It opens nothing.
Source: docs/formats.md, 5 and 14; performance note, 10.
"""

from uuid import UUID

from vault.core.errors import OpenError
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.receipt import seal_under, sealing_key


class AuditKey:
    """A customer's audit key, made ready for one write."""

    __slots__ = ("_customer", "_deployment", "_generation", "_sealing", "secret")

    def __init__(self, keks: Keks, key: WrappedKey) -> None:
        """Unwrap the key.

        Raises:
            OpenError: it does not open, or is no customer's audit key.
        """
        if key.customer is None or key.kind is not Kind.AUDIT:
            raise OpenError
        self.secret = unwrap(keks, key)  # what a draft of an entry carries
        self._customer = key.customer
        self._deployment = keks.deployment
        self._generation = key.generation
        self._sealing = sealing_key(self.secret)

    def seal_receipt(self, receipt_id: UUID, receipt: bytes) -> bytes:
        """Seal the exact bytes of a receipt, as `vault.crypto.receipt.seal_receipt` does."""
        return seal_under(
            self._sealing,
            self._deployment,
            self._customer,
            receipt_id=receipt_id,
            generation=self._generation,
            receipt=receipt,
        )
