"""Create tables in the one order that also works where rows lie on many machines.

First the tables with their indexes, then their places, then the foreign keys, named, one
statement each. SQLite cannot add a foreign key later, so there they go into CREATE TABLE.
Source: docs/scale.md, migrations.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Table
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from vault.migrations.distribute import distribute

STANDS = {"stands": True}  # `info` of a table that an earlier step made, named for a foreign key


def create(connection: Connection, tables: MetaData) -> None:
    """Create every table of a snapshot but those that stand already."""
    made = [table for table in tables.sorted_tables if not table.info.get("stands")]
    if connection.dialect.name == "sqlite":
        tables.create_all(connection, tables=made, checkfirst=False)
        return
    for table in made:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))
    distribute(connection, made)
    for key in _foreign_keys(made):
        connection.execute(AddConstraint(key, isolate_from_table=False))


def _foreign_keys(tables: Sequence[Table]) -> Iterator[ForeignKeyConstraint]:
    for table in tables:
        yield from sorted(table.foreign_key_constraints, key=lambda one: str(one.name))
