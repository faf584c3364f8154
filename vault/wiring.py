"""Build every object, here and nowhere else: settings in, `Deps` and a running vault out.

`open_vault` is for commands, which append and answer; `running` adds what a server needs: the gates
and the tasks behind them. Order matters: what needs a thing is closed before the thing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import structlog

from vault.core.errors import FormatError, NotReadyError, StoreDefectError, VaultError
from vault.core.ids import DeploymentId, LogId
from vault.core.place import origin
from vault.crypto.cosignature import WitnessKey
from vault.crypto.providers.file import FileProvider
from vault.crypto.providers.provider import KeyProvider
from vault.crypto.signing import SigningKey
from vault.services import (
    anchor,
    app_use,
    checkpoints,
    erasure_replay,
    installation,
    jobs,
    key_epochs,
    lookup_row,
    mirror,
    thin_out,
)
from vault.services.appender import Appender
from vault.services.codes import Codes
from vault.services.covered import Covered
from vault.services.deps import Deps
from vault.services.installation import check_issuer, installed
from vault.services.integrator import Integrator
from vault.services.keys import POLL_SECONDS, KeyRing
from vault.services.load_gate import load_gate
from vault.services.publishing import Follower, Publishing
from vault.services.witness import Witness, Witnesses
from vault.settings import Settings
from vault.store import logs
from vault.store.deployment import DeploymentRow
from vault.store.engine import Database, open_database
from vault.store.migrate import at_head

logger = structlog.get_logger()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        return datetime.now(UTC)


def provider(settings: Settings, deployment: DeploymentId) -> KeyProvider:
    """Return the key provider that the settings name."""
    return FileProvider(_ring(settings), deployment)


def make_provider(settings: Settings) -> Callable[[DeploymentId], KeyProvider]:
    """Return what makes an empty key ring at `ownship init`; it refuses where there is one."""
    return lambda deployment: FileProvider.make(_ring(settings), deployment)


def _ring(settings: Settings) -> Path:
    return Path(settings.key_provider.removeprefix("file:"))


@asynccontextmanager
async def open_vault(settings: Settings) -> AsyncIterator[Deps]:
    """Open an installed vault: it can decide, record, open and change; it does not integrate.

    Raises:
        NotReadyError: it is not installed, its schema is another release's, the log is behind its
            mirror, or the journal of erasures is missing or damaged.
        RefusedError: it was made for another issuer.
        UnwrapFailedError, ProviderDownError: the keys do not open.
    """
    database = open_database(settings.database)
    try:
        deps = await _deps(settings, database)
        await anchor.check(deps)
        await deps.appender.start()
        deps.loads.start()
        try:
            await erasure_replay.replay(deps)  # before anything opens
            yield deps
        finally:
            await deps.loads.close()
            await deps.appender.close()
    finally:
        await database.dispose()


@asynccontextmanager
async def recovering(settings: Settings) -> AsyncIterator[Deps]:
    """Open a vault as its owner for a recovery of the log: nothing is appended or opened yet.

    What is appended goes to the log behind the restored one, which the recovery opens.
    """
    database = open_database(settings.owner_database)
    try:
        async with database.connect() as conn:
            heads = await logs.standing(conn) if await at_head(conn) else []
        number = LogId(heads[0].log_id + 1) if heads else None
        yield await _deps(settings, database, log_id=number)
    finally:
        await database.dispose()


@asynccontextmanager
async def unchecked(settings: Settings) -> AsyncIterator[Deps]:
    """Open a vault for a new mirror of its log: nothing is compared, appended or opened."""
    database = open_database(settings.database)
    try:
        yield await _deps(settings, database)
    finally:
        await database.dispose()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Deps]:
    """Open a vault with its background work: integration, jobs, and a watch on the keys."""
    async with open_vault(settings) as deps:
        leader = open_database(settings.leader_database)
        believe = partial(checkpoints.believed, deps)
        publishing = Publishing(
            SigningKey(deps.keys.service("log").secret),
            deps.clock.now,
            anchor=partial(anchor.before_signing, deps),
            believe=believe,
            followers=(mirror.follower(deps, leader), *_witnesses(settings, leader, deps.log_id)),
        )
        integrator = Integrator(leader, log_id=deps.log_id, publishing=publishing, deps=deps)
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(jobs.run(deps, stop), name="jobs"),
            asyncio.create_task(_watch_keys(deps, stop), name="keys"),
            asyncio.create_task(mirror.watch(deps, leader, stop), name="anchor"),
            asyncio.create_task(thin_out.run(deps, stop), name="checkpoints"),
            asyncio.create_task(app_use.run(deps.uses, deps.database, stop), name="uses"),
            asyncio.create_task(key_epochs.run(deps, leader, stop), name="key epochs"),
        ]
        if settings.log_wait == "integrated":
            deps.appender.covered = Covered(deps.database, log_id=deps.log_id, believe=believe)
        integrator.start()
        try:
            yield deps
        finally:
            stop.set()
            await asyncio.wait(tasks, timeout=10)
            await deps.loads.close()
            await deps.appender.close()
            await integrator.close()
            await leader.dispose()


def _witnesses(settings: Settings, leader: Database, log_id: LogId) -> list[Follower]:
    """Return who asks the witnesses that are named, if there are any."""
    try:
        found = [
            Witness(WitnessKey.parse(key), url.rstrip("/"))
            for key, _, url in (
                one.strip().partition(" ") for one in settings.witnesses.split(",") if one.strip()
            )
        ]
    except FormatError:
        msg = "OWNSHIP_WITNESSES has a verifier key that is none of type 0x04 or 0x06."
        raise NotReadyError(msg) from None
    return [Witnesses(leader, found, log_id=log_id).follow] if found else []


async def _deps(settings: Settings, database: Database, *, log_id: LogId | None = None) -> Deps:
    row = await _checked(settings, database)
    clock = SystemClock()
    deployment = DeploymentId(row.deployment_id)
    keys = await _key_ring(settings, database, deployment)
    codes = Codes(deployment, keys)
    code = ""
    async with database.connect() as conn:
        await keys.load(conn)
        head = await logs.current(conn)
        with contextlib.suppress(NotReadyError):  # none is published yet
            code = (await codes.in_force(conn, clock.now())).digest
    if head is None:
        raise NotReadyError("There is no access log yet. Run `ownship init`.")
    number = head.log_id if log_id is None else log_id
    appender = Appender(
        database,
        origin=origin(row.issuer, number),
        key=SigningKey(keys.service("entry-receipts").secret),
        now=clock.now,
        code=code,
        version=version("ownship"),
        log_id=number,
    )
    return Deps(
        database=database,
        clock=clock,
        deployment=deployment,
        issuer=row.issuer,
        log_id=number,
        origin=origin(row.issuer, number),
        keys=keys,
        codes=codes,
        appender=appender,
        loads=load_gate(database, codes, intact=lookup_row.check(keys, deployment)),
        mail_to=settings.mail_transport,
        mail_from=settings.mail_from,
        home=settings.home,
        dpop_nonce=settings.dpop_nonce == "required",
        hot_route=settings.hot_route == "on",
        leave_to=settings.leave_to,
        card_range=settings.card_range,
        erasures=settings.erasures,
        mirror=settings.mirror,
    )


async def _key_ring(settings: Settings, database: Database, deployment: DeploymentId) -> KeyRing:
    async with database.connect() as conn:
        missing = await installation.absent(conn)
    if missing:
        # A role that may not add keys leaves it to `ownship migrate`; loading says so.
        with contextlib.suppress(StoreDefectError):
            await complete(settings, settings.leader_database)
    return KeyRing(provider(settings, deployment), deployment)


async def complete(settings: Settings, url: str) -> None:
    """Make the service keys that this release added, as the role of a database's URL.

    Raises:
        NotReadyError, UnwrapFailedError, ProviderDownError: the keys do not open.
    """
    database = open_database(url)
    try:
        deployment = DeploymentId((await installed(database)).deployment_id)
        ring = KeyRing(provider(settings, deployment), deployment)
        await installation.complete(database, ring, now=SystemClock().now())
    finally:
        await database.dispose()


async def _checked(settings: Settings, database: Database) -> DeploymentRow:
    async with database.connect() as conn:
        if not await at_head(conn):
            msg = "The database's schema is not this release's. Run `ownship migrate`."
            raise NotReadyError(msg)
    row = await installed(database)
    check_issuer(row, settings.issuer)
    return row


async def _watch_keys(deps: Deps, stop: asyncio.Event) -> None:
    """Read the keys again every 30 seconds, so that a destroyed epoch is dropped here too."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)
            return
        try:
            async with deps.database.connect() as conn:
                await deps.keys.load(conn)
        except VaultError as error:
            # The keys in memory go on: a provider that is down must not stop withdrawals.
            logger.warning("keys-not-read", error=error.code)
