"""Seal the bytes of an attached file, and open them against the record of a decision: OA1.

    0xF5 || suite 0x01 || u32 key generation || sealed form of pad(bytes)

Under the customer's profile key, at a place that names the kind of its contact event, so that it
opens only for whom the event does. Its name and type stand sealed beside it, as a field value.
Source: docs/formats.md, 24.
"""

import struct
from uuid import UUID

from vault.core.attachment import MAX_BYTES
from vault.core.errors import OpenError, TooLargeError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.crypto import context
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.padding import pad, unpad
from vault.crypto.sealed import Box

_FORMAT = b"\xf5\x01"  # attached file, suite 1: AES-256-GCM
_HEADER = struct.Struct(">2sI")  # format, u32 generation
_HEADER_BYTES = 6


def seal_attachment(
    keks: Keks, key: WrappedKey, attachment_id: UUID, *, field: str, data: bytes
) -> bytes:
    """Seal the bytes of a file.

    Args:
        keks: that open the customer's key.
        key: the customer's profile key.
        attachment_id: of the file, made for it alone.
        field: "interaction.kind" of its event.
        data: at most 1,000,000 bytes.

    Raises:
        TooLargeError: for more.
        OpenError: when the key does not open or is no customer's profile key.
    """
    if key.customer is None or key.kind is not Kind.PROFILE:
        raise OpenError
    if len(data) > MAX_BYTES:
        raise TooLargeError
    header = _HEADER.pack(_FORMAT, key.generation)
    where = context.attachment(
        keks.deployment, key.customer, attachment_id=attachment_id, header=header, field=field
    )
    return header + Box(unwrap(keks, key)).seal(where, pad(data))


def open_attachment(
    recorded: Recorded,
    keks: Keks,
    key: WrappedKey,
    attachment_id: UUID,
    *,
    field: str,
    sealed: bytes,
) -> bytes:
    """Return the bytes of a file.

    Raises:
        OpenError: for a customer or a kind that the record does not name, another file's bytes, a
            changed byte.
    """
    header = _HEADER.pack(_FORMAT, key.generation)
    if (
        key.customer != recorded.customer
        or key.kind is not Kind.PROFILE
        or field not in recorded.allowed
        or sealed[:_HEADER_BYTES] != header
    ):
        raise OpenError
    where = context.attachment(
        keks.deployment,
        CustomerId(recorded.customer),
        attachment_id=attachment_id,
        header=header,
        field=field,
    )
    return unpad(Box(unwrap(keks, key)).open_(where, sealed, _HEADER_BYTES))
