"""Say what a key provider does: hold one key for each epoch, wrap KEKs with it, destroy it.

Calls may block: they run in a thread and never on the path of a read. A provider that refuses
raises `UnwrapFailedError`, which is final; one that does not answer raises `ProviderDownError`, and
the vault answers 503, never empty fields.
Source: docs/formats.md, 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class KeyState(StrEnum):
    """What a provider says of an epoch's key."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    PENDING = "pending"  # its destruction is decided and not yet final
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class KeyRef:
    """The name of an epoch's key; its version too, for a provider may rotate under one name."""

    provider: str
    ref: str
    version: str


class KeyProvider(Protocol):
    """A file ring, a PKCS#11 token or a key service."""

    def probe(self) -> None:
        """Answer, or raise: for the readiness check."""

    def create(self, epoch: int) -> KeyRef:
        """Make the key of an epoch; asked again, return the one that is there."""

    def wrap(self, ref: KeyRef, context: Mapping[str, str], key: bytes) -> bytes:
        """Return a blob that opens under the same context alone."""

    def unwrap(self, ref: KeyRef, context: Mapping[str, str], blob: bytes) -> bytes:
        """Return the key in a blob."""

    def state(self, ref: KeyRef) -> KeyState:
        """Ask for the state of a key."""

    def destroy(self, ref: KeyRef) -> datetime:
        """Destroy the key of an epoch and return when that is final, aware, UTC."""
