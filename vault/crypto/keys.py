"""Make, wrap and unwrap the random keys of customers and of the deployment: OW1, 78 bytes.

    0xF2 || suite 0x01 || kek_id[16] || nonce[12] || ciphertext[32] || tag[16]

Customers' keys are random: a key that can be derived again cannot be erased. No plain key is kept:
the wrapped one comes with the values and is unwrapped each time, so that erasure takes effect on
every replica with its commit.
Source: docs/formats.md, 6.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

from vault.core.errors import OpenError
from vault.crypto import context
from vault.crypto.kek import Kek, Keks
from vault.crypto.random import random_bytes, uuid4
from vault.crypto.sealed import KEY_BYTES
from vault.crypto.service_key import ServiceKey

OW1_BYTES = 78

_FORMAT = b"\xf2\x01"  # wrapped key, suite 1: AES-256-GCM
_HEADER = 18  # format and KEK id
_MAX_U32 = 2**32 - 1


class Kind(IntEnum):
    """What a wrapped key is for; the number stands in the store, the name in the context."""

    PROFILE = 1  # values, interactions, answers
    AUDIT = 2  # tags and payloads of log entries, receipts
    RETAINED = 3  # only what the law makes us keep after erasure
    EXPORT = 4  # one file, at most 7 days
    SERVICE = 5  # a key of the deployment


# Not frozen: a look makes two of them, and a frozen one takes three times as long to make.
@dataclass(slots=True, unsafe_hash=True)
class WrappedKey:
    """A key as the store holds it. Its id is random, and the log names it at erasure."""

    customer: UUID | None  # None for a service key
    kind: Kind
    generation: int  # 1 and up
    key_id: UUID
    kek_id: UUID  # repeats what the blob says, so that "rows behind" is one query
    blob: bytes = field(repr=False)
    use: str = ""  # of a service key: "index", "row-mac", …


def new_key(keks: Keks, customer: UUID, kind: Kind, generation: int = 1) -> WrappedKey:
    """Make a customer's key, wrapped by the active KEK.

    Raises:
        ValueError: for a service key, or a generation that is no u32 above 0.
    """
    if kind is Kind.SERVICE:
        msg = "a service key belongs to no customer"
        raise ValueError(msg)
    return _wrap(keks, random_bytes(KEY_BYTES), customer, kind, generation, uuid4(), "")


def unwrap(keks: Keks, key: WrappedKey) -> bytes:
    """Return the 32 bytes of a key.

    Raises:
        OpenError: for a destroyed KEK, another customer, kind, use or generation, a changed blob.
    """
    blob = key.blob
    header = blob[:_HEADER]
    if len(blob) != OW1_BYTES or header != _FORMAT + key.kek_id.bytes or key.generation < 1:
        raise OpenError
    kek = keks.get(key.kek_id)
    return kek.box.open_(_context(keks, header, key), blob, _HEADER)


def rewrap(keks: Keks, key: WrappedKey) -> WrappedKey:
    """Return the same key, wrapped by the active KEK.

    Raises:
        OpenError: as `unwrap` does.
    """
    secret = unwrap(keks, key)
    return _wrap(keks, secret, key.customer, key.kind, key.generation, key.key_id, key.use)


def new_service_key(keks: Keks, use: str, *, generation: int = 1) -> WrappedKey:
    """Make a key of the deployment for one use, wrapped by the active KEK."""
    return wrap_service(keks, use, secret=random_bytes(KEY_BYTES), generation=generation)


def wrap_service(keks: Keks, use: str, *, secret: bytes, generation: int = 1) -> WrappedKey:
    """Wrap a secret that is not random to us, such as an imported signing key.

    Raises:
        ValueError: for a secret that is not 32 bytes, an empty use, a generation out of 1..255.
    """
    ServiceKey(use, generation, secret, keks.deployment)  # its own checks
    if not use:
        msg = "a service key has a use"
        raise ValueError(msg)
    return _wrap(keks, secret, None, Kind.SERVICE, generation, uuid4(), use)


def unwrap_service(keks: Keks, key: WrappedKey) -> ServiceKey:
    """Return a key of the deployment, ready for use.

    Raises:
        OpenError: as `unwrap` does, and for a customer's key.
    """
    if key.kind is not Kind.SERVICE:
        raise OpenError
    return ServiceKey(key.use, key.generation, unwrap(keks, key), keks.deployment)


def _wrap(
    keks: Keks,
    secret: bytes,
    customer: UUID | None,
    kind: Kind,
    generation: int,
    key_id: UUID,
    use: str,
) -> WrappedKey:
    if not 0 < generation <= _MAX_U32:
        msg = "generations begin at 1 and end with a u32"
        raise ValueError(msg)
    kek: Kek = keks.active
    header = _FORMAT + kek.kek_id.bytes
    plain = WrappedKey(customer, kind, generation, key_id, kek.kek_id, b"", use)
    blob = header + kek.box.seal(_context(keks, header, plain), secret)
    return WrappedKey(customer, kind, generation, key_id, kek.kek_id, blob, use)


def _context(keks: Keks, header: bytes, key: WrappedKey) -> bytes:
    name = f"service/{key.use}" if key.kind is Kind.SERVICE else _NAMES[key.kind]
    return context.key(keks.deployment, header, key.customer, key.generation, name)


_NAMES = {kind: kind.name.lower() for kind in Kind}
