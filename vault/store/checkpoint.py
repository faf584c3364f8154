"""Keep every signed checkpoint of the log; none is ever changed.

Source: access-log note, 4 and 7.
"""

from sqlalchemy import BigInteger, Integer, Table, Text

from vault.store.metadata import LOG, column, metadata

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("size", BigInteger, "public", primary_key=True),
    column("at", BigInteger, "time"),  # unix ms of signing
    column("text", Text, "public"),  # the signed note, as it is served
    info={"shard": LOG},
)
