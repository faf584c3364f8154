"""Create the access log: writers, outbox, leaves, the customers' lists and the facts."""

import sqlalchemy as sa
from alembic import op

from vault.migrations import steps

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

tables = sa.MetaData()

sa.Table(
    "log_open",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("writer", sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "writer", name="pk_log_open"),
    info={"shard": "writer"},
)

sa.Table(
    "log_outbox",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("writer", sa.Uuid(), nullable=False),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.Column("parts", sa.Integer(), nullable=False),
    sa.Column("customers", sa.ARRAY(sa.Uuid()).with_variant(sa.Text(), "sqlite"), nullable=False),
    sa.Column("facts", sa.Text(), nullable=False),
    sa.Column("entries", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "writer", "seq", name="pk_log_outbox"),
    sa.ForeignKeyConstraint(
        ["log_id", "writer"], ["log_open.log_id", "log_open.writer"], name="fk_log_outbox_log_open"
    ),
    info={"shard": "writer"},
)

sa.Table(
    "log_head",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False, autoincrement=False),
    sa.Column("origin", sa.String(200), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.Column("edge", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", name="pk_log_head"),
    info={"shard": "log"},
)

sa.Table(
    "log_writer",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("writer", sa.Uuid(), nullable=False),
    sa.Column("done", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "writer", name="pk_log_writer"),
    info={"shard": "log"},
)

sa.Table(
    "log_leaf",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("idx", sa.BigInteger(), nullable=False),
    sa.Column("hash", sa.LargeBinary(), nullable=False),
    sa.Column("entry", sa.LargeBinary(), nullable=False),
    sa.Column("writer", sa.Uuid(), nullable=False),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.Column("part", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "idx", name="pk_log_leaf"),
    sa.UniqueConstraint(
        "log_id", "writer", "seq", "part", name="uq_log_leaf_log_id_writer_seq_part"
    ),
    info={"shard": "log"},
)

sa.Table(
    "customer_entry",
    tables,
    sa.Column("customer_id", sa.Uuid(), nullable=False),
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("idx", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("customer_id", "log_id", "idx", name="pk_customer_entry"),
    info={"shard": "customer"},
)

sa.Table(
    "access_fact",
    tables,
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("idx", sa.BigInteger(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("salt", sa.LargeBinary(), nullable=False),
    sa.Column("kind", sa.SmallInteger(), nullable=False),
    sa.Column("app", sa.String(200), nullable=True),
    sa.Column("purpose", sa.String(200), nullable=True),
    sa.Column("clauses", sa.Text(), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("allowed", sa.Integer(), nullable=False),
    sa.Column("withheld", sa.Integer(), nullable=False),
    sa.Column("handle", sa.String(200), nullable=True),
    sa.Column("case_ref", sa.String(200), nullable=True),
    sa.PrimaryKeyConstraint("log_id", "idx", name="pk_access_fact"),
    info={"shard": "log"},
)


def upgrade() -> None:
    steps.create(op.get_bind(), tables)
    if op.get_bind().dialect.name == "postgresql":
        # Ciphertext does not compress; trying costs time on every long row.
        op.execute("ALTER TABLE log_outbox ALTER entries SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE log_leaf ALTER entry SET STORAGE EXTERNAL")
