"""Hide the length of what is sealed: bytes in, bytes of a few sizes out, and back.

    padded = u32 length || data || zeros

A value grows to 32, 64, 128, 256, 512 or 1,024 bytes, then to multiples of 1,024; the payload of a
log entry to multiples of 256. There is one padded form for each text: any other is refused.
Source: docs/formats.md, 2.
"""

from collections.abc import Iterable

from vault.core.errors import OpenError

PAYLOAD_STEP = 256  # bytes; outsiders read the size of an entry in these steps

_LENGTH = 4  # bytes of the length in front
_SMALLEST = 32
_STEP = 1024


def pad(data: bytes) -> bytes:
    """Return a value with its length in front and zeros behind."""
    return _pad(data, _value_size(_LENGTH + len(data)))


def unpad(padded: bytes) -> bytes:
    """Return the value.

    Raises:
        OpenError: when `pad` did not write this.
    """
    return unpad_each((padded,))[0]


def unpad_each(several: Iterable[bytes]) -> list[bytes]:
    """Return the values; one that `pad` did not write refuses all.

    Raises:
        OpenError: as `unpad`.
    """
    texts = []
    for padded in several:
        end = _LENGTH + int.from_bytes(padded[:_LENGTH])
        size = _SMALLEST if end <= _SMALLEST else _value_size(end)
        # Of that size it is long enough, too. It was authenticated before, so the comparison of
        # the rest need not take constant time.
        if len(padded) != size or padded.count(0, end) != size - end:
            raise OpenError
        texts.append(padded[_LENGTH:end])
    return texts


def pad_payload(data: bytes) -> bytes:
    """Return the payload of a log entry with its length in front and zeros behind."""
    return _pad(data, _payload_size(_LENGTH + len(data)))


def unpad_payload(padded: bytes) -> bytes:
    """Return the payload.

    Raises:
        OpenError: when `pad_payload` did not write this.
    """
    end = _LENGTH + int.from_bytes(padded[:_LENGTH])
    if len(padded) != _payload_size(end):
        raise OpenError
    return _unpad(padded, end)


def _value_size(needed: int) -> int:
    if needed <= _SMALLEST:
        return _SMALLEST
    if needed <= _STEP:
        return 1 << (needed - 1).bit_length()
    return -(-needed // _STEP) * _STEP


def _payload_size(needed: int) -> int:
    return -(-needed // PAYLOAD_STEP) * PAYLOAD_STEP


def _pad(data: bytes, size: int) -> bytes:
    return (len(data).to_bytes(_LENGTH) + data).ljust(size, b"\0")


def _unpad(padded: bytes, end: int) -> bytes:
    # The text was authenticated before, so this comparison need not take constant time.
    if padded[end:].strip(b"\0"):
        raise OpenError
    return padded[_LENGTH:end]
