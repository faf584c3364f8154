"""Create customers with their keys, values and consents, and what is the same for all."""

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

tables = sa.MetaData()

sa.Table(
    "deployment",
    tables,
    sa.Column("one", sa.SmallInteger(), nullable=False, autoincrement=False),
    sa.Column("deployment_id", sa.LargeBinary(), nullable=False),
    sa.Column("issuer", sa.String(300), nullable=False),
    sa.Column("origin", sa.String(300), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("one", name="pk_deployment"),
    sa.CheckConstraint("one = 1", name="ck_deployment_one"),
    info={"shard": "reference"},
)

sa.Table(
    "kek",
    tables,
    sa.Column("kek_id", sa.Uuid(), nullable=False),
    sa.Column("epoch", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("provider", sa.String(16), nullable=False),
    sa.Column("key_ref", sa.String(300), nullable=False),
    sa.Column("key_version", sa.String(100), nullable=False),
    sa.Column("blob", sa.LargeBinary(), nullable=True),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("destroy_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("kek_id", name="pk_kek"),
    sa.UniqueConstraint("epoch", name="uq_kek_epoch"),
    info={"shard": "reference"},
)

sa.Table(
    "service_key",
    tables,
    sa.Column("use", sa.String(32), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("key_id", sa.Uuid(), nullable=False),
    sa.Column("kek_id", sa.Uuid(), nullable=False),
    sa.Column("wrapped", sa.LargeBinary(), nullable=True),
    sa.Column("public", sa.LargeBinary(), nullable=True),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("use", "generation", name="pk_service_key"),
    sa.ForeignKeyConstraint(["kek_id"], ["kek.kek_id"], name="fk_service_key_kek"),
    info={"shard": "reference"},
)

sa.Table(
    "code",
    tables,
    sa.Column("version", sa.String(200), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("source", sa.LargeBinary(), nullable=False),
    sa.Column("document", sa.Text(), nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("bootstrap", sa.Boolean(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("version", name="pk_code"),
    sa.UniqueConstraint("digest", name="uq_code_digest"),
    info={"shard": "reference"},
)

sa.Table(
    "app",
    tables,
    sa.Column("app_id", sa.String(200), nullable=False),
    sa.Column("document", sa.Text(), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("app_id", name="pk_app"),
    info={"shard": "reference"},
)

sa.Table(
    "app_state",
    tables,
    sa.Column("app", sa.String(200), nullable=False),
    sa.Column("frozen", sa.Boolean(), nullable=False),
    sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("app", name="pk_app_state"),
    info={"shard": "lookup:app"},
)

sa.Table(
    "revoked",
    tables,
    sa.Column("jti", sa.String(64), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("jti", name="pk_revoked"),
    info={"shard": "lookup:jti"},
)

sa.Table(
    "standing",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("epoch", sa.BigInteger(), nullable=False),
    sa.Column("flags", sa.SmallInteger(), nullable=False),
    sa.Column("objections", sa.Text(), nullable=False),
    sa.Column("terms", sa.Text(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", name="pk_standing"),
    info={"shard": "customer"},
)

sa.Table(
    "customer_key",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.SmallInteger(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("key_id", sa.Uuid(), nullable=False),
    sa.Column("kek_id", sa.Uuid(), nullable=False),
    sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "kind", "generation", name="pk_customer_key"),
    sa.ForeignKeyConstraint(["kek_id"], ["kek.kek_id"], name="fk_customer_key_kek"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_customer_key_standing"
    ),
    sa.Index("ix_customer_key_kek_id", "kek_id"),
    info={"shard": "customer"},
)

sa.Table(
    "value",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("field", sa.String(200), nullable=False),
    sa.Column("value_id", sa.Uuid(), nullable=False),
    sa.Column("schema", sa.Integer(), nullable=False),
    sa.Column("row_version", sa.BigInteger(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("idx", sa.LargeBinary(), nullable=True),
    sa.Column("idx_kind", sa.SmallInteger(), nullable=True),
    sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint("customer_id", "field", name="pk_value"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_value_standing"),
    info={"shard": "customer"},
)

sa.Table(
    "consent",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("consent_id", sa.Uuid(), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("app", sa.String(200), nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("epoch", sa.BigInteger(), nullable=False),
    sa.Column("from_ms", sa.BigInteger(), nullable=False),
    sa.Column("until_ms", sa.BigInteger(), nullable=False),
    sa.Column("fields", sa.Text(), nullable=False),
    sa.Column("code_digest", sa.String(64), nullable=False),
    sa.Column("shown", sa.String(64), nullable=False),
    sa.Column("current", sa.Boolean(), nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "consent_id", name="pk_consent"),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_consent_standing"),
    sa.Index(
        "uq_consent_current",
        "customer_id",
        "purpose",
        unique=True,
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    ),
    info={"shard": "customer"},
)

sa.Table(
    "interaction",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("interaction_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(200), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=True),
    sa.Column("app", sa.String(200), nullable=True),
    sa.Column("parent", sa.Uuid(), nullable=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("schema", sa.Integer(), nullable=False),
    sa.Column("row_version", sa.BigInteger(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "interaction_id", name="pk_interaction"),
    sa.ForeignKeyConstraint(
        ["customer_id", "parent"],
        ["interaction.customer_id", "interaction.interaction_id"],
        name="fk_interaction_interaction",
    ),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_interaction_standing"
    ),
    sa.Index("ix_interaction_customer_id_at_interaction_id", "customer_id", "at", "interaction_id"),
    info={"shard": "customer"},
)

sa.Table(
    "receipt",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("receipt_id", sa.Uuid(), nullable=False),
    sa.Column("consent_id", sa.Uuid(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "receipt_id", name="pk_receipt"),
    sa.ForeignKeyConstraint(
        ["customer_id", "consent_id"],
        ["consent.customer_id", "consent.consent_id"],
        name="fk_receipt_consent",
    ),
    sa.ForeignKeyConstraint(["customer_id"], ["standing.customer_id"], name="fk_receipt_standing"),
    sa.Index("ix_receipt_customer_id_consent_id", "customer_id", "consent_id"),
    info={"shard": "customer"},
)

sa.Table(
    "disclosure",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("app", sa.String(200), nullable=False),
    sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "app", name="pk_disclosure"),
    sa.ForeignKeyConstraint(
        ["customer_id"], ["standing.customer_id"], name="fk_disclosure_standing"
    ),
    info={"shard": "customer"},
)

sa.Table(
    "lookup",
    tables,
    sa.Column("idx", sa.LargeBinary(), nullable=False),
    sa.Column("kind", sa.SmallInteger(), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("mac", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("idx", "kind", name="pk_lookup"),
    info={"shard": "lookup:idx"},
)

sa.Table(
    "notice",
    tables,
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("sha256", name="pk_notice"),
    info={"shard": "lookup:sha256"},
)


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
