"""Say by when what an epoch's key wrapped is dead in every backup.

Source: crypto note, 10; `vault/core/key_epoch.py`.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from vault.core import key_epoch
from vault.core.key_epoch import Epoch, State
from vault.store import kek
from vault.store.engine import Conn


async def dead_by(conn: Conn, kek_ids: Collection[UUID], *, now: datetime) -> datetime:
    """Return the moment by which no backup made until now opens anything under these keys.

    What was wrapped before lies under an older epoch in older backups; older epochs end earlier.
    """
    rows = await kek.load_all(conn)
    wrapped = [Epoch(State(row.state), row.made_at) for row in rows if row.kek_id in kek_ids]
    return key_epoch.dead_by(wrapped, now=now)
