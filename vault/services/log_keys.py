"""List the public keys of the access log: its own, and the one of entry receipts.

They are read from the store, where they stay when the private half is gone: old signatures must
be checkable for ever.
"""

from dataclasses import dataclass
from datetime import datetime

from vault.core import entry_receipt
from vault.crypto.signing import verifier_key
from vault.services.deps import Deps
from vault.store import service_key


@dataclass(frozen=True, slots=True)
class LogKey:
    """One public key."""

    use: str
    verifier_key: str
    made_at: datetime
    retired_at: datetime | None


async def published(deps: Deps) -> list[LogKey]:
    """Return the keys of every generation."""
    names = {
        "log": deps.origin,
        "entry-receipts": entry_receipt.key_name(deps.origin),
        "replay": f"{deps.origin}/replay",
    }
    async with deps.database.connect() as conn:
        rows = await service_key.load_all(conn)
    return [
        LogKey(row.use, verifier_key(names[row.use], row.public), row.made_at, row.retired_at)
        for row in rows
        if row.use in names and row.public is not None
    ]
