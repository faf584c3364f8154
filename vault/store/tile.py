"""Keep the full tiles of the log's tree: 256 hashes of one level, and the root over them.

A partial tile is not kept: it is the leaves, or the roots of the full tiles below.
Source: access-log note, 4 and 6; c2sp.org/tlog-tiles.
"""

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger, Table

from vault.store.metadata import LOG, column, metadata

log_tile = Table(
    "log_tile",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("level", SmallInteger, "public", primary_key=True),  # 0: of leaf hashes
    column("n", BigInteger, "public", primary_key=True),
    column("hashes", LargeBinary, "public"),  # 256 hashes in one piece, 8,192 bytes
    column("root", LargeBinary, "public"),  # the tile's place in the level above
    info={"shard": LOG},
)
