"""Watch the access log for sweeps and spikes, and tell compliance: once a minute, by one process.

1. what was recorded since the last count is counted by app and pseudonym, by bounded pages, each in
   one transaction with the mark of how far the log was counted;
2. the running and the last period of each rule are judged against the seven days before;
3. what fires is an alert, one for its kind, subject and time;
4. a letter says that there are alerts, at most once an hour, and holds nothing of them.

Nothing is opened. A letter that cannot leave waits as any; an alert never stops a look by itself.
Source: security note, 9, T13 and T14.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from vault.core import alert as rules
from vault.core.alert import DAY, DAYS_BEFORE, RULES, Cell
from vault.core.errors import ConflictError
from vault.core.ids import LogId
from vault.core.log_look import case as checked
from vault.core.place import index_of
from vault.core.staff import Right
from vault.crypto.random import uuid4
from vault.services import mail, staff, unit
from vault.services.deps import Deps
from vault.services.mail import Message
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.services.unit import Unit
from vault.store import alert as store
from vault.store import commit, lease, logs, sweeps_log
from vault.store.alert import AlertRow
from vault.store.engine import Conn

__all__ = ["AlertRow", "count_open", "list_", "see", "sweep", "watch"]

LETTER: Final = "alert"  # a template
EVERY: Final = timedelta(minutes=1)
LETTERS: Final = timedelta(hours=1)
LIFE: Final = timedelta(days=1)  # of a letter
PIECE: Final = 2_000  # entries of one transaction
MOST: Final = 200  # alerts of a page
_KEPT: Final = (DAYS_BEFORE + 2) * DAY


async def sweep(deps: Deps) -> bool:
    """Look for alerts; False when another process did so within the minute."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, "alerts", holder=uuid4(), length=EVERY) is not None

    if not await commit.claim(deps.database, mine):
        return False
    await watch(deps)
    return True


async def watch(deps: Deps) -> None:
    """Count what is new, judge it, and tell of it; twice is once."""
    async with deps.database.connect() as conn:
        every = await logs.all_(conn)
    for log_id in every:
        while await _count(deps, log_id):
            pass
    await unit.run(deps, _judge)
    await unit.run(deps, _tell)


async def list_(deps: Deps, member: Member) -> tuple[AlertRow, ...]:
    """Return alerts, those that nobody saw first, then the newest.

    Raises:
        NotAvailableError: the member may not see them.
    """
    member.need(Right.SEE_RECORDS)
    async with deps.database.connect() as conn:
        return tuple(await store.load_all(conn, limit=MOST))


async def count_open(deps: Deps) -> int:
    """Return how many alerts nobody saw, for checks that open nothing."""
    async with deps.database.connect() as conn:
        return await store.count_open(conn)


async def see(deps: Deps, member: Member, alert_id: UUID, *, case: str) -> None:
    """Note that a member saw an alert, and under which case it is looked into.

    Raises:
        NotAvailableError: the member may not.
        WrongValueError: the case is none.
        ConflictError: somebody saw it before, or there is none.
    """
    member.need(Right.SEARCH_LOG)
    reference = checked(case)
    at = deps.clock.now()

    async def work(conn: Conn) -> None:
        if not await store.see(conn, alert_id, by=member.handle, case=reference, at=at):
            raise ConflictError

    await commit.request(deps.database, work)


async def _count(deps: Deps, log_id: LogId) -> bool:
    """Count a page of entries; False when there was none."""
    since = unix_ms(deps.clock.now()) - _KEPT

    async def work(conn: Conn) -> bool:
        old = await store.mark(conn, log_id, since=since)
        facts = await store.facts_after(conn, log_id, old, limit=PIECE)
        if not facts:
            return False
        asked = [one.place for one in facts if rules.may_be_unknown(one)]
        unknown = set(asked) - await sweeps_log.listed(conn, log_id, asked)
        counts = rules.cells(facts, unknown)
        return await store.add(conn, log_id, counts, old=old, new=index_of(facts[-1].place))

    return await commit.request(deps.database, work)


async def _judge(it: Unit) -> None:
    now = unix_ms(it.now)
    for rule in RULES:
        running = now // rule.period * rule.period
        for start in (running - rule.period, running):
            before = [start - day * DAY for day in range(1, DAYS_BEFORE + 1)]
            counts = await store.counts(it.conn, rule.what, [start, *before])
            for cell, count in counts.items():
                if cell.start != start:
                    continue
                past = [counts.get(Cell(one, rule.what, cell.subject), 0) for one in before]
                usual = rules.usual(past)
                if rule.fires(count, usual):
                    row = AlertRow(
                        id=uuid4(),
                        kind=rule.kind.value,
                        subject=cell.subject,
                        start_ms=start,
                        end_ms=start + rule.period,
                        count=count,
                        usual=usual,
                        made_at=it.now,
                    )
                    await store.open_(it.conn, row)
    await store.forget(it.conn, before=now - _KEPT)


async def _tell(it: Unit) -> None:
    """Write to compliance when something is open that no letter told of."""
    ids = await store.untold(it.conn)
    if not ids:
        return
    # Never renewed: within the hour of a letter there is no other.
    if await lease.acquire(it.conn, "alert-letter", holder=uuid4(), length=LETTERS) is None:
        return
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    for member in await staff.all_(it.deps, it.conn):
        if member.may(Right.SEARCH_LOG):
            message = Message(
                template=LETTER,
                to=member.email,
                send=True,
                until=it.now + LIFE,
                parts=mail.fill(rulebook, it.deps),
            )
            await mail.queue(it, member.id.bytes, message=message)
    await store.tell(it.conn, ids, at=it.now)
