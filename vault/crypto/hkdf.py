"""Derive a key for one use from a key that is already uniform: HKDF-Expand alone.

Every key of ours is random or came out of this function, so HKDF-Extract would add nothing. What
may be derived from what is decided by the labels of the callers.
Source: RFC 5869, 2.3; docs/formats.md, 1.
"""

import hmac
from typing import Literal

_SIZE = {"sha256": 32, "sha512": 64}  # bytes of one block
_MAX_BLOCKS = 255  # the block number is one byte


def expand(
    key: bytes,
    info: bytes,
    *,
    length: int = 32,
    algorithm: Literal["sha256", "sha512"] = "sha256",
) -> bytes:
    """Return `length` bytes that only who holds the key can compute.

    Args:
        key: uniform bytes, at least as long as the hash is strong.
        info: what the derived key is for; a label ended by a zero byte comes first.
        length: bytes, at most 255 blocks of the hash.

    Raises:
        ValueError: when the length is out of range.
    """
    # `hmac.digest` is one call into OpenSSL; an HMAC object would cost three times as much.
    block = hmac.digest(key, info + b"\x01", algorithm)
    size = _SIZE[algorithm]
    if length == size:
        return block
    if not 0 < length <= _MAX_BLOCKS * size:
        msg = "HKDF gives 1 byte to 255 blocks"
        raise ValueError(msg)
    result = block
    for number in range(2, -(-length // size) + 1):
        block = hmac.digest(key, block + info + bytes((number,)), algorithm)
        result += block
    return result[:length]
