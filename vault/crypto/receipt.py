"""Seal the consent receipts that the vault keeps for a customer: OR1.

    0xF4 || suite 0x01 || u32 key generation || committed form of the padded receipt

Under the audit key, as the log is, and in the committing form: the customer and compliance staff
may each be shown one. A receipt names fields and never holds a value.
Source: docs/formats.md, 5.
"""

import struct
from uuid import UUID

from vault.core.errors import OpenError
from vault.core.ids import DeploymentId
from vault.crypto import committed, context
from vault.crypto.hkdf import expand
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.padding import pad_payload, unpad_payload

_FORMAT = b"\xf4\x01"  # kept receipt, suite 1: committed
_HEADER = struct.Struct(">2sI")
_HEADER_BYTES = 6


def sealing_key(audit_key: bytes) -> bytes:
    """Return the key of all kept receipts of a customer, from the unwrapped audit key."""
    return expand(audit_key, b"ownship/receipt-seal/v1\0")


def seal_under(
    sealing: bytes,
    deployment: DeploymentId,
    customer: UUID,
    *,
    receipt_id: UUID,
    generation: int,
    receipt: bytes,
) -> bytes:
    """Seal the exact bytes of a receipt under a key from `sealing_key`."""
    header = _HEADER.pack(_FORMAT, generation)
    where = context.receipt(deployment, customer, receipt_id=receipt_id, header=header)
    return header + committed.seal(sealing, where, pad_payload(receipt))


def seal_receipt(keks: Keks, key: WrappedKey, receipt_id: UUID, receipt: bytes) -> bytes:
    """Seal the exact bytes of a receipt under the customer's audit key.

    Raises:
        OpenError: when the key does not open or is no customer's audit key.
    """
    customer, sealing = _opened(keks, key)
    return seal_under(
        sealing,
        keks.deployment,
        customer,
        receipt_id=receipt_id,
        generation=key.generation,
        receipt=receipt,
    )


def open_receipt(keks: Keks, key: WrappedKey, receipt_id: UUID, sealed: bytes) -> bytes:
    """Return the exact bytes of a receipt.

    Raises:
        OpenError: for another customer, receipt or generation, a changed byte.
    """
    header = _HEADER.pack(_FORMAT, key.generation)
    if sealed[:_HEADER_BYTES] != header:
        raise OpenError
    customer, sealing = _opened(keks, key)
    where = context.receipt(keks.deployment, customer, receipt_id=receipt_id, header=header)
    return unpad_payload(committed.open_(sealing, where, sealed[_HEADER_BYTES:]))


def _opened(keks: Keks, key: WrappedKey) -> tuple[UUID, bytes]:
    if key.customer is None or key.kind is not Kind.AUDIT:
        raise OpenError
    return key.customer, sealing_key(unwrap(keks, key))
