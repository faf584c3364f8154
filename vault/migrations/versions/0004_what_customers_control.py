"""Create what customers see and control: exports, erasures, requests, ways in, choices."""

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

tables = sa.MetaData()

# Made by 0001; here for the foreign keys.
sa.Table("standing", tables, sa.Column("customer_id", sa.Uuid()), info=steps.STANDS)


# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns = {
    "value": (
        sa.Column("mac", sa.LargeBinary(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
    ),
}


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
