"""Append records to the outbox in one statement, which is its own transaction, on PostgreSQL alone.

What `vault/store/log.py` does in four round trips (BEGIN, INSERT, the head's size, COMMIT) for the
looks of a whole process, which all wait for it. A cluster has outbox and head on different nodes.
Source: access-log note, 3; performance note, 8.
"""

from collections.abc import Sequence

from vault.core.entry import join
from vault.core.ids import CustomerId
from vault.store import commit, log_facts
from vault.store.integration import Record, log_head
from vault.store.line import Line
from vault.store.log import log_outbox, reached

# One text for any number of records: arrays, and each record's slice of one array of customers. A log
# that is behind what was known takes none of them.
_AT_ONCE = f"""
WITH added AS (
    INSERT INTO {log_outbox.name} ({", ".join(log_outbox.c.keys())})
    SELECT $1, $2, seq, parts, ($3::uuid[])[first : first + parts - 1], facts, entries
    FROM unnest($4::bigint[], $5::int[], $6::int[], $7::text[], $8::bytea[])
        AS given(seq, parts, first, facts, entries)
    WHERE (SELECT size FROM {log_head.name} WHERE log_id = $1) >= $9
)
SELECT size FROM {log_head.name} WHERE log_id = $1
"""


async def append(line: Line, records: Sequence[Record], *, at_least: int) -> int:
    """Append records and return the size of the log as the statement sees it.

    Raises:
        VaultError: as `vault.store.log.append`, and as `commit.at_once`.
    """
    log_id = records[0].log_id
    firsts: list[int] = []
    customers: list[CustomerId] = []
    for record in records:
        firsts.append(len(customers) + 1)  # PostgreSQL counts from one
        customers += record.customers
    rows = await commit.at_once(
        line,
        _AT_ONCE,
        log_id,
        records[0].writer,
        customers,
        [record.seq for record in records],
        [len(record.entries) for record in records],
        firsts,
        [log_facts.dumps(record.facts) for record in records],
        [join(record.entries) for record in records],
        at_least,
    )
    size: int = rows[0][0] if rows else -1
    return reached(size, at_least)
