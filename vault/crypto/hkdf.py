"""Derive a key for one use from a key that is already uniform: HKDF-Expand alone.

Every key of ours is random or came out of this function, so HKDF-Extract would add nothing. What
may be derived from what is decided by the labels of the callers.
Source: RFC 5869, 2.3; RFC 2104; docs/formats.md, 1.
"""

from hashlib import sha256, sha512
from typing import Literal

Algorithm = Literal["sha256", "sha512"]

_HASHES = {"sha256": (sha256, 32, 64), "sha512": (sha512, 64, 128)}  # bytes of a digest, of a block
_MAX_BLOCKS = 255  # the block number is one byte
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Keyed:
    """HMAC under one key, for several messages: both blocks that the key makes are made once.

    It is two calls of the hash a message. `hmac.digest` looks its algorithm up and sets the key up
    each time, which takes as long again; a log entry has five MACs under three keys.
    """

    __slots__ = ("_hash", "_inner", "_outer", "_size")

    def __init__(self, key: bytes, algorithm: Algorithm = "sha256") -> None:
        """Prepare the key, of any length."""
        self._hash, self._size, block = _HASHES[algorithm]
        padded = (key if len(key) <= block else self._hash(key).digest()).ljust(block, b"\0")
        self._inner, self._outer = padded.translate(_INNER), padded.translate(_OUTER)

    def mac(self, message: bytes) -> bytes:
        """Return the HMAC of one message."""
        inner = self._hash(self._inner + message).digest()
        return self._hash(self._outer + inner).digest()

    def expand(self, info: bytes, length: int = 32) -> bytes:
        """Return `length` bytes that only who holds the key can compute; as the function does."""
        block = self.mac(info + b"\x01")
        if length == self._size:
            return block
        if not 0 < length <= _MAX_BLOCKS * self._size:
            msg = "HKDF gives 1 byte to 255 blocks"
            raise ValueError(msg)
        result = block
        for number in range(2, -(-length // self._size) + 1):
            block = self.mac(block + info + bytes((number,)))
            result += block
        return result[:length]


def expand(key: bytes, info: bytes, *, length: int = 32, algorithm: Algorithm = "sha256") -> bytes:
    """Return `length` bytes that only who holds the key can compute.

    Args:
        key: uniform bytes, at least as long as the hash is strong.
        info: what the derived key is for; a label ended by a zero byte comes first.
        length: bytes, at most 255 blocks of the hash.

    Raises:
        ValueError: when the length is out of range.
    """
    return Keyed(key, algorithm).expand(info, length)
