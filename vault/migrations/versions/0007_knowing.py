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

# Made by 0001; here for the foreign keys.
sa.Table(
    "interaction",
    tables,
    sa.Column("customer_id", sa.Uuid()),
    sa.Column("interaction_id", sa.Uuid()),
    info=steps.STANDS,
)

sa.Table(
    "attachment",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("interaction_id", sa.Uuid(), nullable=False),
    sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column("attachment_id", sa.Uuid(), nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("head", sa.LargeBinary(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "interaction_id", "number", name="pk_attachment"),
    sa.ForeignKeyConstraint(
        ["customer_id", "interaction_id"],
        ["interaction.customer_id", "interaction.interaction_id"],
        name="fk_attachment_interaction",
    ),
    info={"shard": "customer"},
)

sa.Table(
    "numbers",
    tables,
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("kind", "at", name="pk_numbers"),
    info={"shard": "lookup:kind"},
)

sa.Table("standing", tables, sa.Column("customer_id", sa.Uuid()), info=steps.STANDS)

sa.Table(
    "follow_up",
    tables,
    sa.Column("customer_id", sa.Uuid(), autoincrement=False, nullable=False),
    sa.Column("follow_up_id", sa.Uuid(), autoincrement=False, nullable=False),
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("event", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(200), nullable=False),
    sa.Column("within", sa.String(32), nullable=False),
    sa.Column("owner", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("refusals", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_follow_up_standing"
    ),
    sa.PrimaryKeyConstraint("customer_id", "follow_up_id", name="pk_follow_up"),
    sa.Index("uq_follow_up_event", "customer_id", "event", unique=True),
    info={"shard": "customer"},
)

sa.Table(
    "follow_up_queue",
    tables,
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("follow_up_id", sa.Uuid(), nullable=False),
    sa.Column("owner", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("number", name="pk_follow_up_queue"),
    sa.Index("ix_follow_up_queue_state_due_at_number", "state", "due_at", "number"),
    sa.Index("ix_follow_up_queue_state_owner_due_at_number", "state", "owner", "due_at", "number"),
    info={"shard": "lookup:number"},
)

sa.Table(
    "trait",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("field", sa.String(length=200), nullable=False),
    sa.Column("purpose", sa.String(length=200), nullable=False),
    sa.Column("worked_out_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("digest", sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "field", name="pk_trait"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_trait_standing"),
    info={"shard": "customer"},
)

sa.Table(
    "survey_link",
    tables,
    sa.Column("hash", sa.LargeBinary(), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("survey", sa.String(200), nullable=False),
    sa.Column("about", sa.Uuid(), nullable=False),
    sa.Column("code_digest", sa.String(64), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("hash", name="pk_survey_link"),
    sa.Index("ix_survey_link_customer_id", "customer_id"),
    info={"shard": "lookup:hash"},
)

sa.Table(
    "survey_turn",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("survey", sa.String(200), nullable=False),
    sa.Column("again_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("about_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("customer_id", "survey", name="pk_survey_turn"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_survey_turn_standing"
    ),
    info={"shard": "customer"},
)

sa.Table(
    "survey_count",
    tables,
    sa.Column("survey", sa.String(200), nullable=False),
    sa.Column("code_digest", sa.String(64), nullable=False),
    sa.Column("question", sa.String(200), nullable=False),
    sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("answer", sa.String(200), nullable=False),
    sa.Column("count", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint(
        "survey", "code_digest", "question", "slot", "answer", name="pk_survey_count"
    ),
    info={"shard": "lookup:survey"},
)

# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns: dict[str, tuple[sa.Column[Any], ...]] = {
    "request_queue": (sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),),
}

indexes: dict[str, tuple[str, list[str]]] = {}


def upgrade() -> None:
    connection = op.get_bind()
    steps.create(connection, tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
    for name, (table, names) in indexes.items():
        op.create_index(name, table, names)
