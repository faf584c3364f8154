"""Seal what two parties may each be shown: C2SP chunked-encryption with AES-256-GCM and SHA-512.

    info = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" || 0x00 || salt[24] || context
    K[32] || base nonce[12] || commitment[32] = HKDF-Expand(SHA-512, key, info, 76)
    sealed = salt[24] || commitment[32] || chunk 0 || chunk 1 || …

The commitment fixes key, salt and context, so that one ciphertext has one meaning: the customer and
compliance staff cannot be shown two records for one log entry, and a passphrase cannot be searched
many guesses at a time. A chunk is 16,384 bytes, the last one shorter and perhaps empty, which is
how an end is known to be the end.
Source: c2sp.org/chunked-encryption, v1; ePrint 2019/016 and 2020/1491; docs/formats.md, 5.
"""

import hmac
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.core.errors import OpenError
from vault.crypto.hkdf import Keyed
from vault.crypto.random import Chances, random_bytes

__all__ = [
    "HEAD_BYTES",
    "OpenError",
    "Opener",
    "Sealer",
    "open_",
    "open_stream",
    "seal",
    "seal_stream",
]

KEY_BYTES = 32
SALT_BYTES = 24
HEAD_BYTES = 56  # salt and commitment
CHUNK = 16_384  # bytes of text
TAG_BYTES = 16
SEALED_CHUNK = CHUNK + TAG_BYTES

_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


class _Chunks:
    """The cipher of one message: chunk i under K, its nonce the base nonce XOR i, no AAD."""

    __slots__ = ("_base", "_cipher", "commitment")

    def __init__(self, key: bytes, salt: bytes, context: bytes) -> None:
        okm = Keyed(key, "sha512").expand(_LABEL + salt + context, 76)
        self._cipher = AESGCM(okm[:32])
        self._base = int.from_bytes(okm[32:44])
        self.commitment = okm[44:]

    def seal(self, number: int, text: bytes) -> bytes:
        return self._cipher.encrypt((self._base ^ number).to_bytes(12), text, None)

    def open_(self, number: int, chunk: bytes) -> bytes:
        try:
            return self._cipher.decrypt((self._base ^ number).to_bytes(12), chunk, None)
        except InvalidTag:
            raise OpenError from None


def seal(key: bytes, context: bytes, plaintext: bytes, *, chances: Chances | None = None) -> bytes:
    """Seal one text; n bytes become 56 + n + 16 (n // 16384 + 1).

    Args:
        key: 32 bytes.
        context: where the ciphertext belongs.
        plaintext: of any length.
        chances: where the salt is drawn from, for one of many texts; a salt is never given.

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    _check_key(key)
    salt = chances.take(SALT_BYTES) if chances else random_bytes(SALT_BYTES)
    chunks = _Chunks(key, salt, context)
    if len(plaintext) < CHUNK:  # as nearly always: one chunk, the short end
        return b"".join((salt, chunks.commitment, chunks.seal(0, plaintext)))
    places = range(0, len(plaintext) + 1, CHUNK)  # one more chunk behind a whole one: the short end
    sealed = [chunks.seal(n, plaintext[place : place + CHUNK]) for n, place in enumerate(places)]
    return b"".join((salt, chunks.commitment, *sealed))


def open_(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Open one text, all or nothing.

    Raises:
        OpenError: for another key or context, a changed, cut or lengthened ciphertext.
    """
    body = len(sealed) - HEAD_BYTES
    if len(key) != KEY_BYTES or body < TAG_BYTES or body % SEALED_CHUNK < TAG_BYTES:
        raise OpenError
    chunks = _open_head(key, context, sealed[:HEAD_BYTES])
    places = range(HEAD_BYTES, len(sealed), SEALED_CHUNK)
    return b"".join(
        [chunks.open_(n, sealed[place : place + SEALED_CHUNK]) for n, place in enumerate(places)]
    )


class Sealer:
    """Seal a text that is pushed in parts of any size, in bounded memory.

    The sealed form is `head`, then what each `add` returns, then what `end` does.
    """

    __slots__ = ("_chunks", "_number", "_pending", "head")

    def __init__(self, key: bytes, context: bytes) -> None:
        """Draw a salt; a `ValueError` when the key is not 32 bytes."""
        _check_key(key)
        salt = random_bytes(SALT_BYTES)
        self._chunks = _Chunks(key, salt, context)
        self._number = 0
        self._pending = bytearray()
        self.head = salt + self._chunks.commitment

    def add(self, part: bytes) -> bytes:
        """Return the chunks that are whole by now."""
        self._pending += part
        sealed = []
        while len(self._pending) >= CHUNK:
            sealed.append(self._chunks.seal(self._number, bytes(self._pending[:CHUNK])))
            del self._pending[:CHUNK]
            self._number += 1
        return b"".join(sealed)

    def end(self) -> bytes:
        """Return the short last chunk; nothing may be added behind it."""
        return self._chunks.seal(self._number, bytes(self._pending))


class Opener:
    """Open a text whose sealed form is pushed in parts of any size, in bounded memory.

    Precondition: the caller trusts nothing of it before `end` returned, for a cut file gives its
    whole chunks first.
    """

    __slots__ = ("_chunks", "_context", "_key", "_number", "_pending")

    def __init__(self, key: bytes, context: bytes) -> None:
        """Keep the key; an `OpenError` when it is not 32 bytes."""
        if len(key) != KEY_BYTES:
            raise OpenError
        self._key, self._context = key, context
        self._chunks: _Chunks | None = None
        self._number = 0
        self._pending = bytearray()

    def add(self, part: bytes) -> bytes:
        """Return what the chunks that are whole by now hold.

        Raises:
            OpenError: as `open_` does.
        """
        self._pending += part
        if self._chunks is None:
            if len(self._pending) < HEAD_BYTES:
                return b""
            self._chunks = _open_head(self._key, self._context, bytes(self._pending[:HEAD_BYTES]))
            del self._pending[:HEAD_BYTES]
        opened = []
        while len(self._pending) >= SEALED_CHUNK:
            opened.append(self._chunks.open_(self._number, bytes(self._pending[:SEALED_CHUNK])))
            del self._pending[:SEALED_CHUNK]
            self._number += 1
        return b"".join(opened)

    def end(self) -> bytes:
        """Return what the short last chunk holds; only after this is the text whole.

        Raises:
            OpenError: there is no such chunk, or it does not open.
        """
        if self._chunks is None or len(self._pending) < TAG_BYTES:
            raise OpenError
        return self._chunks.open_(self._number, bytes(self._pending))


def seal_stream(key: bytes, context: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Seal a text that comes in parts of any size, in bounded memory.

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    # Made here and not at the first part: a generator would put the refusal off.
    return _seal_parts(Sealer(key, context), parts)


def open_stream(key: bytes, context: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Open a text that comes in parts of any size, in bounded memory.

    Precondition: the caller trusts nothing of it before the iterator ends without an error; it
    writes to a temporary name and renames, for a cut file gives its whole chunks first.

    Raises:
        OpenError: as `open_` does, while iterating.
    """
    opener = Opener(key, context)
    for slice_ in _slices(parts, SEALED_CHUNK):
        if opened := opener.add(slice_):
            yield opened
    yield opener.end()


def _seal_parts(sealer: Sealer, parts: Iterable[bytes]) -> Iterator[bytes]:
    yield sealer.head
    for slice_ in _slices(parts, CHUNK):
        if sealed := sealer.add(slice_):
            yield sealed
    yield sealer.end()


def _slices(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut parts, so that one large part does not come out as one large part."""
    for part in parts:
        yield from (part[place : place + size] for place in range(0, len(part), size))


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        msg = "a key has 32 bytes"
        raise ValueError(msg)


def _open_head(key: bytes, context: bytes, head: bytes) -> _Chunks:
    chunks = _Chunks(key, head[:SALT_BYTES], context)
    # Before any decryption: no byte is decrypted under a key that the message does not commit to.
    if not hmac.compare_digest(chunks.commitment, head[SALT_BYTES:]):
        raise OpenError
    return chunks
