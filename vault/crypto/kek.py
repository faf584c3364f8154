"""Hold the key-encryption keys: 32 random bytes for an epoch of 30 days, kept in memory.

A KEK is wrapped by its epoch's own key inside the provider. When that one is destroyed, no backup
opens any more. This module knows neither the table of KEKs nor when an epoch ends.
Source: docs/formats.md, 1 and 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from vault.core.errors import OpenError, UnwrapFailedError
from vault.core.ids import DeploymentId
from vault.crypto.providers.provider import KeyProvider, KeyRef
from vault.crypto.random import random_bytes, uuid4
from vault.crypto.sealed import KEY_BYTES, Box
from vault.crypto.service_key import DEPLOYMENT_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class Kek:
    """A key-encryption key that is open."""

    kek_id: UUID
    epoch: int
    secret: bytes = field(repr=False)
    box: Box = field(init=False, repr=False)  # built once: a look must not pay for it

    def __post_init__(self) -> None:
        """Build the cipher."""
        object.__setattr__(self, "box", Box(self.secret))


class Keks:
    """The KEKs that a process may use: one for wrapping, all for unwrapping."""

    __slots__ = ("_by_id", "active", "deployment")

    def __init__(self, deployment: DeploymentId, active: Kek, others: Iterable[Kek] = ()) -> None:
        """Keep them; a destroyed KEK is left out by building this anew without it.

        Raises:
            ValueError: when the deployment id has not 16 bytes.
        """
        if len(deployment) != DEPLOYMENT_BYTES:
            msg = "a deployment id has 16 bytes"
            raise ValueError(msg)
        self.deployment = deployment
        self.active = active
        self._by_id = {kek.kek_id: kek for kek in (*others, active)}

    def get(self, kek_id: UUID) -> Kek:
        """Return the KEK with this id.

        Raises:
            OpenError: when the process does not hold it; it may be destroyed.
        """
        try:
            return self._by_id[kek_id]
        except KeyError:
            raise OpenError from None


def new_kek(
    provider: KeyProvider, ref: KeyRef, *, deployment: DeploymentId, epoch: int
) -> tuple[Kek, bytes]:
    """Make a KEK and return it with its blob, which the epoch key `ref` wraps.

    Raises:
        UnwrapFailedError: the provider refuses the epoch key.
        ProviderDownError: the provider does not answer.
    """
    kek = Kek(uuid4(), epoch, random_bytes(KEY_BYTES))
    return kek, provider.wrap(ref, _names(deployment, kek.kek_id), kek.secret)


def open_kek(
    provider: KeyProvider,
    ref: KeyRef,
    *,
    deployment: DeploymentId,
    kek_id: UUID,
    epoch: int,
    blob: bytes,
) -> Kek:
    """Return the KEK in a blob.

    Raises:
        UnwrapFailedError: another deployment, KEK or epoch key, or a changed blob.
        ProviderDownError: the provider does not answer.
    """
    secret = provider.unwrap(ref, _names(deployment, kek_id), blob)
    if len(secret) != KEY_BYTES:
        raise UnwrapFailedError
    return Kek(kek_id, epoch, secret)


def _names(deployment: DeploymentId, kek_id: UUID) -> dict[str, str]:
    return {"deployment": deployment.hex(), "kek": str(kek_id), "use": "kek"}
