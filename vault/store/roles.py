"""Say what each database role may do: append-only by GRANT, not by trigger.

Three roles: the owner migrates, the app serves, the leader integrates the log and runs jobs. As
the app nothing that was recorded can be changed or deleted. It does not protect against the owner
or the superuser: that the log itself finds.
Source: DESIGN 6; docs/what-the-database-reveals.md.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from vault.store.engine import Conn
from vault.store.tables import TABLES

READ: Final = "SELECT"
APPEND: Final = "SELECT, INSERT"
DROP: Final = "SELECT, INSERT, DELETE"  # rows that end, and are never changed
ALL: Final = "SELECT, INSERT, UPDATE, DELETE"

_BOTH: Final = {
    "alembic_version": READ,
    "deployment": READ,
    "code": APPEND,
    "notice": APPEND,
    "once": DROP,
    "revoked": DROP,
    "disclosure": DROP,
    "import_ref": DROP,
    "erased": APPEND,
    "tombstone": "SELECT, INSERT, UPDATE",
    "log_replay": "SELECT, INSERT, UPDATE",
    "receipt": DROP,
    # A consent event is never rewritten: only its place in the present, under a new MAC.
    "consent": "SELECT, INSERT, DELETE, UPDATE (current, epoch, mac)",
}

APP: Final = _BOTH | {
    "kek": READ,
    "service_key": READ,
    "log_open": APPEND,
    "log_outbox": APPEND,
    "log_head": READ,
    "log_writer": READ,
    "log_leaf": READ,
    "log_tile": READ,
    "log_checkpoint": READ,
    "access_fact": READ,
    "customer_entry": "SELECT, DELETE",  # erasure forgets whose entry it was
}

LEADER: Final = _BOTH | {
    "kek": "SELECT, INSERT, UPDATE",
    "service_key": "SELECT, INSERT, UPDATE",
    # A lock asks for the right to change: a writer that somebody appends for is not closed.
    "log_open": "SELECT, INSERT, DELETE, UPDATE (log_id)",
    "log_outbox": DROP,
    "log_head": "SELECT, UPDATE",
    "log_writer": "SELECT, INSERT, UPDATE",
    "log_leaf": APPEND,
    "log_tile": APPEND,
    "log_checkpoint": "SELECT, INSERT, UPDATE (cosigned)",
    "access_fact": APPEND,
    "customer_entry": DROP,
}


async def grant_roles(conn: Conn, app_role: str, leader_role: str) -> None:
    """Give two existing roles exactly what they need; nothing on SQLite, which has no roles.

    Run it as the owner, in a transaction of its own, after each upgrade.

    Args:
        conn: the owner's connection.
        app_role: the role that serves.
        leader_role: the role that integrates; it may be the same one.
    """
    if conn.dialect.name != "postgresql":
        return
    schema = (await conn.execute(text("SELECT current_schema()"))).scalar_one()
    quote = conn.dialect.identifier_preparer.quote
    grants = {quote(app_role): (APP,)}
    grants[quote(leader_role)] = (*grants.get(quote(leader_role), ()), LEADER)
    for role, several in grants.items():
        await conn.execute(text(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {role}"))
        for table in ("alembic_version", *TABLES.tables):
            await conn.execute(text(f"REVOKE ALL ON {quote(table)} FROM PUBLIC, {role}"))
            for words in _words(several, table):
                await conn.execute(text(f"GRANT {words} ON {quote(table)} TO {role}"))


def _words(several: tuple[dict[str, str], ...], table: str) -> Iterator[str]:
    for grants in several:
        yield grants.get(table, ALL)
