"""Seal messages that wait in the outbox: OM1.

    0xF3 || suite 0x01 || u32 key generation || sealed form of the padded message

A message holds an address and perhaps a sign-in code, and belongs to no customer's key: it must
leave after an erasure, too.
Source: docs/formats.md, 4.
"""

import struct
from uuid import UUID

from vault.core.errors import OpenError
from vault.crypto import context
from vault.crypto.padding import pad, unpad
from vault.crypto.sealed import Box
from vault.crypto.service_key import ServiceKey, subkey

_FORMAT = b"\xf3\x01"  # message, suite 1: AES-256-GCM
_HEADER = struct.Struct(">2sI")
_HEADER_BYTES = 6


def seal_mail(key: ServiceKey, mail_id: UUID, *, template: str, message: bytes) -> bytes:
    """Seal a message.

    Args:
        key: the service key "mail".
        mail_id: the row's id.
        template: the row's template.
        message: address and what the template is filled with.
    """
    header = _HEADER.pack(_FORMAT, key.generation)
    where = context.mail(key.deployment, mail_id, header=header, template=template)
    return header + _box(key).seal(where, pad(message))


def open_mail(key: ServiceKey, mail_id: UUID, *, template: str, sealed: bytes) -> bytes:
    """Return the message.

    Raises:
        OpenError: for another row, template or generation, a changed byte.
    """
    header = _HEADER.pack(_FORMAT, key.generation)
    if sealed[:_HEADER_BYTES] != header:
        raise OpenError
    where = context.mail(key.deployment, mail_id, header=header, template=template)
    return unpad(_box(key).open_(where, sealed, _HEADER_BYTES))


def _box(key: ServiceKey) -> Box:
    return Box(subkey(key, b"ownship/mail-key/v1\0"))
