"""End the epochs of the key-encryption keys, and say by when what they wrapped is dead.

1. an epoch is over after 30 days: the next one's key is made in the provider, its KEK under it;
2. once every process has read it, it wraps, and the old one retires;
3. what lies under the old one is wrapped anew, a page at a time, each in a transaction;
4. when nothing is left, and no process can still wrap with it, it goes from the database, and then
   its epoch's key from the provider: no backup opens any more.

Each step is found in the rows alone, so a process that ends anywhere is followed by another; two at
once do no harm. Nothing is stopped for it: all living KEKs are read.
Source: crypto note, 2 and 10; DESIGN 7.
"""

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from vault.core import key_epoch
from vault.core.entry import Kind as EntryKind
from vault.core.errors import ConflictError, OpenError, VaultError
from vault.core.key_epoch import SETTLE, Epoch, State
from vault.crypto.keys import Kind, WrappedKey, rewrap
from vault.crypto.providers.provider import KeyRef
from vault.services import unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.keys import wrapped_service
from vault.services.load import wrapped
from vault.services.unit import Unit
from vault.store import customer, kek, retained, service_key, sweeps
from vault.store.engine import Conn, Database
from vault.store.kek import KekRow

PAGE: Final = 500  # keys wrapped anew in one transaction
EVERY: Final = timedelta(minutes=1)  # how often a process looks whether a step is due

logger = structlog.get_logger()


async def dead_by(conn: Conn, kek_ids: Collection[UUID], *, now: datetime) -> datetime:
    """Return the moment by which no backup made until now opens anything under these keys.

    What was wrapped before lies under an older epoch in older backups; older epochs end earlier.
    """
    rows = await kek.load_all(conn)
    return key_epoch.dead_by((_epoch(row) for row in rows if row.kek_id in kek_ids), now=now)


async def overdue(conn: Conn, *, now: datetime) -> bool:
    """Tell whether an epoch should have been destroyed by now."""
    ends = [
        row.made_at + key_epoch.LIFE
        for row in await kek.load_all(conn)
        if row.state not in {State.MADE, State.DESTROYED}
    ]
    return any(now > end + key_epoch.REWRAP for end in ends)


async def run(deps: Deps, leader: Database, stop: asyncio.Event) -> None:
    """Take each step when it is due, until told to stop.

    Args:
        deps: what a use case may touch.
        leader: the database as the role that may change keys.
        stop: ends it between two steps.
    """
    while not stop.is_set():
        try:
            while not stop.is_set() and await step(deps, leader):
                pass
        except VaultError as error:  # the database or the provider is away: it waits
            logger.warning("key-epoch-waits", error=error.code)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY.total_seconds())


async def step(deps: Deps, leader: Database, *, now: bool = False) -> str:
    """Take the step that is due; return it in a word, "" where none is.

    Args:
        deps: what a use case may touch.
        leader: the database as the role that may change keys.
        now: begin a new epoch although the old one is not over.

    Raises:
        BusyError, UnwrapFailedError: nothing was changed; the step is due again.
    """
    on = replace(deps, database=leader)
    async with leader.connect() as conn:
        await deps.keys.load(conn)
        rows = await kek.load_all(conn)
    moment = deps.clock.now()
    by_state = {state: [row for row in rows if row.state == state] for state in State}
    for row in by_state[State.DESTROYING]:
        return await _destroy(on, row)
    for row in by_state[State.MADE]:
        return await _activate(on, by_state[State.ACTIVE], row, moment)
    for row in by_state[State.RETIRING]:
        return await _retire(on, row, moment)
    if now or any(key_epoch.is_over(_epoch(row), now=moment) for row in by_state[State.ACTIVE]):
        return await _begin(on, max(row.epoch for row in rows) + 1, moment)
    return ""


async def _begin(deps: Deps, epoch: int, moment: datetime) -> str:
    kek_id, ref, blob = await asyncio.to_thread(deps.keys.make_kek, epoch)
    row = KekRow(
        kek_id=kek_id,
        epoch=epoch,
        state=State.MADE,
        provider=ref.provider,
        key_ref=ref.ref,
        key_version=ref.version,
        blob=blob,
        made_at=moment,
    )

    async def work(it: Unit) -> None:
        await kek.add(it.conn, row)
        it.log(_entry(row, State.MADE))

    await unit.run(deps, work)
    return "made"


async def _activate(deps: Deps, active: list[KekRow], row: KekRow, moment: datetime) -> str:
    if moment - row.made_at < SETTLE:
        return ""

    async def work(it: Unit) -> None:
        for old in active:
            # Whoever has not read this yet still wraps with it for a while.
            await _move(it, old, State.RETIRING, destroy_at=it.now + SETTLE)
        await _move(it, row, State.ACTIVE)
        it.log(_entry(row, State.ACTIVE))

    await unit.run(deps, work)
    return "active"


async def _retire(deps: Deps, row: KekRow, moment: datetime) -> str:
    """Wrap one page anew; with the last one, when its time has come, the key goes."""

    async def work(it: Unit) -> str:
        await kek.hold(it.conn, row.kek_id)
        anew, dead, more = await _rewrap(it, row.kek_id)
        if more and not anew:  # behind a page of damaged ones there may be good ones
            logger.error("keys-damaged", count=dead)
            return ""
        if more:
            return "wrapped"
        if row.destroy_at is None or moment < row.destroy_at:
            return "wrapped" if anew else ""
        if dead:  # they open under no key at all, so nothing is lost by this
            logger.error("keys-damaged", count=dead)
        await _move(it, row, State.DESTROYING)
        return "destroying"

    done, _ = await unit.run(deps, work)
    return done


async def _rewrap(it: Unit, kek_id: UUID) -> tuple[int, int, bool]:
    """Wrap a page anew; return how many, how many do not open, and whether more may follow."""
    keks = it.deps.keys.keks
    if keks.active.kek_id == kek_id:
        raise ConflictError  # this process does not see the new one yet
    anew = dead = 0
    of_customers, of_laws = await sweeps.keys_behind(it.conn, kek_id, limit=PAGE)
    for row in of_customers:
        try:
            new = rewrap(keks, wrapped(row))
        except OpenError:
            dead += 1
            continue
        fresh = replace(row, kek_id=new.kek_id, wrapped=new.blob)
        anew += await customer.replace_key(it.conn, fresh, old_kek=kek_id)
    for kept in of_laws:
        old = WrappedKey(kept.customer, Kind.RETAINED, 1, kept.key_id, kept.kek_id, kept.wrapped)
        try:
            new = rewrap(keks, old)
        except OpenError:
            dead += 1
            continue
        stays = replace(kept, kek_id=new.kek_id, wrapped=new.blob)
        anew += await retained.replace_key(it.conn, stays, old_kek=kek_id)
    for own in await service_key.load_all(it.conn):
        if own.kek_id == kek_id and own.wrapped is not None:
            new = rewrap(keks, wrapped_service(own))
            moved = replace(own, kek_id=new.kek_id, wrapped=new.blob)
            anew += await service_key.rewrap(it.conn, moved, old_kek=kek_id)
    return anew, dead, PAGE in {len(of_customers), len(of_laws)}


async def _destroy(deps: Deps, row: KekRow) -> str:
    ref = KeyRef(row.provider, row.key_ref, row.key_version)
    final = await asyncio.to_thread(deps.keys.destroy, ref)

    async def work(it: Unit) -> None:
        await _move(it, row, State.DESTROYED, destroy_at=final)
        it.log(_entry(row, State.DESTROYED))

    await unit.run(deps, work)
    return "destroyed"


async def _move(it: Unit, row: KekRow, state: State, *, destroy_at: datetime | None = None) -> None:
    moved = await kek.set_state(
        it.conn, row.kek_id, before=row.state, state=state, destroy_at=destroy_at
    )
    if not moved:  # another process took this step
        raise ConflictError


def _entry(row: KekRow, state: State) -> SystemDraft:
    members = (("use", "kek"), ("epoch", row.epoch), ("state", state.value))
    return SystemDraft(EntryKind.KEY, members)


def _epoch(row: KekRow) -> Epoch:
    return Epoch(State(row.state), row.made_at)
