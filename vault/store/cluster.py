"""Say whether the database is one server or a cluster of many.

A statement that touches several families of tables is for one server alone; a cluster takes the
ordinary path, statement by statement.
Source: docs/scale.md.
"""

from sqlalchemy import text

from vault.store.engine import Conn

_IS_CLUSTER = text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")


async def is_cluster(conn: Conn) -> bool:
    """Say whether PostgreSQL lies on several nodes."""
    count: int = (await conn.execute(_IS_CLUSTER)).scalar_one()
    return count > 0
