"""Create sessions, sign-ins, queues, limits and leases."""

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

tables = sa.MetaData()

sa.Table(
    "session",
    tables,
    sa.Column("hash", sa.LargeBinary(), nullable=False),
    sa.Column("person", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("strength", sa.String(16), nullable=False),
    sa.Column("device", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("hash", name="pk_session"),
    sa.Index("ix_session_person", "person"),
    info={"shard": "lookup:hash"},
)

sa.Table(
    "sign_in",
    tables,
    sa.Column("hash", sa.LargeBinary(), nullable=False),
    sa.Column("address_idx", sa.LargeBinary(), nullable=False),
    sa.Column("code_mac", sa.LargeBinary(), nullable=False),
    sa.Column("link_mac", sa.LargeBinary(), nullable=False),
    sa.Column("tries", sa.SmallInteger(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("unbound", sa.Boolean(), nullable=False),
    sa.Column("customer_id", sa.Uuid(), nullable=True),
    sa.PrimaryKeyConstraint("hash", name="pk_sign_in"),
    sa.Index("ix_sign_in_address_idx", "address_idx"),
    info={"shard": "lookup:hash"},
)

sa.Table(
    "wrong_code",
    tables,
    sa.Column("address_idx", sa.LargeBinary(), nullable=False),
    sa.Column("in_a_row", sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint("address_idx", name="pk_wrong_code"),
    info={"shard": "lookup:address_idx"},
)

sa.Table(
    "once",
    tables,
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("slot", sa.BigInteger(), nullable=False),
    sa.Column("key", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("kind", "slot", "key", name="pk_once"),
    info={"shard": "lookup:key"},
)

sa.Table(
    "limit_at",
    tables,
    sa.Column("key", sa.LargeBinary(), nullable=False),
    sa.Column("tat", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("key", name="pk_limit_at"),
    info={"shard": "lookup:key"},
)

sa.Table(
    "lease",
    tables,
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("holder", sa.Uuid(), nullable=False),
    sa.Column("fence", sa.BigInteger(), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("name", name="pk_lease"),
    info={"shard": "lookup:name"},
)

sa.Table(
    "import_progress",
    tables,
    sa.Column("file_digest", sa.String(64), nullable=False),
    sa.Column("row", sa.BigInteger(), nullable=False),
    sa.Column("written", sa.BigInteger(), nullable=False),
    sa.Column("refused", sa.BigInteger(), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("file_digest", name="pk_import_progress"),
    info={"shard": "lookup:file_digest"},
)

sa.Table(
    "job",
    tables,
    sa.Column("bucket", sa.SmallInteger(), nullable=False),
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("ref", sa.String(100), nullable=False),
    sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("tries", sa.Integer(), nullable=False),
    sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lease_epoch", sa.BigInteger(), nullable=False),
    sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint("bucket", "id", name="pk_job"),
    sa.Index("ix_job_bucket_run_at_id", "bucket", "run_at", "id"),
    info={"shard": "queue"},
)

sa.Table(
    "mail",
    tables,
    sa.Column("bucket", sa.SmallInteger(), nullable=False),
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("template", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("bucket", "id", name="pk_mail"),
    info={"shard": "queue"},
)


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
