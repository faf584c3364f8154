"""Give the signed notes of replays to whoever asks: they are for everybody."""

from typing import Final

from vault.services.deps import Deps
from vault.store import replay as store
from vault.store.replay import ReplayRow

MOST: Final = 100  # of a list: a quarter of a year


async def newest(deps: Deps) -> list[ReplayRow]:
    """Return the replays of the log that entries go to, the newest first."""
    async with deps.database.connect() as conn:
        return await store.signed(conn, deps.log_id, limit=MOST)


async def text(deps: Deps, size: int) -> str | None:
    """Return the note of a replay up to a size; None where there is none."""
    async with deps.database.connect() as conn:
        row = await store.load(conn, deps.log_id, size)
    return row.text if row else None
