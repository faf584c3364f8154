"""Give both databases the same idea of time, digests and names.

Refuses a time without zone: SQLite would drop the zone in silence, asyncpg would guess it.
Source: docs/architecture.md, store.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text, Uuid
from sqlalchemy.types import TypeDecorator

__all__ = ["Digest", "Id", "Json", "LargeBinary", "Name", "UtcTime"]

Id: Final = Uuid  # 16 bytes on PostgreSQL, 32 hex digits on SQLite
Digest: Final = String(64)  # SHA-256 in lower-case hex
Name: Final = String(200)  # a name of ours: field, purpose, app, kind
UNREADABLE: Final = datetime(1970, 1, 1, tzinfo=UTC)  # stands for a text that is no time
Json: Final = Text  # canonical JSON, kept as the text that its MAC covers and never parsed here


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; on SQLite text of fixed width, so that order and comparison hold."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any | None], datetime | None] | None:
        """Read what is no time as UNREADABLE: the row's MAC fails then, and the others are read."""
        read = super().result_processor(dialect, coltype)
        if read is None:
            return None

        def process(value: Any | None) -> datetime | None:  # noqa: ANN401  what somebody wrote there
            try:
                return read(value)
            except (TypeError, ValueError):
                return UNREADABLE

        return process

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
