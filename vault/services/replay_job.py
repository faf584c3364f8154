"""Replay the log each night, in parts that go on where one was cut, and sign what came of it.

1. once a day one process begins a replay of what came since the last signed one;
2. each part is one job, which adds its counts and moves the place in one transaction;
3. at the end the outcome is signed, the note is kept, and an entry of the log names it;
4. where an entry should have been refused, an alert opens: the console shows it, a letter tells.

A night that was missed is made up for by the next. What is signed is what was found, good or not.
Source: access-log note, 10; docs/replay.md.
"""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from vault.core import replay as rules
from vault.core.alert import AlertKind
from vault.core.checkpoint import NotPublishedError
from vault.core.entry import Kind
from vault.core.errors import ConflictError
from vault.core.ids import LogId
from vault.core.times import unix_ms
from vault.crypto.random import uuid4, uuid7
from vault.crypto.signing import SigningKey, sign_note
from vault.services import checkpoints, replay, unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.unit import Unit
from vault.store import alert as alert_store
from vault.store import commit, job, lease
from vault.store import replay as store
from vault.store.alert import AlertRow
from vault.store.engine import Conn
from vault.store.job import JobRow
from vault.store.replay import DONE, ReplayRow
from vault.verifier.replay import VERSION

KIND: Final = "log-replay"
EVERY: Final = timedelta(days=1)
PART: Final = 20_000  # entries of one job: some seconds of work
SUBJECT: Final = "log:"  # what the subject of an alert begins with; then the first entry's place
_NOTHING: Final = "[]"

logger = structlog.get_logger()


async def daily(deps: Deps) -> bool:
    """Begin a replay; False when another process did so within the day, or nothing is new."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, KIND, holder=uuid4(), length=EVERY) is not None

    if not await commit.claim(deps.database, mine):
        return False
    row = await begun(deps)
    if row is None:
        return False

    async def work(conn: Conn) -> bool:
        await store.begin_at(conn, row)
        await _queue(deps, conn, row)
        return True

    return await commit.request(deps.database, work)


async def begun(deps: Deps, *, start: int | None = None) -> ReplayRow | None:
    """Return a replay that has found nothing yet, up to the newest checkpoint; nothing is written.

    Args:
        deps: what a use case may touch.
        start: the first index; None for what no signed replay covers.

    Returns:
        None where there is no checkpoint, or nothing before it that is new.
    """
    async with deps.database.connect() as conn:
        try:
            newest = await checkpoints.newest(deps, conn, deps.log_id)
        except NotPublishedError:
            return None
        last = await store.signed(conn, deps.log_id, limit=1)
    first = start if start is not None else (last[0].size if last else 0)
    if first >= newest.size:
        return None
    return ReplayRow(
        log_id=deps.log_id,
        size=newest.size,
        start=first,
        root=newest.checkpoint.root,
        place="",
        replayed=0,
        unreadable=0,
        undecidable=0,
        disagreeing=0,
        found=_NOTHING,
        began_at=deps.clock.now(),
    )


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Do the part of a job, then queue the next one, or sign."""
    log_id, _, size = work.ref.partition("/")
    async with deps.database.connect() as conn:
        row = await store.load(conn, LogId(int(log_id)), int(size))
    if row is None or row.text is not None:
        return
    after = row
    if row.place != DONE:
        after = (await replay.part(deps, row, most=PART)).row

        async def moved(conn: Conn) -> None:
            if not await store.move(conn, after, before=row.place):
                raise ConflictError  # another worker did this part
            if after.place != DONE:
                await _queue(deps, conn, after)

        await commit.request(deps.database, moved)
    if after.place == DONE:
        await certify(deps, after)


async def certify(deps: Deps, row: ReplayRow) -> str:
    """Sign a replay that is at its end, keep the note, and log it; returns the note.

    Raises:
        ConflictError: it was signed already.
    """
    async with deps.database.connect() as conn:
        system = await replay.learn_system(conn)
    origin = deps.origin_of(row.log_id)
    said = rules.Outcome(
        origin=origin,
        start=row.start,
        size=row.size,
        root=row.root,
        replayed=row.replayed,
        unreadable=row.unreadable,
        undecidable=row.undecidable,
        disagreeing=row.disagreeing,
        codes=system.digests,
        evaluator=VERSION,
    )
    key = SigningKey(deps.keys.service("replay").secret)
    text = sign_note(key, rules.key_name(origin), rules.body(said))

    async def work(it: Unit) -> None:
        if not await store.sign(it.conn, replace(row, text=text)):
            raise ConflictError
        it.log(_entry(row, text))
        if row.disagreeing:
            await alert_store.open_(it.conn, _alert(it, row))

    await unit.run(deps, work)
    if row.disagreeing:
        logger.critical("log-replay-disagrees", log=row.log_id, count=row.disagreeing)
    return text


async def _queue(deps: Deps, conn: Conn, row: ReplayRow) -> None:
    now = deps.clock.now()
    work = job.new(
        deps.deployment,
        uuid7(unix_ms(now)),
        kind=KIND,
        ref=f"{row.log_id}/{row.size}",
        run_at=now,
    )
    await job.add(conn, [work])


def _entry(row: ReplayRow, text: str) -> SystemDraft:
    members: tuple[tuple[str, str | int], ...] = (
        ("what", "replay"),
        ("from", row.start),
        ("to", row.size),
        ("replayed", row.replayed),
        ("unreadable", row.unreadable),
        ("undecidable", row.undecidable),
        ("disagreements", row.disagreeing),
        ("evaluator", VERSION),
        ("note", hashlib.sha256(text.encode()).hexdigest()),
    )
    return SystemDraft(Kind.CERTIFICATE, members)


def _alert(it: Unit, row: ReplayRow) -> AlertRow:
    first = next(iter(json.loads(row.found)), [0])[0]
    return AlertRow(
        id=uuid4(),
        kind=AlertKind.REPLAY.value,
        subject=f"{SUBJECT}{first}",
        start_ms=unix_ms(row.began_at),
        end_ms=unix_ms(it.now),
        count=row.disagreeing,
        usual=0,
        made_at=it.now,
    )
