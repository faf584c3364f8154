"""The proof that a decision is durably in the access log.

Opening a value demands a `Recorded` that names the customer and the field. Only the appender
(`vault/services/appender.py`) makes one, after its COMMIT; a test reads the source to keep it so.
"""

from dataclasses import dataclass
from typing import NamedTuple

from vault.core.ids import CustomerId, LogId


class EntryId(NamedTuple):
    """The place of an entry before it has an index: (log, writer, seq, part)."""

    log_id: LogId
    writer: bytes  # 16 bytes
    seq: int
    part: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A durable record of a decision about one customer."""

    entry: EntryId
    customer: CustomerId
    allowed: frozenset[str]  # field names that may be opened
    receipt: str  # entry receipt text, docs/formats.md; one for each commit or batch part
