"""List the public keys of the access log: of checkpoints, entry receipts and replay certificates.

They are read from the store, where they stay when the private half is gone: old signatures must
be checkable for ever. One key signs for all logs of a vault, in each under a name of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vault.crypto.signing import verifier_key
from vault.services.deps import Deps
from vault.store import logs, service_key

# use of a service key -> what follows the log's origin in the name that signs
_NAMES: Final = {"log": "", "entry-receipts": "/receipts", "replay": "/replay"}


@dataclass(frozen=True, slots=True)
class LogKey:
    """One public key, as it signs for one log."""

    use: str
    origin: str  # of the log
    verifier_key: str
    made_at: datetime
    retired_at: datetime | None


async def published(deps: Deps) -> list[LogKey]:
    """Return the keys of every generation for every log, the first log's first."""
    async with deps.database.connect() as conn:
        rows = await service_key.load_all(conn)
        origins = [deps.origin_of(one) for one in reversed(await logs.all_(conn))]
    return [
        LogKey(
            row.use,
            origin,
            verifier_key(origin + _NAMES[row.use], row.public),
            row.made_at,
            row.retired_at,
        )
        for origin in origins
        for row in rows
        if row.use in _NAMES and row.public is not None
    ]


async def publics(deps: Deps, use: str) -> list[bytes]:
    """Return the public keys of one use, the oldest first; the last one signs."""
    async with deps.database.connect() as conn:
        rows = await service_key.load_all(conn)
    return [row.public for row in rows if row.use == use and row.public is not None]
