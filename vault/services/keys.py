"""Hold the keys that the process may use: KEKs of living epochs, and the service keys.

They are unwrapped by the provider once and kept in memory; customers' keys never are. The ring is
read again every 30 seconds, so that an epoch destroyed elsewhere is dropped here too.
Source: crypto note, 2, 3, 9; docs/formats.md.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.core.errors import NotReadyError
from vault.core.ids import DeploymentId
from vault.crypto.kek import Kek, Keks, new_kek, open_kek
from vault.crypto.keys import Kind, WrappedKey, unwrap_service
from vault.crypto.providers.provider import KeyProvider, KeyRef
from vault.crypto.service_key import ServiceKey
from vault.store import kek as kek_store
from vault.store import service_key as service_key_store
from vault.store.engine import Conn
from vault.store.kek import KekRow
from vault.store.service_key import ServiceKeyRow

POLL_SECONDS = 30.0
# One key for each use, so that a leak or a rotation of one says nothing about another.
USES = (
    "index",
    "pairwise",
    "row-mac",
    "entry-receipts",
    "receipts",
    "tokens",
    "nonce",
    "sessions",
    "nobody-audit",
    "mail",
    "cursor",
    "log",
    "replay",
)


@dataclass(frozen=True, slots=True)
class _Ring:
    keks: Keks
    services: dict[tuple[str, int], ServiceKey]
    newest: dict[str, ServiceKey]
    generations: dict[str, list[ServiceKey]]  # the oldest first


class KeyRing:
    """The process's keys; `load` fills it and may be called again at any time."""

    def __init__(self, provider: KeyProvider, deployment: DeploymentId) -> None:
        """Keep the provider; nothing is unwrapped before `load`."""
        self._provider = provider
        self._deployment = deployment
        self._ring: _Ring | None = None

    async def load(self, conn: Conn) -> None:
        """Read and unwrap every living key.

        Raises:
            NotReadyError: there are no keys yet.
            UnwrapFailedError: the provider refuses one of them.
            ProviderDownError: the provider does not answer.
        """
        rows = [row for row in await kek_store.load_all(conn) if row.blob is not None]
        services = await service_key_store.load_all(conn)
        # A provider may block on a disk, a token or the network, so it gets a thread.
        self._ring = await asyncio.to_thread(self._open, rows, services)

    async def load_keks(self, conn: Conn) -> Keks:
        """Return the KEKs alone, for a vault whose service keys are not all there yet.

        Raises:
            NotReadyError, UnwrapFailedError, ProviderDownError: as `load`.
        """
        rows = [row for row in await kek_store.load_all(conn) if row.blob is not None]
        return await asyncio.to_thread(self._open_keks, rows)

    def _open_keks(self, rows: list[KekRow]) -> Keks:
        opened = {row.kek_id: self._open_kek(row) for row in rows}
        active = [row for row in rows if row.state == "active"]
        if not active:
            msg = "There is no active key. Run `ownship init`."
            raise NotReadyError(msg)
        newest = max(active, key=lambda row: row.epoch)
        return Keks(self._deployment, opened[newest.kek_id], opened.values())

    def _open(self, rows: list[KekRow], services: list[ServiceKeyRow]) -> _Ring:
        keks = self._open_keks(rows)
        found = {
            (row.use, row.generation): unwrap_service(keks, wrapped_service(row))
            for row in services
            if row.wrapped is not None
        }
        in_use = {row.use: found[row.use, row.generation] for row in services if row.wrapped}
        missing = [use for use in USES if use not in in_use]
        if missing:
            msg = f"The service key {missing[0]} is missing. Run `ownship migrate`."
            raise NotReadyError(msg)
        generations = {
            use: [found[name, number] for name, number in sorted(found) if name == use]
            for use in in_use
        }
        return _Ring(keks, found, in_use, generations)

    def _open_kek(self, row: KekRow) -> Kek:
        return open_kek(
            self._provider,
            KeyRef(row.provider, row.key_ref, row.key_version),
            deployment=self._deployment,
            kek_id=row.kek_id,
            epoch=row.epoch,
            blob=row.blob or b"",
        )

    @property
    def keks(self) -> Keks:
        """Return the KEKs.

        Raises:
            NotReadyError: before `load`.
        """
        return self._loaded.keks

    def service(self, use: str, generation: int | None = None) -> ServiceKey:
        """Return the newest key of a use, or one of its generations.

        Raises:
            NotReadyError: before `load`, or for a generation that is gone.
        """
        if generation is None:
            return self._loaded.newest[use]
        key = self._loaded.services.get((use, generation))
        if key is None:
            raise NotReadyError
        return key

    def generations(self, use: str) -> list[ServiceKey]:
        """Return every living generation of a use, the oldest first."""
        return self._loaded.generations.get(use, [])

    def make_kek(self, epoch: int) -> tuple[UUID, KeyRef, bytes]:
        """Make a KEK under the key of an epoch, which is made too; it may block.

        Returns:
            Its id, the epoch's key, and its blob.

        Raises:
            UnwrapFailedError: the epoch's key is destroyed already.
            ProviderDownError: the provider does not answer.
        """
        ref = self._provider.create(epoch)
        kek, blob = new_kek(self._provider, ref, deployment=self._deployment, epoch=epoch)
        return kek.kek_id, ref, blob

    def destroy(self, ref: KeyRef) -> datetime:
        """Destroy the key of an epoch and return when that is final; it may block.

        Raises:
            UnwrapFailedError: the provider never had it.
            ProviderDownError: it does not answer; the key is still there.
        """
        return self._provider.destroy(ref)

    def probe(self) -> None:
        """Ask the provider to answer; it may block.

        Raises:
            ProviderDownError: it does not.
        """
        self._provider.probe()

    @property
    def _loaded(self) -> _Ring:
        if self._ring is None:
            raise NotReadyError
        return self._ring


def wrapped_service(row: ServiceKeyRow) -> WrappedKey:
    """Return a service key's row as `crypto` takes it."""
    return WrappedKey(
        customer=None,
        kind=Kind.SERVICE,
        generation=row.generation,
        key_id=row.key_id,
        kek_id=row.kek_id,
        blob=row.wrapped or b"",
        use=row.use,
    )
