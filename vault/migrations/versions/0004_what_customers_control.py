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

sa.Table(
    "security_event",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("event_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("device", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "event_id", name="pk_security_event"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_security_event_standing"
    ),
    info={"shard": "customer"},
)

sa.Table(
    "session_choice",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("idle_minutes", sa.SmallInteger(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", name="pk_session_choice"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_session_choice_standing"
    ),
    info={"shard": "customer"},
)


# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns = {
    "session": (
        sa.Column("idle_seconds", sa.Integer(), nullable=True),
        sa.Column("previous_at", sa.DateTime(timezone=True), nullable=True),
    ),
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
