"""Ask the machine for chance: the only place in the vault that does.

Nonces, salts, keys, ids, tokens and codes come from here. No function takes a seed: what is
unguessable in production is unguessable in a test. It does not know what its bytes are for.
Source: docs/formats.md, 1; RFC 9562, 5.4 and 5.7.
"""

import base64
import os
import secrets
import uuid
from uuid import UUID

TOKEN_BYTES = 32  # 256 bits: nothing that is looked up by its hash may be searched for

_MAX_MS = 2**48 - 1  # a UUIDv7 holds 48 bits of unix milliseconds
_RAND_B = 2**62 - 1
_LABELS = 256  # made at a time
_labels: list[str] = []


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the operating system's generator."""
    return os.urandom(count)


class Chances:
    """Random bytes for work that is done at once: the machine is asked one time for all of it.

    Each byte is given out once. Whoever makes one throws it away when that work is done and never
    keeps it over a wait: a machine that is put back to a snapshot would give the same bytes again,
    to other work.
    """

    __slots__ = ("_drawn", "_place")

    def __init__(self, count: int) -> None:
        """Draw as many bytes as the work is expected to need."""
        self._drawn, self._place = os.urandom(count), 0

    def take(self, count: int) -> bytes:
        """Return `count` bytes that nobody was given; they are drawn anew where too few are left."""
        start = self._place
        self._place = end = start + count
        return self._drawn[start:end] if end <= len(self._drawn) else os.urandom(count)


def uuid4() -> UUID:
    """Return an id that tells nothing, not even when it was made."""
    return uuid.uuid4()


def uuid7(now_ms: int) -> UUID:
    """Return an id that sorts by time.

    Args:
        now_ms: unix milliseconds, from the unit's clock.

    Raises:
        ValueError: for a time that has no place in 48 bits.
    """
    if not 0 <= now_ms <= _MAX_MS:
        msg = "a UUIDv7 holds unix milliseconds of 48 bits"
        raise ValueError(msg)
    return _uuid7(now_ms, int.from_bytes(os.urandom(10)))


def uuid7s(now_ms: int, count: int) -> list[UUID]:
    """Return several ids as `uuid7` makes one; the generator is asked once.

    Raises:
        ValueError: as `uuid7`.
    """
    if not 0 <= now_ms <= _MAX_MS:
        msg = "a UUIDv7 holds unix milliseconds of 48 bits"
        raise ValueError(msg)
    chances = os.urandom(10 * count)
    return [
        _uuid7(now_ms, int.from_bytes(chances[place : place + 10]))
        for place in range(0, len(chances), 10)
    ]


def _uuid7(now_ms: int, chance: int) -> UUID:
    # 48 bits of time, version 7, 12 bits of chance, variant 2, 62 bits of chance.
    return UUID(
        int=now_ms << 80 | 7 << 76 | (chance >> 68) << 64 | 2 << 62 | chance & _RAND_B,
    )


def token() -> str:
    """Return 256 bits as 43 characters that are safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def label() -> str:
    """Return 128 bits as 22 characters that are safe in a URL, to name a request by.

    Made many at a time, for to ask the machine costs more than all the rest. A process that was
    copied with its memory may say one twice: nothing may depend on it being secret, or the only one.
    """
    try:
        return _labels.pop()
    except IndexError:
        chances = os.urandom(16 * _LABELS)
        _labels.extend(
            base64.urlsafe_b64encode(chances[place : place + 16])[:22].decode()
            for place in range(0, len(chances), 16)
        )
        return _labels.pop()


os.register_at_fork(after_in_child=_labels.clear)


def digits(count: int) -> str:
    """Return `count` decimal digits, each equally likely, zeros in front included."""
    return f"{secrets.randbelow(10**count):0{count}d}"
