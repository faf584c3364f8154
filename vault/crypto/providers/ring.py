"""Write a key ring as bytes and read it back: one key for each epoch, destroyed ones without.

    {"deployment": hex, "keys": [{"epoch", "key": base64url or null, "ref": hex}, …], "v": 1}

Under a passphrase that text is in the committing format, since under keys that can be guessed plain
GCM lets one ciphertext test many guesses:

    {"kdf": "scrypt-17-8-1", "salt": hex, "sealed": base64url, "v": 1}

A ring under a passphrase is never taken without, nor the other way round: a ring that someone put
in its place does not pass.
Source: RFC 7914; ePrint 2020/1491; docs/formats.md, 7.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, field, replace

from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError, OpenError, UnwrapFailedError
from vault.core.ids import DeploymentId
from vault.crypto import base64url, committed, context
from vault.crypto.random import random_bytes
from vault.crypto.sealed import KEY_BYTES

SALT_BYTES = 16
REF_BYTES = 16

_KDF = "scrypt-17-8-1"  # N = 2^17, r = 8, p = 1: 128 MiB and half a second
_MEMORY = 2**28  # bytes that scrypt may take
_BAD_RING = "The key ring is damaged. Restore it from its backup."
_OTHER = "The key ring belongs to another deployment. Check OWNSHIP_KEYS."
_PASSPHRASE = "The key ring does not open with this passphrase, or needs one, or needs none."  # noqa: S105


@dataclass(frozen=True, slots=True)
class EpochKey:
    """The key of one epoch."""

    epoch: int
    ref: str
    secret: bytes | None = field(repr=False)  # None once destroyed


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys of a deployment, the oldest first."""

    deployment: DeploymentId
    keys: tuple[EpochKey, ...] = ()

    def of_epoch(self, epoch: int) -> EpochKey | None:
        """Return the key of an epoch, destroyed or not; None when there was none."""
        return next((key for key in self.keys if key.epoch == epoch), None)

    def of_ref(self, ref: str) -> EpochKey | None:
        """Return the key with this reference, destroyed or not; None when there was none."""
        return next((key for key in self.keys if key.ref == ref), None)

    def with_key(self, epoch: int) -> "Ring":
        """Return the ring with a fresh key for an epoch that has none."""
        key = EpochKey(epoch, random_bytes(REF_BYTES).hex(), random_bytes(KEY_BYTES))
        return replace(self, keys=(*self.keys, key))

    def without_secret(self, ref: str) -> "Ring":
        """Return the ring with one key destroyed; that it was there stays known."""
        keys = (replace(key, secret=None) if key.ref == ref else key for key in self.keys)
        return replace(self, keys=tuple(keys))


class Passphrase:
    """A passphrase, and the key it last gave: deriving takes half a second."""

    def __init__(self, text: str) -> None:
        """Keep it in one Unicode form, however it was typed.

        Raises:
            ValueError: when it is empty.
        """
        if not text:
            msg = "a passphrase is not empty"
            raise ValueError(msg)
        self._text = unicodedata.normalize("NFC", text).encode()
        self._last = (b"", b"")  # salt and key, replaced as one

    @property
    def salt(self) -> bytes:
        """The salt of the last key, else a fresh one.

        A rewritten ring keeps its salt, which saves half a second: the committing form draws a salt
        of its own each time, so the same key is safe.
        """
        return self._last[0] or random_bytes(SALT_BYTES)

    def key(self, salt: bytes) -> bytes:
        """Return 32 bytes."""
        last = self._last
        if last[0] != salt:
            derived = hashlib.scrypt(
                self._text, salt=salt, n=2**17, r=8, p=1, maxmem=_MEMORY, dklen=KEY_BYTES
            )
            self._last = last = (salt, derived)
        return last[1]


def dumps(ring: Ring, passphrase: Passphrase | None) -> bytes:
    """Return the bytes of a ring."""
    keys = [
        {
            "epoch": key.epoch,
            "key": None if key.secret is None else base64url.encode(key.secret),
            "ref": key.ref,
        }
        for key in ring.keys
    ]
    text = canonical.dumps({"v": 1, "deployment": ring.deployment.hex(), "keys": keys})
    if passphrase is None:
        return text
    salt = passphrase.salt
    sealed = committed.seal(passphrase.key(salt), context.ring(ring.deployment), text)
    return canonical.dumps(
        {"v": 1, "kdf": _KDF, "salt": salt.hex(), "sealed": base64url.encode(sealed)}
    )


def loads(data: bytes, deployment: DeploymentId, passphrase: Passphrase | None) -> Ring:
    """Read the bytes of a ring.

    Raises:
        UnwrapFailedError: damaged, of another deployment, or not under this passphrase.
    """
    try:
        document = canonical.loads(data)
        if not isinstance(document, dict):
            raise FormatError
        if ("sealed" in document) is (passphrase is None):
            raise UnwrapFailedError(_PASSPHRASE)
        if passphrase is not None:
            document = canonical.loads(_open(document, deployment, passphrase))
        ring = _read(document)
    except (CanonicalError, FormatError, ValueError, KeyError, TypeError):
        raise UnwrapFailedError(_BAD_RING) from None
    if ring.deployment != deployment:
        raise UnwrapFailedError(_OTHER)
    return ring


def _open(document: dict[str, str], deployment: DeploymentId, passphrase: Passphrase) -> bytes:
    # The cost is fixed: a ring that names its own could be made cheap to guess, or endless.
    if document.keys() != {"v", "kdf", "salt", "sealed"} or document["kdf"] != _KDF:
        raise FormatError
    key = passphrase.key(bytes.fromhex(document["salt"]))
    try:
        return committed.open_(key, context.ring(deployment), base64url.decode(document["sealed"]))
    except OpenError:
        raise UnwrapFailedError(_PASSPHRASE) from None


def _read(document: object) -> Ring:
    if not isinstance(document, dict) or document.keys() != {"v", "deployment", "keys"}:
        raise FormatError
    keys = tuple(_read_key(item) for item in document["keys"])
    epochs, refs = {key.epoch for key in keys}, {key.ref for key in keys}
    if document["v"] != 1 or not len(keys) == len(epochs) == len(refs):
        raise FormatError
    return Ring(DeploymentId(bytes.fromhex(document["deployment"])), keys)


def _read_key(item: dict[str, object]) -> EpochKey:
    epoch, ref, key = item["epoch"], item["ref"], item["key"]
    if item.keys() != {"epoch", "ref", "key"} or type(epoch) is not int:
        raise FormatError
    if not isinstance(ref, str) or not isinstance(key, str | None):
        raise FormatError
    secret = None if key is None else base64url.decode(key)
    if secret is not None and len(secret) != KEY_BYTES:
        raise FormatError
    return EpochKey(epoch, ref, secret)
