"""Give both databases the same idea of time, digests and names.

Refuses a time without zone: SQLite would drop the zone in silence, asyncpg would guess it.
Source: docs/architecture.md, store.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text, Uuid
from sqlalchemy.types import TypeDecorator

__all__ = ["Digest", "Id", "Json", "LargeBinary", "Name", "UtcTime"]

Id: Final = Uuid  # 16 bytes on PostgreSQL, 32 hex digits on SQLite
Digest: Final = String(64)  # SHA-256 in lower-case hex
Name: Final = String(200)  # a name of ours: field, purpose, app, kind
Json: Final = Text  # canonical JSON, kept as the text that its MAC covers and never parsed here


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; on SQLite text of fixed width, so that order and comparison hold."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without zone cannot be stored"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
