"""Create what people who answer for the vault need: staff, and what they keep and decide."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

tables = sa.MetaData()

# Made by 0001 and 0004; here for the foreign keys.
sa.Table(
    "request",
    tables,
    sa.Column("customer_id", sa.Uuid()),
    sa.Column("request_id", sa.Uuid()),
    info=steps.STANDS,
)
sa.Table("standing", tables, sa.Column("customer_id", sa.Uuid()), info=steps.STANDS)

sa.Table(
    "request_task",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("request_id", sa.Uuid(), nullable=False),
    sa.Column("task", sa.String(16), nullable=False),
    sa.Column("done_by", sa.String(200), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "request_id", "task", name="pk_request_task"),
    sa.ForeignKeyConstraint(
        ["customer_id", "request_id"],
        ["request.customer_id", "request.request_id"],
        name="fk_request_task_request",
    ),
    info={"shard": "customer"},
)

sa.Table(
    "staff",
    tables,
    sa.Column("staff_id", sa.Uuid(), nullable=False),
    sa.Column("handle", sa.String(200), nullable=False),
    sa.Column("address_idx", sa.LargeBinary(), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("reset_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("reset_by", sa.String(200), nullable=True),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("staff_id", name="pk_staff"),
    sa.UniqueConstraint("handle", name="uq_staff_handle"),
    sa.UniqueConstraint("address_idx", name="uq_staff_address_idx"),
    info={"shard": "reference"},
)

sa.Table(
    "import_ref",
    tables,
    sa.Column("ref", sa.LargeBinary(), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("interaction_id", sa.Uuid(), nullable=True),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("ref", name="pk_import_ref"),
    sa.Index("ix_import_ref_customer_id", "customer_id"),
    info={"shard": "lookup:ref"},
)

sa.Table(
    "app_budget",
    tables,
    sa.Column("app", sa.String(200), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("used", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("app", "day", name="pk_app_budget"),
    info={"shard": "lookup:app"},
)

sa.Table(
    "app_use",
    tables,
    sa.Column("app", sa.String(200), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("asked", sa.BigInteger(), nullable=False),
    sa.Column("given", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("app", "day", "purpose", "action", "name", name="pk_app_use"),
    info={"shard": "lookup:app"},
)

sa.Table(
    "legal_hold",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("hold_id", sa.Uuid(), nullable=False),
    sa.Column("ground", sa.String(32), nullable=False),
    sa.Column("names", sa.Text(), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "hold_id", name="pk_legal_hold"),
    info={"shard": "customer"},
)

sa.Table(
    "proposal",
    tables,
    sa.Column("proposal_id", sa.Uuid(), nullable=False),
    sa.Column("number", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.String(200), nullable=True),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("proposal_id", name="pk_proposal"),
    sa.UniqueConstraint("number", name="uq_proposal_number"),
    info={"shard": "reference"},
)

sa.Table(
    "look_count",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("count", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "start_ms", "what", "subject", name="pk_look_count"),
    info={"shard": "log"},
)

sa.Table(
    "look_mark",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("idx", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", name="pk_look_mark"),
    info={"shard": "log"},
)

sa.Table(
    "alert",
    tables,
    sa.Column("alert_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("start_ms", sa.BigInteger(), nullable=False),
    sa.Column("end_ms", sa.BigInteger(), nullable=False),
    sa.Column("count", sa.BigInteger(), nullable=False),
    sa.Column("usual", sa.BigInteger(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("seen_by", sa.String(200), nullable=True),
    sa.Column("case_ref", sa.String(200), nullable=True),
    sa.PrimaryKeyConstraint("alert_id", name="pk_alert"),
    sa.UniqueConstraint("kind", "subject", "start_ms", name="uq_alert_kind_subject_start_ms"),
    info={"shard": "reference"},
)

# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns: dict[str, tuple[sa.Column[Any], ...]] = {
    "portal_choice": (sa.Column("lang", sa.String(16), nullable=True),),
    "interaction": (sa.Column("fingerprint", sa.LargeBinary(), nullable=True),),
}

# Of tables that stand: name -> (table, columns in their order).
indexes: dict[str, tuple[str, list[str]]] = {
    "ix_value_field_gathered_at_customer_id": ("value", ["field", "gathered_at", "customer_id"]),
    "ix_interaction_kind_at": ("interaction", ["kind", "at"]),
    "ix_access_fact_log_id_at_idx": ("access_fact", ["log_id", "at", "idx"]),
    "ix_customer_entry_log_id_idx": ("customer_entry", ["log_id", "idx"]),
    "ix_access_fact_log_id_app_idx": ("access_fact", ["log_id", "app", "idx"]),
    "ix_access_fact_log_id_purpose_idx": ("access_fact", ["log_id", "purpose", "idx"]),
    "ix_access_fact_log_id_handle_idx": ("access_fact", ["log_id", "handle", "idx"]),
    "ix_access_fact_log_id_case_ref_idx": ("access_fact", ["log_id", "case_ref", "idx"]),
}

# Indexes of the rows alone that have this column.
where: dict[str, str] = {
    f"ix_access_fact_log_id_{name}_idx": name for name in ("app", "purpose", "handle", "case_ref")
}


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
    for name, (table, several_columns) in indexes.items():
        there = sa.text(f"{where[name]} IS NOT NULL") if name in where else None
        op.create_index(name, table, several_columns, sqlite_where=there, postgresql_where=there)
