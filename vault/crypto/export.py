"""Seal the package that a customer takes along, and open it against the record of a look: OEX1.

    "OEX1" || export_id[16] || committed form of the package

Each export has a random key of its own, which dies with it. The committing form, for the customer
and compliance staff may each be shown one. Like a value, a package opens only with the proof that
the look is durable; it comes and goes in parts, since it may be large.
Source: docs/formats.md, 5.
"""

from uuid import UUID

from vault.core.errors import OpenError
from vault.core.recorded import Recorded
from vault.crypto import context
from vault.crypto.committed import Opener, Sealer
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, unwrap

HEADER_BYTES = 20

_MAGIC = b"OEX1"


def seal_export(keks: Keks, key: WrappedKey, export_id: UUID) -> tuple[bytes, Sealer]:
    """Return how the file begins, and what seals the rest as it is pushed.

    Raises:
        OpenError: when the key does not open or is no export's.
    """
    secret, where, header = _opened(keks, key, export_id)
    sealer = Sealer(secret, where)
    return header + sealer.head, sealer


class Opening:
    """Open one export as its file is pushed in parts of any size."""

    __slots__ = ("_begun", "_header", "_opener")

    def __init__(self, recorded: Recorded, keks: Keks, key: WrappedKey, export_id: UUID) -> None:
        """Take the proof of the look; an `OpenError` for another customer's key or no export's."""
        if key.customer != recorded.customer:
            raise OpenError
        secret, where, self._header = _opened(keks, key, export_id)
        self._opener = Opener(secret, where)
        self._begun = bytearray()

    def add(self, part: bytes) -> bytes:
        """Return what is whole by now; nothing of it is to be trusted before `end` returned.

        Raises:
            OpenError: for another export, a changed byte.
        """
        missing = HEADER_BYTES - len(self._begun)
        self._begun += part[:missing]
        if not self._header.startswith(self._begun):
            raise OpenError
        return self._opener.add(part[missing:])

    def end(self) -> bytes:
        """Return the rest; only after this is the file whole.

        Raises:
            OpenError: it was cut or lengthened.
        """
        return self._opener.end()


def _opened(keks: Keks, key: WrappedKey, export_id: UUID) -> tuple[bytes, bytes, bytes]:
    if key.customer is None or key.kind is not Kind.EXPORT:
        raise OpenError
    header = _MAGIC + export_id.bytes
    return unwrap(keks, key), context.export(keks.deployment, key.customer, header), header
