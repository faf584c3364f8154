"""Hold a key of the deployment: random, for one use, belonging to no customer.

Index, pairwise ids, row MACs, signing, tokens and sessions have one each, so that a leak of one
opens nothing of another. Which use a key has is bound when it is wrapped (`keys.py`).
Source: docs/formats.md, 1.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from vault.core.ids import DeploymentId
from vault.crypto.hkdf import expand

SECRET_BYTES = 32
DEPLOYMENT_BYTES = 16
MAX_GENERATION = 255  # generations are one byte where MACs and indexes carry them


# Compared and hashed by identity: a key is made once, and comparing secrets is no one's business.
@dataclass(frozen=True, slots=True, eq=False)
class ServiceKey:
    """A secret of 32 bytes, with what it is for."""

    use: str
    generation: int  # 1..255; stored in front of what the key makes, so that old rows stay readable
    secret: bytes = field(repr=False)
    deployment: DeploymentId

    def __post_init__(self) -> None:
        """Refuse what would make two contexts equal or a key weak."""
        if len(self.secret) != SECRET_BYTES or len(self.deployment) != DEPLOYMENT_BYTES:
            msg = "a service key has 32 bytes and a deployment id 16"
            raise ValueError(msg)
        if not 0 < self.generation <= MAX_GENERATION:
            msg = "a service key's generation is 1 to 255"
            raise ValueError(msg)


@lru_cache(maxsize=8192)
def subkey(key: ServiceKey, label: bytes, part: bytes = b"") -> bytes:
    """Return the key for one purpose: expand(secret, label || deployment || part).

    Kept in memory, as the service keys themselves are; sectors, fields and tables are few.

    Args:
        key: the service key.
        label: ASCII, ended by a zero byte.
        part: what free length may end the info: a sector, a table, a field.
    """
    return expand(key.secret, label + key.deployment + part)
