"""Recover from a database that was put back: carry over what the log says, and open the next log.

1. find where the database's log parts from the mirror, and prove the mirror up to its anchor;
2. open the next log; its first entry behind the writer's `boot`, `origin`, carries the anchored
   checkpoint and the restored size. From here on no process starts before this has come to its end;
3. erase again whose keys the lost entries name, and whom the journal of erasures names;
4. try every customer's tag key on the lost entries, and let what they say stand, customer by
   customer under lock (`vault/services/recovery_apply.py`);
5. put the lost entries back into the old log, where the anchor has them, and retire it: its entries
   stay readable at their places, and none comes any more. Before that the next log is signed and
   mirrored: who can edit the database alone cannot say that a recovery was done.

Twice is once: a recovery that was killed goes on where it was, since whoever is done has the epoch
of the newest lost change. A dry run finds the same and writes nothing.
Source: access-log note, 9; docs/recovery.md.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import structlog

from vault.core import place
from vault.core.entry import Kind
from vault.core.errors import NotReadyError, OpenError
from vault.core.ids import NOBODY, CustomerId, LogId
from vault.core.log_errors import LogBehindError, MirrorMissingError
from vault.core.merkle import HASH_BYTES
from vault.core.recovery import Change
from vault.crypto.keys import Kind as KeyKind
from vault.crypto.keys import unwrap
from vault.crypto.signing import SigningKey
from vault.services import (
    anchor,
    bring_back,
    checkpoints,
    erase,
    erasure_replay,
    lost_changes,
    mirror,
    recovery_apply,
    unit,
)
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.integrator import Integrator
from vault.services.load import wrapped
from vault.services.lost import Proof
from vault.services.unit import Unit
from vault.store import commit, integration, log, logs, sweeps_keys
from vault.store.engine import Conn
from vault.store.integration import Head

CUSTOMERS = 1_000  # whose keys are tried in one pass over the lost entries

# Told of the work: parts done, parts in all.
Report = Callable[[int, int], None]
Places = Mapping[CustomerId, Sequence[int]]
logger = structlog.get_logger()


@dataclass(slots=True)
class Found:
    """What a recovery found and did, in numbers alone."""

    restored: int  # how far database and mirror agree
    anchored: int
    log_id: int  # of the log that entries go to from here on
    known: int = 0  # lost entries of customers that the database has
    unknown: int = 0  # of others, and of nobody
    written: int = 0  # lost entries of writes: the values are gone
    customers: int = 0  # whose decisions were carried over
    ended: int = 0  # consents that the log had ended or narrowed
    not_given: int = 0  # consents to ask for again
    untold: int = 0  # changes of which the log does not say what stood
    broken: int = 0  # customers whose rows do not open: they deny everything
    erased: int = 0
    back: int = 0  # lost entries that stand in the old log again
    again: dict[str, int] = field(default_factory=dict)  # what the operator must do again


@dataclass(slots=True)
class _Work:
    deps: Deps
    old: Head
    proof: Proof
    found: Found
    report: Report
    dry_run: bool
    keys: set[UUID] = field(default_factory=set)  # that the log says were destroyed


async def recover(deps: Deps, *, dry_run: bool, report: Report = lambda *_: None) -> Found | None:
    """Recover; None when there is nothing to recover.

    Args:
        deps: of the vault, opened as its owner and without a look at the anchor; its appender has
            not been started.
        dry_run: find and count, and write nothing.
        report: told how far it is.

    Raises:
        MirrorMissingError, MirrorForgedError, MirrorForeignError, MirrorDownError: there is no
            anchor to recover by.
        MirrorDamagedError: the mirror does not lead to its anchor; nothing was done.
        BusyError: not now; run it again.
    """
    async with deps.database.connect() as conn:
        heads = await logs.standing(conn)
        if not heads:
            raise NotReadyError
        old = heads[0]
        found = await anchor.read(deps, conn, old.log_id)
        if found is None:
            if len(heads) > 1 or await logs.was_mirrored(conn, old.log_id):
                raise MirrorMissingError
            return None
        if len(heads) == 1:
            try:
                await anchor.compare(deps, conn, old)
            except LogBehindError:
                pass
            else:
                return None
        if old.log_id >= place.LAST_LOG:
            raise NotReadyError("This was the last log that a vault can have.")
        start = min(old.size, found.checkpoint.size)
        proof = Proof.of(anchor.folder(deps, old.log_id), found, start=start)
        await _prove(conn, old, proof)
    told = Found(restored=proof.start, anchored=proof.size, log_id=old.log_id + 1)
    it = _Work(deps, old, proof, told, report, dry_run)
    system = await asyncio.to_thread(lost_changes.of_system, proof)
    told.unknown, told.again = system.others, system.again
    it.keys |= system.keys
    if dry_run:
        await _customers(it)
        return told
    await _carry_over(it)
    return told


async def _prove(conn: Conn, old: Head, proof: Proof) -> None:
    """Walk the mirror to its anchor, and find the first leaf at which the database says otherwise."""
    at = 0
    for hashes in proof.walk():
        end = min(at + len(hashes) // HASH_BYTES, proof.start)
        if at < end:
            ours = await logs.leaf_hashes(conn, old.log_id, at, end)
            same = _same(ours, hashes[: (end - at) * HASH_BYTES])
            if same < end - at:
                proof.start = at + same
        at += len(hashes) // HASH_BYTES


def _same(ours: bytes, theirs: bytes) -> int:
    """Return how many hashes at the front are equal."""
    for one in range(0, len(theirs), HASH_BYTES):
        if ours[one : one + HASH_BYTES] != theirs[one : one + HASH_BYTES]:
            return one // HASH_BYTES
    return len(theirs) // HASH_BYTES


async def _carry_over(it: _Work) -> None:
    """Take the steps 2 to 5."""
    deps = it.deps
    log_id = LogId(it.found.log_id)
    origin = deps.origin_of(log_id)

    async def open_next(conn: Conn) -> None:
        if all(one.log_id != log_id for one in await logs.standing(conn)):
            await integration.open_log(conn, log_id, origin)

    await commit.request(deps.database, open_next)
    await deps.appender.start()
    deps.loads.start()
    integrator = Integrator(deps.database, log_id=log_id)
    try:
        await _begin(it, log_id, integrator)
        async with deps.database.connect() as conn:
            back = await sweeps_keys.owners(conn, it.keys) if it.keys else []
        for customer in back:
            await erase.erase(deps, customer)
        it.found.erased = len(back) + await erasure_replay.replay(deps)
        await _customers(it)
        it.found.back = await bring_back.bring_back(deps, it.old, it.proof)
    finally:
        await deps.loads.close()
        await deps.appender.close()
        await _drain(integrator)
        await integrator.close()
    await _publish(deps)

    async def retire(conn: Conn) -> None:
        await logs.close_writers(conn, it.old.log_id)
        await logs.retire(conn, it.old.log_id, at=deps.clock.now())

    await commit.request(deps.database, retire)


async def _begin(it: _Work, log_id: LogId, integrator: Integrator) -> None:
    """Let `origin` be the first that the next log says, once."""
    async with it.deps.database.connect() as conn:
        head = await integration.head(conn, log_id)
        waits = await log.has_waiting(conn, log_id, without=())
    if head is None or head.size or waits:
        return
    members = (
        ("log", int(it.old.log_id)),
        ("checkpoint", it.proof.anchor.text.decode()),
        ("size", it.proof.size),
        ("restored", it.proof.start),
    )

    async def work(one: Unit) -> None:
        one.log(SystemDraft(Kind.ORIGIN, members))

    await unit.run(it.deps, work)
    await _drain(integrator)  # before another writer can come first


async def _publish(deps: Deps) -> None:
    """Sign and mirror the next log, so that a signature and not a row says that it goes on."""
    key = SigningKey(deps.keys.service(anchor.USE).secret)
    await checkpoints.publish(
        deps.database,
        key,
        believe=partial(checkpoints.believed, deps),
        log_id=deps.log_id,
        now=deps.clock.now(),
    )
    await mirror.copy(deps, deps.database)


async def _drain(integrator: Integrator) -> None:
    while await integrator.integrate():
        pass


async def _customers(it: _Work) -> None:
    """Find the owners of the lost entries, page by page, and carry over what they decided."""
    search = lost_changes.Search(it.proof, it.old.origin)
    # Entries about nobody would else be tried with the key of every customer.
    nobodys = [(NOBODY, key.secret) for key in it.deps.keys.generations("nobody-audit")]
    await asyncio.to_thread(search.of_customers, nobodys)
    async with it.deps.database.connect() as conn:
        total = await sweeps_keys.count(conn, KeyKind.AUDIT)
    after: CustomerId | None = None
    done = 0
    while True:
        async with it.deps.database.connect() as conn:
            rows = await sweeps_keys.of_kind(conn, KeyKind.AUDIT, after=after, limit=CUSTOMERS)
        if not rows:
            return
        after = CustomerId(rows[-1].customer)
        keys = []
        for row in rows:
            try:
                keys.append((CustomerId(row.customer), unwrap(it.deps.keys.keks, wrapped(row))))
            except OpenError:
                it.found.broken += 1
        owned = await asyncio.to_thread(search.of_customers, keys)
        it.found.known += owned.entries
        it.found.unknown -= owned.entries
        it.found.written += owned.written
        if not it.dry_run and it.proof.start == min(it.old.size, it.proof.size):

            async def listed(conn: Conn, places: Places = owned.places) -> None:
                await logs.list_again(conn, it.old.log_id, places)

            await commit.records(it.deps.database, listed)
        for customer, lost in owned.changes.items():
            await _one(it, customer, lost)
        done += len(rows)
        it.report(done, max(total, done))


async def _one(it: _Work, customer: CustomerId, lost: list[Change]) -> None:
    try:
        outcome = await recovery_apply.carry_over(it.deps, customer, lost, dry_run=it.dry_run)
    except OpenError:
        it.found.broken += 1
        return
    if outcome is not None:
        it.found.customers += 1
        it.found.ended += len(outcome.consents)
        it.found.not_given += outcome.not_given
        it.found.untold += outcome.untold
