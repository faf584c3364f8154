"""Make and open the token of a one-click link in a letter: OU1, 192 characters.

    u8 key generation || sealed form of: u8 kind || customer[16] || what, zeros to 98 bytes

It tells nothing to whoever sees it, not even whether two are of one customer, and all are of one
length. It carries no end: a letter may be opened after years, and stopping only subtracts.
What the link does is decided by `vault/services/unsubscribe.py`.
Source: RFC 8058, 5 and 6; docs/formats.md, 13.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.core.ids import CustomerId
from vault.crypto import base64url, context
from vault.crypto.sealed import Box
from vault.crypto.service_key import ServiceKey, subkey

CHARACTERS = 192
MAX_WHAT = 98  # bytes; the longest name of a purpose
_PLAIN = 1 + 16 + MAX_WHAT


class Kind(IntEnum):
    """What a link stops."""

    PURPOSE = 1
    MAILS = 2


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    customer: CustomerId
    kind: Kind
    what: str  # a purpose, or a kind of optional letters


def seal_link(key: ServiceKey, link: Link) -> str:
    """Return the token of a link.

    Args:
        key: the service key "mail".
        link: what it stops.

    Raises:
        ValueError: a name that has no place in the format, or a generation beyond 255.
    """
    what = link.what.encode("ascii")
    if not 0 < len(what) <= MAX_WHAT or b"\0" in what:
        msg = "a name has 1 to 98 characters"
        raise ValueError(msg)
    plain = bytes((link.kind,)) + link.customer.bytes + what.ljust(MAX_WHAT, b"\0")
    head = bytes((key.generation,))
    return base64url.encode(head + _box(key).seal(context.unsubscribe(key.deployment), plain))


def open_link(keys: Callable[[int], ServiceKey], token: str) -> Link:
    """Return what a token says.

    Args:
        keys: gives the service key "mail" of a generation, or raises `NotReadyError`.
        token: the last part of the address.

    Raises:
        OpenError: a made-up or changed token, or one of a key that is gone.
    """
    if len(token) != CHARACTERS:
        raise OpenError
    try:
        sealed = base64url.decode(token)
        key = keys(sealed[0])
    except (FormatError, NotReadyError):
        raise OpenError from None
    plain = _box(key).open_(context.unsubscribe(key.deployment), sealed, 1)
    if len(plain) != _PLAIN or plain[0] not in set(Kind):
        raise OpenError
    what = plain[17:].rstrip(b"\0").decode("ascii")
    return Link(CustomerId(UUID(bytes=plain[1:17])), Kind(plain[0]), what)


def _box(key: ServiceKey) -> Box:
    return Box(subkey(key, b"ownship/unsubscribe-key/v1\0"))
