"""Create what the log proves itself with: tiles, checkpoints, and who leads."""

import hashlib
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
    sa.Column("cosigned", sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint("log_id", "size", name="pk_log_checkpoint"),
    info={"shard": "log"},
)

sa.Table(
    "log_barrier",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("customers", sa.BigInteger(), nullable=False),
    sa.Column("entries", sa.BigInteger(), nullable=False),
    sa.Column("changes", sa.BigInteger(), nullable=False),
    sa.Column("overlaps", sa.BigInteger(), nullable=False),
    sa.Column("worst_ms", sa.BigInteger(), nullable=False),
    sa.Column("violations", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", "at", name="pk_log_barrier"),
    info={"shard": "log"},
)

sa.Table(
    "log_replay",
    tables,
    sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("start", sa.BigInteger(), nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("replayed", sa.BigInteger(), nullable=False),
    sa.Column("unreadable", sa.BigInteger(), nullable=False),
    sa.Column("undecidable", sa.BigInteger(), nullable=False),
    sa.Column("disagreeing", sa.BigInteger(), nullable=False),
    sa.Column("found", sa.Text(), nullable=False),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint("log_id", "size", name="pk_log_replay"),
    info={"shard": "log"},
)

# Of tables that stand: all may be NULL, so that a program of the step before can go on writing.
columns: dict[str, tuple[sa.Column[Any], ...]] = {
    "log_head": (
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mirrored_at", sa.DateTime(timezone=True), nullable=True),
    ),
}

indexes: dict[str, tuple[str, list[str]]] = {}

# Made by 0002; what the tiles are made from.
log_head = sa.table("log_head", sa.column("log_id"))
log_leaf = sa.table("log_leaf", *(sa.column(name) for name in ("log_id", "idx", "hash")))

WIDTH = 256  # hashes of a full tile
PAGE = 40 * WIDTH  # leaf hashes read at once, 320 KB


def upgrade() -> None:
    connection = op.get_bind()
    steps.create(connection, tables)
    for table, several in columns.items():
        for column in several:
            op.add_column(table, column)
    allows = sa.text("current AND state IN ('given', 'renewed')")
    op.create_index(
        "ix_consent_audience",
        "consent",
        ["purpose", "customer_id"],
        postgresql_where=allows,
        sqlite_where=allows,
    )
    for log_id in connection.execute(sa.select(log_head.c.log_id)).scalars().all():
        fill(connection, log_id)


def fill(connection: sa.Connection, log_id: int) -> None:
    """Make the full tiles of a log that has leaves already, up to the first leaf that lacks."""
    pending: list[list[bytes]] = [[]]  # of each level what no full tile has yet: at most 255
    full = [0]  # of each level how many tiles are full
    size = 0
    while True:
        page = connection.execute(
            sa.select(log_leaf.c.idx, log_leaf.c.hash)
            .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.between(size, size + PAGE - 1))
            .order_by(log_leaf.c.idx)
        ).all()
        whole = [bytes(one.hash) for place, one in enumerate(page) if one.idx == size + place]
        rows: list[dict[str, object]] = []
        for leaf in whole:
            carried, level = leaf, 0
            while True:
                pending[level].append(carried)
                if len(pending[level]) < WIDTH:
                    break
                carried = _root(pending[level])
                hashes = b"".join(pending[level])
                row = {"level": level, "n": full[level], "hashes": hashes, "root": carried}
                rows.append({"log_id": log_id, **row})
                pending[level] = []
                full[level] += 1
                level += 1
                if level == len(pending):
                    pending.append([])
                    full.append(0)
        if rows:
            connection.execute(sa.insert(tables.tables["log_tile"]), rows)
        if len(whole) < PAGE:
            return
        size += PAGE


def _root(hashes: list[bytes]) -> bytes:
    """Return the hash over a full tile (RFC 6962, 2.1); a step never changes, so it has its own."""
    while len(hashes) > 1:
        hashes = [
            hashlib.sha256(b"\1" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]
