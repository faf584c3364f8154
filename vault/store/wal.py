"""Empty SQLite's write-ahead log, so that what was deleted is in no file any more.

`secure_delete` zeroes pages, but their old copies stay in the log until a checkpoint that truncates
it. On PostgreSQL there is nothing to do here: its log and its copies end with the key's epoch.
Source: crypto note, 10.
"""

from typing import Final

from vault.core.errors import BusyError
from vault.store.engine import Database

_CHECKPOINT: Final = "PRAGMA wal_checkpoint(TRUNCATE)"


async def truncate(database: Database) -> bool:
    """Write the log back into the file and cut it; False while some reader still needs it.

    Raises:
        BusyError: the queue of writers does not move.
    """
    if database.dialect != "sqlite":
        return True
    async with database.writing() as conn:
        # The driver's own connection: a checkpoint cannot run inside of a transaction.
        driver = (await conn.get_raw_connection()).driver_connection
        if driver is None:
            raise BusyError
        cursor = await driver.execute(_CHECKPOINT)
        (busy, *_) = await cursor.fetchone()
        await cursor.close()
    return not busy
