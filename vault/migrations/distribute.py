"""Place tables on the nodes of a cluster; on one machine this does nothing.

The plan is a pure function of the tables' families: reference tables, then the root of each
family and the tables that stand alone, then the members beside their root. Foreign keys come
after it. Placing a table twice is no error: what is placed already is passed over.
Source: docs/scale.md, migrations and distribute().
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Table, text

from vault.store.metadata import CUSTOMER, LOG, QUEUE, REFERENCE, WRITER, placed_by

ROOTS: Final = {CUSTOMER: "standing", WRITER: "log_open", LOG: "log_head", QUEUE: "job"}
VERSIONS: Final = "alembic_version"  # so that each node knows the schema's version


def plan(tables: Sequence[Table]) -> list[tuple[str, str]]:
    """Return (table, statement) in the order in which tables are placed."""
    everywhere = [table.name for table in tables if table.info["shard"] == REFERENCE]
    placed = [table for table in tables if table.info["shard"] != REFERENCE]
    # `standing` first: False sorts before True.
    firsts = sorted(
        (table for table in placed if _root(table) in {None, table.name}),
        key=lambda table: table.name != ROOTS[CUSTOMER],
    )
    members = [table for table in placed if _root(table) not in {None, table.name}]
    return [
        *((name, f"SELECT create_reference_table('{name}')") for name in (VERSIONS, *everywhere)),
        *((table.name, _place(table, "none")) for table in firsts),
        *((table.name, _place(table, str(_root(table)))) for table in members),
    ]


def distribute(connection: Connection, tables: Sequence[Table]) -> None:
    """Place tables that were just created, where there are nodes to place them on."""
    if connection.dialect.name != "postgresql" or not _is_cluster(connection):
        return
    placed = set(connection.execute(text("SELECT table_name::text FROM citus_tables")).scalars())
    for table, statement in plan(tables):
        if table not in placed:
            connection.execute(text(statement))


def _is_cluster(connection: Connection) -> bool:
    known = text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")
    return bool(connection.execute(known).scalar_one())


def _root(table: Table) -> str | None:
    return ROOTS.get(table.info["shard"])


def _place(table: Table, beside: str) -> str:
    column = placed_by(table)
    return (
        f"SELECT create_distributed_table('{table.name}', '{column}', colocate_with => '{beside}')"
    )
