"""Create tables in the one order that also works where rows lie on many machines.

First the tables with their indexes, then their places, then the foreign keys, named, one
statement each. SQLite cannot add a foreign key later, so there they go into CREATE TABLE.
Source: docs/scale.md, migrations.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from vault.migrations.distribute import distribute


def create(connection: Connection, tables: MetaData) -> None:
    """Create every table of a snapshot."""
    if connection.dialect.name == "sqlite":
        tables.create_all(connection, checkfirst=False)
        return
    for table in tables.sorted_tables:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))
    distribute(connection, tables.sorted_tables)
    for key in _foreign_keys(tables):
        connection.execute(AddConstraint(key, isolate_from_table=False))


def _foreign_keys(tables: MetaData) -> Iterator[ForeignKeyConstraint]:
    for table in tables.sorted_tables:
        yield from sorted(table.foreign_key_constraints, key=lambda one: str(one.name))
