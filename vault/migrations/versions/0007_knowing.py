"""Create what knowing a customer needs: what has to follow a contact, and what was worked out."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

tables = sa.MetaData()

# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns: dict[str, tuple[sa.Column[Any], ...]] = {}

indexes: dict[str, tuple[str, list[str]]] = {}


def upgrade() -> None:
    connection = op.get_bind()
    steps.create(connection, tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
    for name, (table, names) in indexes.items():
        op.create_index(name, table, names)
