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
sa.Table("kek", tables, sa.Column("kek_id", sa.Uuid()), info=steps.STANDS)

sa.Table(
    "retained_key",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("key_id", sa.Uuid(), nullable=False),
    sa.Column("kek_id", sa.Uuid(), nullable=False),
    sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", name="pk_retained_key"),
    sa.ForeignKeyConstraint(["kek_id"], ["kek.kek_id"], name="fk_retained_key_kek"),
    sa.Index("ix_retained_key_kek_id", "kek_id"),
    info={"shard": "customer"},
)

sa.Table(
    "retained",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("value_id", sa.Uuid(), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("law", sa.Text(), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("schema", sa.Integer(), nullable=False),
    sa.Column("row_version", sa.BigInteger(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "value_id", name="pk_retained"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["retained_key.customer_id"], name="fk_retained_retained_key"
    ),
    sa.Index("ix_retained_until", "until"),
    info={"shard": "customer"},
)

sa.Table(
    "tombstone",
    tables,
    sa.Column("mark", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("mark", name="pk_tombstone"),
    info={"shard": "lookup:mark"},
)

sa.Table(
    "erased",
    tables,
    sa.Column("token_hash", sa.LargeBinary(), nullable=False),
    sa.Column("erasure_id", sa.Uuid(), nullable=False),
    sa.Column("certificate", sa.Text(), nullable=False),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("token_hash", name="pk_erased"),
    info={"shard": "lookup:token_hash"},
)

sa.Table(
    "confirmation",
    tables,
    sa.Column("hash", sa.LargeBinary(), nullable=False),
    sa.Column("confirmation_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("code_mac", sa.LargeBinary(), nullable=False),
    sa.Column("tries", sa.SmallInteger(), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("hash", name="pk_confirmation"),
    info={"shard": "lookup:hash"},
)

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

sa.Table(
    "reminded",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("until_ms", sa.BigInteger(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "purpose", "until_ms", name="pk_reminded"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_reminded_standing"),
    info={"shard": "customer"},
)

sa.Table(
    "portal_choice",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("view", sa.String(16), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("customer_id", name="pk_portal_choice"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_portal_choice_standing"
    ),
    info={"shard": "customer"},
)

sa.Table(
    "request",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("request_id", sa.Uuid(), nullable=False),
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("about", sa.BigInteger(), nullable=True),
    sa.Column("longer", sa.String(64), nullable=False),
    sa.Column("ground", sa.String(64), nullable=False),
    sa.Column("messages", sa.Integer(), nullable=False),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "request_id", name="pk_request"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_request_standing"),
    sa.Index("uq_request_about", "customer_id", "about", unique=True),
    info={"shard": "customer"},
)

sa.Table(
    "request_message",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("request_id", sa.Uuid(), nullable=False),
    sa.Column("message_id", sa.Uuid(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "request_id", "message_id", name="pk_request_message"),
    sa.ForeignKeyConstraint(
        ["customer_id", "request_id"],
        ["request.customer_id", "request.request_id"],
        name="fk_request_message_request",
    ),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_request_message_standing"
    ),
    info={"shard": "customer"},
)

sa.Table(
    "request_queue",
    tables,
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("request_id", sa.Uuid(), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("open", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("number", name="pk_request_queue"),
    sa.Index("ix_request_queue_open_due_at_number", "open", "due_at", "number"),
    info={"shard": "lookup:number"},
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

sa.Table(
    "export",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("export_id", sa.Uuid(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("parts", sa.String(200), nullable=False),
    sa.Column("format", sa.String(16), nullable=False),
    sa.Column("lang", sa.String(16), nullable=False),
    sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.BigInteger(), nullable=False),
    sa.Column("pieces", sa.Integer(), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("short", sa.Boolean(), nullable=False),
    sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "export_id", name="pk_export"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_export_standing"),
    sa.Index("ix_export_ends_at", "ends_at"),
    info={"shard": "customer"},
)

sa.Table(
    "export_piece",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("export_id", sa.Uuid(), nullable=False),
    sa.Column("number", sa.SmallInteger(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "export_id", "number", name="pk_export_piece"),
    sa.ForeignKeyConstraint(
        ["customer_id", "export_id"],
        ["export.customer_id", "export.export_id"],
        name="fk_export_piece_export",
    ),
    info={"shard": "customer"},
)


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
    op.create_index("ix_lookup_customer_id", "lookup", ["customer_id"])
    op.create_index(
        "ix_consent_ending",
        "consent",
        ["until_ms"],
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    )
