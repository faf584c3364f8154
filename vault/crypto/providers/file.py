"""Keep the keys of epochs in a file: the default provider, `file:PATH`.

The file is not in the database's backup, and destroying a key rewrites it: copies of it, and what a
disk keeps of the blocks before, may survive. Its destruction is as good as the disk.
Source: docs/formats.md, 7.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from vault.core.errors import OpenError, ProviderDownError, RefusedError, UnwrapFailedError
from vault.core.ids import DeploymentId
from vault.crypto import context as contexts
from vault.crypto import sealed
from vault.crypto.providers import ring as rings
from vault.crypto.providers.private_file import PrivateFile
from vault.crypto.providers.provider import KeyRef, KeyState
from vault.crypto.providers.ring import EpochKey, Passphrase, Ring

NAME = "file"

_VERSION = "1"  # a key of a ring is never rotated under its reference
_EXISTS = "A key ring is there already. Nothing was changed."
_GONE = "The key of this epoch is destroyed."


class FileProvider:
    """A ring in a file; read anew for each call, so that other processes' changes are seen."""

    def __init__(
        self, path: Path, deployment: DeploymentId, *, passphrase: str | None = None
    ) -> None:
        """Name the ring; nothing is touched before the first call."""
        self._file = PrivateFile(path)
        self._deployment = deployment
        self._passphrase = None if passphrase is None else Passphrase(passphrase)

    @classmethod
    def make(cls, path: Path, deployment: DeploymentId, *, passphrase: str | None = None) -> Self:
        """Make an empty ring, and its folder when there is none; nothing else ever makes one.

        Raises:
            RefusedError: there is a ring already.
            UnwrapFailedError: the folder is not ours alone.
            ProviderDownError: it cannot be written.
        """
        provider = cls(path, deployment, passphrase=passphrase)

        def begin(content: bytes | None) -> bytes:
            if content is not None:
                raise RefusedError(_EXISTS)
            return rings.dumps(Ring(deployment), provider._passphrase)

        provider._file.change(begin, make_folder=True)
        return provider

    def probe(self) -> None:
        """Read the ring.

        Raises:
            UnwrapFailedError: it is not ours alone, damaged, or of another deployment.
            ProviderDownError: it cannot be read.
        """
        self._read()

    def create(self, epoch: int) -> KeyRef:
        """Make the key of an epoch; asked again, after a crash perhaps, return the one there is.

        Raises:
            UnwrapFailedError: the epoch's key is destroyed already; or as `probe`.
            ProviderDownError: as `probe`.
        """
        if self._read().of_epoch(epoch) is None:
            # Asked again under the lock: of two processes the second takes the first one's key.
            self._change(lambda ring: ring if ring.of_epoch(epoch) else ring.with_key(epoch))
        key = self._read().of_epoch(epoch)
        if key is None or key.secret is None:
            raise UnwrapFailedError(_GONE)
        return KeyRef(NAME, key.ref, _VERSION)

    def wrap(self, ref: KeyRef, context: Mapping[str, str], key: bytes) -> bytes:
        """Return a blob that opens under the same context alone.

        Raises:
            UnwrapFailedError: the epoch's key is unknown or destroyed; or as `probe`.
            ProviderDownError: as `probe`.
        """
        return sealed.seal(self._secret(ref), contexts.kek(context), key)

    def unwrap(self, ref: KeyRef, context: Mapping[str, str], blob: bytes) -> bytes:
        """Return the key in a blob.

        Raises:
            UnwrapFailedError: another context or key, a changed blob; or as `wrap`.
            ProviderDownError: as `probe`.
        """
        try:
            return sealed.open_(self._secret(ref), contexts.kek(context), blob)
        except OpenError:
            raise UnwrapFailedError from None

    def state(self, ref: KeyRef) -> KeyState:
        """Ask for the state of a key.

        Raises:
            UnwrapFailedError: the ring never had it; or as `probe`.
            ProviderDownError: as `probe`.
        """
        return KeyState.DESTROYED if self._key(ref).secret is None else KeyState.ENABLED

    def destroy(self, ref: KeyRef) -> datetime:
        """Rewrite the ring without the key; final at once.

        Raises:
            UnwrapFailedError: the ring never had it; or as `probe`.
            ProviderDownError: as `probe`; the key is still there.
        """
        self._key(ref)
        return self._change(lambda ring: ring.without_secret(ref.ref))

    def _secret(self, ref: KeyRef) -> bytes:
        key = self._key(ref)
        if key.secret is None:
            raise UnwrapFailedError(_GONE)
        return key.secret

    def _key(self, ref: KeyRef) -> EpochKey:
        key = self._read().of_ref(ref.ref) if ref.provider == NAME else None
        if key is None:
            raise UnwrapFailedError
        return key

    def _read(self) -> Ring:
        return rings.loads(self._file.read(), self._deployment, self._passphrase)

    def _change(self, change: Callable[[Ring], Ring]) -> datetime:
        def rewrite(content: bytes | None) -> bytes:
            if content is None:  # gone since it was read; an empty one in its place would lose all
                raise ProviderDownError
            ring = rings.loads(content, self._deployment, self._passphrase)
            return rings.dumps(change(ring), self._passphrase)

        return self._file.change(rewrite)
