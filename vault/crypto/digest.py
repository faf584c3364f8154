"""Bring names and digests to a fixed width, as MACed rows and log entries hold them.

Ids of purposes and apps are public and few, so their hashes are kept. No value, no identifier of a
customer and no secret may be given to this module: a bare hash of those can be guessed.
Source: docs/formats.md, 10 and 14.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from vault.core import canonical
from vault.core.errors import FormatError

ZEROS16 = bytes(16)
ZEROS32 = bytes(32)


def name16(name: str | None) -> bytes:
    """Return SHA-256(name)[0:16] of a purpose's or app's id; zeros for None."""
    return ZEROS16 if name is None else _name16(name)


def names32(names: Iterable[str]) -> bytes:
    """Return SHA-256 of the canonical JSON of the names, sorted and each once."""
    return _names32(frozenset(names))


def hex32(text: str | None) -> bytes:
    """Return the 32 bytes of a digest in hex; zeros where there is none.

    Raises:
        FormatError: when it is not 64 lower-case hex digits.
    """
    if not text:
        return ZEROS32
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        raise FormatError from None
    # `fromhex` skips spaces and takes capitals: two texts for one digest, so compare.
    if digest.hex() != text or len(digest) != 32:
        raise FormatError
    return digest


@lru_cache(maxsize=4096)
def _name16(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


@lru_cache(maxsize=4096)
def _names32(names: frozenset[str]) -> bytes:
    return hashlib.sha256(canonical.dumps(sorted(names))).digest()
