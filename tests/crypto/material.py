"""Keys and records to test with; the bytes are those of the vectors."""

from uuid import UUID

from vault.core.ids import CustomerId, DeploymentId, LogId
from vault.core.recorded import EntryId, Recorded
from vault.crypto.kek import Kek, Keks
from vault.crypto.service_key import ServiceKey

DEPLOYMENT = DeploymentId(bytes(range(0xA0, 0xB0)))
ELSEWHERE = DeploymentId(bytes(range(0xB0, 0xC0)))
CUSTOMER = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-6e7f80910213"))
SOMEONE_ELSE = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-6e7f80910214"))
KEK_ID = UUID("5c0f3f2e-9b1a-4c57-8a55-0e9a3d1b7c42")
KEK = Kek(KEK_ID, 1, bytes(range(0x20, 0x40)))
KEKS = Keks(DEPLOYMENT, KEK)


def service(use: str, *, generation: int = 1, deployment: DeploymentId = DEPLOYMENT) -> ServiceKey:
    """Return a service key with the secret of the vectors."""
    return ServiceKey(use, generation, bytes(range(32)), deployment)


def recorded(*allowed: str, customer: CustomerId = CUSTOMER) -> Recorded:
    """Return the proof of a record that allows these fields."""
    return Recorded(EntryId(LogId(0), bytes(16), 1, 0), customer, frozenset(allowed), "receipt")
