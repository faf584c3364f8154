"""Seal what only the vault opens: AES-256-GCM.

    sealed = nonce[12] || ciphertext[n] || tag[16]      authenticated with it: the context

The nonce is twelve random bytes, made here and never given: no counter, time or id that a restored
snapshot could repeat. Random nonces allow 2^32 messages under one key; a customer's key never comes
near, and a KEK is replaced long before.

GCM does not commit to its key: whoever chooses two keys can make one ciphertext that opens to two
texts. What two parties may each be shown, and anything under a passphrase, is for `committed.py`.
Source: NIST SP 800-38D; docs/formats.md, 4.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.core.errors import OpenError
from vault.crypto.random import random_bytes

__all__ = ["KEY_BYTES", "NONCE_BYTES", "OVERHEAD", "Box", "OpenError", "open_", "seal"]

KEY_BYTES = 32
NONCE_BYTES = 12
OVERHEAD = 28  # bytes that a sealed text is longer: nonce and tag


class Box:
    """A key made ready: building the cipher costs as much as using it once."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        """Prepare the cipher.

        Raises:
            ValueError: when the key is not 32 bytes.
        """
        if len(key) != KEY_BYTES:
            msg = "a key has 32 bytes"
            raise ValueError(msg)
        self._cipher = AESGCM(key)

    def seal(self, context: bytes, plaintext: bytes) -> bytes:
        """Return nonce, ciphertext and tag."""
        nonce = random_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, context)

    def seal_each(self, contexts: Sequence[bytes], plaintexts: Sequence[bytes]) -> list[bytes]:
        """Seal several texts as `seal` does one; the generator of nonces is asked once."""
        nonces = random_bytes(NONCE_BYTES * len(plaintexts))
        sealed = []
        for number, text in enumerate(plaintexts):
            nonce = nonces[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
            sealed.append(nonce + self._cipher.encrypt(nonce, text, contexts[number]))
        return sealed

    def open_(self, context: bytes, sealed: bytes, start: int = 0) -> bytes:
        """Return the plaintext.

        Args:
            context: what `seal` was given.
            sealed: nonce, ciphertext and tag.
            start: place of the nonce, behind the header of a format.

        Raises:
            OpenError: for another key or context, a changed or a cut ciphertext.
        """
        text = start + NONCE_BYTES
        if len(sealed) < start + OVERHEAD:
            raise OpenError
        try:
            return self._cipher.decrypt(sealed[start:text], sealed[text:], context)
        except InvalidTag:
            raise OpenError from None

    def open_each(
        self, contexts: Sequence[bytes], sealed: Sequence[bytes], start: int = 0
    ) -> list[bytes]:
        """Open several texts as `open_` does one; one that does not open refuses all.

        Raises:
            OpenError: as `open_`.
        """
        decrypt, text, least = self._cipher.decrypt, start + NONCE_BYTES, start + OVERHEAD
        opened = []
        try:
            for context, one in zip(contexts, sealed, strict=True):
                if len(one) < least:
                    raise OpenError
                opened.append(decrypt(one[start:text], one[text:], context))
        except InvalidTag:
            raise OpenError from None
        return opened


def seal(key: bytes, context: bytes, plaintext: bytes) -> bytes:
    """Seal one text.

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    return Box(key).seal(context, plaintext)


def open_(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Open one text.

    Raises:
        OpenError: for a key of any other length, another key or context, a changed ciphertext.
    """
    if len(key) != KEY_BYTES:
        raise OpenError
    return Box(key).open_(context, sealed)
