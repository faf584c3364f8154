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
from vault.crypto.hkdf import expand
from vault.crypto.random import random_bytes

__all__ = ["HEAD_BYTES", "OpenError", "open_", "open_stream", "seal", "seal_stream"]

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
        okm = expand(key, _LABEL + salt + context, length=76, algorithm="sha512")
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


def seal(key: bytes, context: bytes, plaintext: bytes) -> bytes:
    """Seal one text; n bytes become 56 + n + 16 (n // 16384 + 1).

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    _check_key(key)
    salt = random_bytes(SALT_BYTES)
    chunks = _Chunks(key, salt, context)
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


def seal_stream(key: bytes, context: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Seal a text that comes in parts of any size, in bounded memory.

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    _check_key(key)  # here and not at the first part: a generator would put the refusal off
    return _seal_parts(key, context, parts)


def open_stream(key: bytes, context: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Open a text that comes in parts of any size, in bounded memory.

    Precondition: the caller trusts nothing of it before the iterator ends without an error; it
    writes to a temporary name and renames, for a cut file gives its whole chunks first.

    Raises:
        OpenError: as `open_` does, while iterating.
    """
    if len(key) != KEY_BYTES:
        raise OpenError
    pending = bytearray()
    source = iter(parts)
    for part in source:
        pending += part
        if len(pending) >= HEAD_BYTES:
            break
    if len(pending) < HEAD_BYTES:
        raise OpenError
    chunks = _open_head(key, context, bytes(pending[:HEAD_BYTES]))
    del pending[:HEAD_BYTES]
    number = 0
    for part in _and_what_waits(source):
        pending += part
        while len(pending) >= SEALED_CHUNK:
            yield chunks.open_(number, bytes(pending[:SEALED_CHUNK]))
            del pending[:SEALED_CHUNK]
            number += 1
    if len(pending) < TAG_BYTES:
        raise OpenError
    yield chunks.open_(number, bytes(pending))


def _seal_parts(key: bytes, context: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    salt = random_bytes(SALT_BYTES)
    chunks = _Chunks(key, salt, context)
    yield salt + chunks.commitment
    pending = bytearray()
    number = 0
    for part in parts:
        pending += part
        while len(pending) >= CHUNK:
            yield chunks.seal(number, bytes(pending[:CHUNK]))
            del pending[:CHUNK]
            number += 1
    yield chunks.seal(number, bytes(pending))


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


def _and_what_waits(source: Iterator[bytes]) -> Iterator[bytes]:
    """Run the loop once for what came with the head, then for the rest."""
    yield b""
    yield from source
