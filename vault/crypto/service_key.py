"""Hold a key of the deployment: random, for one use, belonging to no customer.

Index, pairwise ids, row MACs, signing, tokens and sessions have one each, so that a leak of one
opens nothing of another. Which use a key has is bound when it is wrapped (`keys.py`).
Source: docs/formats.md, 1.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Never

from vault.core.ids import DeploymentId
from vault.crypto.hkdf import expand

SECRET_BYTES = 32
DEPLOYMENT_BYTES = 16
MAX_GENERATION = 255  # generations are one byte where MACs and indexes carry them

_BLOCK = 64  # bytes of SHA-256
_INNER = bytes(one ^ 0x36 for one in range(256))  # RFC 2104: the key under either pad
_OUTER = bytes(one ^ 0x5C for one in range(256))


# Compared and hashed by identity: a key is made once, and comparing secrets is no one's business.
@dataclass(frozen=True, slots=True, eq=False)
class ServiceKey:
    """A secret of 32 bytes, with what it is for."""

    use: str
    generation: int  # 1..255; stored in front of what the key makes, so that old rows stay readable
    secret: bytes = field(repr=False)
    deployment: DeploymentId

    def __post_init__(self) -> None:
        """Refuse what would make two contexts equal or a key weak."""
        if len(self.secret) != SECRET_BYTES or len(self.deployment) != DEPLOYMENT_BYTES:
            msg = "a service key has 32 bytes and a deployment id 16"
            raise ValueError(msg)
        if not 0 < self.generation <= MAX_GENERATION:
            msg = "a service key's generation is 1 to 255"
            raise ValueError(msg)


@lru_cache(maxsize=8192)
def subkey(key: ServiceKey, label: bytes, part: bytes = b"") -> bytes:
    """Return the key for one purpose: expand(secret, label || deployment || part).

    Kept in memory, as the service keys themselves are; sectors, fields and tables are few.

    Args:
        key: the service key.
        label: ASCII, ended by a zero byte.
        part: what free length may end the info: a sector, a table, a field.
    """
    return expand(key.secret, label + key.deployment + part)


class Mac:
    """HMAC-SHA-256 under one subkey, its two states made ready: a MAC takes half of the time.

    A read checks a MAC for each value that it opens. The states are as secret as the key.
    Source: RFC 2104, 4.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """Hash the padded key.

        Raises:
            ValueError: when the key is not 32 bytes.
        """
        if len(key) != SECRET_BYTES:
            msg = "a subkey has 32 bytes"
            raise ValueError(msg)
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def of(self, message: bytes) -> bytes:
        """Return the 32 bytes of one message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def of_each(self, messages: Iterable[bytes]) -> list[bytes]:
        """Return what `of` returns for each message."""
        new_inner, new_outer = self._inner.copy, self._outer.copy
        made = []
        for message in messages:
            inner, outer = new_inner(), new_outer()
            inner.update(message)
            outer.update(inner.digest())
            made.append(outer.digest())
        return made

    def __reduce__(self) -> Never:
        """Refuse to be copied to a file or to another process."""
        msg = "a key is not pickled"
        raise TypeError(msg)
