"""Queue work that must happen after a commit, once at least, in buckets.

A job is written in the transaction of its cause and names an id, never a value. A bucket is given
by the owner, so that one customer's work stays in one bucket and no claim has to lock rows on all
nodes. A lease with an epoch keeps a worker that slept from ending what another has taken over.
Source: ecosystem note, 10; docs/scale.md, queues with buckets.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)

from vault.store.engine import Conn
from vault.store.metadata import BUCKETS, QUEUE, column, columns_of, metadata
from vault.store.types import Id, UtcTime

LEASE: Final = timedelta(seconds=60)  # renewed each 20 s
FIRST_PAUSE: Final = timedelta(seconds=1)  # before the second try; doubled for each further one
LONGEST_PAUSE: Final = timedelta(hours=1)
CLAIM: Final = 20  # jobs taken at once

job = Table(
    "job",
    metadata,
    column("bucket", SmallInteger, "state", primary_key=True),
    column("id", Id, "id", primary_key=True),
    column("kind", String(32), "state"),
    column("ref", String(100), "id"),
    column("run_at", UtcTime, "time"),
    column("tries", Integer, "count"),
    column("lease_until", UtcTime, "time"),  # starts in the past
    column("lease_epoch", BigInteger, "count"),
    column("parked_at", UtcTime, "time", nullable=True),  # given up: waits for staff
    Index(None, "bucket", "run_at", "id"),
    info={"shard": QUEUE},
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One piece of work."""

    bucket: int
    id: UUID
    kind: str
    ref: str
    run_at: datetime
    tries: int
    lease_until: datetime
    lease_epoch: int
    parked_at: datetime | None = None


def bucket_of(owner: bytes) -> int:
    """Return the bucket of a customer or app: 0 to 63, the same on every machine."""
    return hashlib.sha256(owner).digest()[0] % BUCKETS


def new(owner: bytes, job_id: UUID, *, kind: str, ref: str, run_at: datetime) -> JobRow:
    """Return a job that nobody has taken yet."""
    return JobRow(bucket_of(owner), job_id, kind, ref, run_at, 0, run_at - LEASE, 0)


def pause(tries: int, *, jitter: float) -> timedelta:
    """Return how long to wait after a failed try: a random part of 1 s doubling to 1 h.

    Args:
        tries: how many have failed, at least 1.
        jitter: a random number from 0 to 1.
    """
    doubled = FIRST_PAUSE * (1 << min(tries - 1, 20))  # bounded before the multiplication
    return min(doubled, LONGEST_PAUSE) * jitter


async def add(conn: Conn, rows: Sequence[JobRow]) -> None:
    """Insert jobs, in the transaction of their cause."""
    if rows:
        await conn.execute(insert(job), [columns_of(job, row) for row in rows])


async def due_buckets(
    conn: Conn, *, now: datetime, kinds: Sequence[str] | None = None
) -> list[int]:
    """Return the buckets with work that is due and free, in order; shuffle before use."""
    statement = select(job.c.bucket).where(_free(now)).distinct().order_by(job.c.bucket)
    if kinds is not None:
        statement = statement.where(job.c.kind.in_(kinds))
    return list((await conn.execute(statement)).scalars())


async def claim(
    conn: Conn,
    bucket: int,
    *,
    now: datetime,
    kinds: Sequence[str] | None = None,
    limit: int = CLAIM,
) -> list[JobRow]:
    """Take free, due jobs of one bucket under a lease, the oldest first.

    Other workers pass over the rows this one is taking. `tries` and `lease_epoch` are raised.
    """
    wanted = (
        select(job.c.id)
        .where(job.c.bucket == bucket, _free(now))
        .order_by(job.c.run_at, job.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # no words of it on SQLite, where one writer runs
    )
    if kinds is not None:
        wanted = wanted.where(job.c.kind.in_(kinds))
    ids = list((await conn.execute(wanted)).scalars())
    if not ids:
        return []
    taken = (
        update(job)
        .where(job.c.bucket == bucket, job.c.id.in_(ids))
        .values(
            lease_until=now + LEASE,
            lease_epoch=job.c.lease_epoch + 1,
            tries=job.c.tries + 1,
        )
        .returning(*job.c)
    )
    rows = [JobRow(*row) for row in await conn.execute(taken)]
    return sorted(rows, key=lambda row: (row.run_at, row.id))


async def renew(conn: Conn, row: JobRow, *, now: datetime) -> bool:
    """Prolong the lease; False when another worker has the job, which must then be left alone."""
    statement = update(job).where(_mine(row)).values(lease_until=now + LEASE)
    return (await conn.execute(statement)).rowcount == 1


async def complete(conn: Conn, row: JobRow) -> bool:
    """Delete a job that is done; False when another worker has it."""
    return (await conn.execute(delete(job).where(_mine(row)))).rowcount == 1


async def retry(conn: Conn, row: JobRow, *, now: datetime, jitter: float) -> bool:
    """Give a failed job back for later, see `pause`; False when another worker has it."""
    later = now + pause(row.tries, jitter=jitter)
    statement = update(job).where(_mine(row)).values(run_at=later, lease_until=now - LEASE)
    return (await conn.execute(statement)).rowcount == 1


async def park(conn: Conn, row: JobRow, *, now: datetime) -> bool:
    """Give a job up after its last try: it stays for staff to see. False when another has it."""
    statement = update(job).where(_mine(row)).values(parked_at=now)
    return (await conn.execute(statement)).rowcount == 1


async def load_parked(conn: Conn, *, limit: int = 100) -> list[JobRow]:
    """Return jobs that were given up, the oldest first."""
    statement = (
        select(job).where(job.c.parked_at.is_not(None)).order_by(job.c.parked_at).limit(limit)
    )
    return [JobRow(*row) for row in await conn.execute(statement)]


async def waits(conn: Conn, kind: str, *, now: datetime) -> bool:
    """Tell whether a job of a kind is due or under way; one that was given up does not count."""
    statement = (
        select(job.c.id)
        .where(job.c.kind == kind, job.c.run_at <= now, job.c.parked_at.is_(None))
        .limit(1)
    )
    return (await conn.execute(statement)).first() is not None


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(job.c.run_at <= now, job.c.lease_until < now, job.c.parked_at.is_(None))


def _mine(row: JobRow) -> ColumnElement[bool]:
    return and_(
        job.c.bucket == row.bucket,
        job.c.id == row.id,
        job.c.lease_epoch == row.lease_epoch,
        job.c.parked_at.is_(None),
    )
