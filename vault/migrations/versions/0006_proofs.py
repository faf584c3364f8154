"""Create what the log proves itself with: tiles, checkpoints, and who leads."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

tables = sa.MetaData()

sa.Table(
    "log_tile",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("hashes", sa.LargeBinary(), nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "level", "n", name="pk_log_tile"),
    info={"shard": "log"},
)

sa.Table(
    "log_checkpoint",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "size", name="pk_log_checkpoint"),
    info={"shard": "log"},
)

# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns: dict[str, tuple[sa.Column[Any], ...]] = {
    "log_head": (
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
    ),
}

indexes: dict[str, tuple[str, list[str]]] = {}


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
