"""Keep counts of looks by period, how far the log was counted, and the alerts that came of it.

Counts and their mark move in one transaction, so that an entry counts once however many processes
count. An alert is one for its kind, subject and time; it may grow while that time lasts.
Source: security note, 9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)

from vault.core.alert import Cell, What
from vault.core.ids import LogId
from vault.core.log_filter import Known
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.leaf import access_fact
from vault.store.log_search import known_of
from vault.store.metadata import LOG, REFERENCE, column, columns_of, metadata
from vault.store.types import Id, Name, UtcTime

look_count = Table(
    "look_count",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("start_ms", BigInteger, "time", primary_key=True),  # unix ms
    column("what", String(16), "state", primary_key=True),
    column("subject", Name, "id", primary_key=True),  # an app, or a pseudonym of staff
    column("count", BigInteger, "count"),
    info={"shard": LOG},
)

look_mark = Table(
    "look_mark",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("idx", BigInteger, "public"),  # the newest index that was counted
    info={"shard": LOG},
)

alert = Table(
    "alert",
    metadata,
    column("alert_id", Id, "id", primary_key=True),
    column("kind", String(16), "state"),
    column("subject", Name, "id"),
    column("start_ms", BigInteger, "time"),
    column("end_ms", BigInteger, "time"),
    column("count", BigInteger, "count"),
    column("usual", BigInteger, "count"),
    column("made_at", UtcTime, "time"),
    column("told_at", UtcTime, "time", nullable=True),
    column("seen_at", UtcTime, "time", nullable=True),
    column("seen_by", Name, "id", nullable=True),  # a pseudonym
    column("case_ref", Name, "id", nullable=True),
    UniqueConstraint("kind", "subject", "start_ms"),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert."""

    id: UUID
    kind: str
    subject: str
    start_ms: int
    end_ms: int
    count: int
    usual: int
    made_at: datetime
    told_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by: str | None = None
    case: str | None = None


async def mark(conn: Conn, log_id: LogId, *, since: int) -> int:
    """Return the newest index that was counted; before the first count, the one before a time.

    Args:
        conn: a connection.
        log_id: the log.
        since: unix ms; older entries are never counted.
    """
    counted: int | None = (
        await conn.execute(select(look_mark.c.idx).where(look_mark.c.log_id == log_id))
    ).scalar_one_or_none()
    if counted is not None:
        return counted
    fact = access_fact.c
    first = select(func.min(fact.idx)).where(fact.log_id == log_id, fact.at >= since)
    found: int | None = (await conn.execute(first)).scalar_one()
    if found is not None:
        return found - 1
    newest = select(func.max(fact.idx)).where(fact.log_id == log_id)
    last: int | None = (await conn.execute(newest)).scalar_one()
    return -1 if last is None else last


async def facts_after(conn: Conn, log_id: LogId, index: int, *, limit: int) -> list[Known]:
    """Return entries behind an index, the oldest first."""
    fact = access_fact.c
    statement = (
        select(access_fact)
        .where(fact.log_id == log_id, fact.idx > index)
        .order_by(fact.idx)
        .limit(limit)
    )
    return [known_of(row) for row in await conn.execute(statement)]


async def add(conn: Conn, log_id: LogId, counts: Mapping[Cell, int], *, old: int, new: int) -> bool:
    """Add counts and move the mark; False when somebody else moved it, and nothing is added."""
    fresh = insert(conn, look_mark).values(log_id=log_id, idx=new)
    moved = fresh.on_conflict_do_update(
        index_elements=["log_id"], set_={"idx": new}, where=look_mark.c.idx == old
    ).returning(look_mark.c.idx)
    if (await conn.execute(moved)).one_or_none() is None:
        return False
    for cell in sorted(counts):
        one = insert(conn, look_count).values(
            log_id=log_id,
            start_ms=cell.start,
            what=cell.what.value,
            subject=cell.subject,
            count=counts[cell],
        )
        await conn.execute(
            one.on_conflict_do_update(
                index_elements=["log_id", "start_ms", "what", "subject"],
                set_={"count": look_count.c.count + counts[cell]},
            )
        )
    return True


async def counts(conn: Conn, what: What, starts: Collection[int]) -> dict[Cell, int]:
    """Return the counts of some periods, over all logs."""
    one = look_count.c
    statement = (
        select(one.start_ms, one.subject, func.sum(one.count))
        .where(one.what == what.value, one.start_ms.in_(sorted(starts)))
        .group_by(one.start_ms, one.subject)
    )
    return {Cell(at, what, who): int(count) for at, who, count in await conn.execute(statement)}


async def forget(conn: Conn, *, before: int) -> None:
    """Delete counts of periods that nothing is compared with any more."""
    await conn.execute(delete(look_count).where(look_count.c.start_ms < before))


async def open_(conn: Conn, row: AlertRow) -> None:
    """Insert an alert, or let the one that is there grow."""
    new = insert(conn, alert).values(columns_of(alert, row))
    await conn.execute(
        new.on_conflict_do_update(
            index_elements=["kind", "subject", "start_ms"],
            set_={"count": row.count},
            where=alert.c.count < row.count,
        )
    )


async def load_all(conn: Conn, *, limit: int) -> list[AlertRow]:
    """Return alerts, those that nobody saw first, then the newest."""
    order = (alert.c.seen_at.is_(None).desc(), alert.c.start_ms.desc(), alert.c.alert_id)
    rows = await conn.execute(select(alert).order_by(*order).limit(limit))
    return [AlertRow(*row) for row in rows]


async def count_open(conn: Conn) -> int:
    """Return how many alerts nobody saw."""
    statement = select(func.count()).select_from(alert).where(alert.c.seen_at.is_(None))
    return int((await conn.execute(statement)).scalar_one())


async def see(conn: Conn, alert_id: UUID, *, by: str, case: str, at: datetime) -> bool:
    """Note who saw an alert; False when somebody did before, or there is none."""
    statement = (
        update(alert)
        .where(alert.c.alert_id == alert_id, alert.c.seen_at.is_(None))
        .values(seen_at=at, seen_by=by, case_ref=case)
    )
    return (await conn.execute(statement)).rowcount == 1


async def untold(conn: Conn) -> Sequence[UUID]:
    """Return open alerts of which no letter told."""
    statement = select(alert.c.alert_id).where(alert.c.told_at.is_(None), alert.c.seen_at.is_(None))
    return (await conn.execute(statement)).scalars().all()


async def tell(conn: Conn, ids: Sequence[UUID], *, at: datetime) -> None:
    """Note that a letter told of alerts."""
    await conn.execute(update(alert).where(alert.c.alert_id.in_(ids)).values(told_at=at))
