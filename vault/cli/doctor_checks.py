"""Check one thing at a time, each as far as it goes without the others; nothing is changed.

Source: ecosystem note, 6 and 8.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from vault.core.errors import NotReadyError, VaultError
from vault.services import (
    alert,
    erasure_journal,
    key_epochs,
    log_health,
    mirror,
    request_staff,
    retention,
    third_party,
)
from vault.services.deps import Deps
from vault.services.installation import check_issuer, installed
from vault.services.readiness import MAX_SKEW
from vault.settings import Settings
from vault.store import logs
from vault.store.engine import Conn, Database, now, open_database
from vault.store.migrate import at_head
from vault.wiring import SystemClock, open_vault

ROOM: Final = 1 << 30  # bytes free on the disk of the home
MAIL_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; a text without `bad` is worth knowing and no fault."""

    bad: bool = False
    text: str = ""


OK: Final = Finding()
T = TypeVar("T")
Check = Callable[[Settings], Awaitable[Finding]]


async def check_all(given: Settings) -> list[tuple[str, Finding]]:
    """Return the name and finding of every check, in order."""
    return [(name, await _found(check, given)) for name, check in CHECKS.items()]


async def _found(check: Check, given: Settings) -> Finding:
    try:
        return await check(given)
    except VaultError as error:
        return Finding(bad=True, text=error.detail)
    except (OSError, TimeoutError) as error:
        return Finding(bad=True, text=f"{type(error).__name__}. Look at the setting above.")


async def _roles(given: Settings) -> Finding:
    users = {
        urlsplit(url).username
        for url in (given.owner_database, given.database, given.leader_database)
    }
    if given.database.startswith("sqlite:"):
        return Finding(text="SQLite has no roles: whoever can write the file can change all of it.")
    if len(users) < 3:
        return Finding(
            text="Owner, app and leader are not three roles, so the database does not keep the log "
            "append-only. Set OWNSHIP_OWNER_DATABASE_URL and OWNSHIP_LEADER_DATABASE_URL."
        )
    return OK


async def _disk(given: Settings) -> Finding:
    if not given.home.is_dir():
        return Finding(bad=True, text="The home is no folder. Run `ownship init`.")
    mode = given.home.stat().st_mode & 0o077
    free = shutil.disk_usage(given.home).free
    if free < ROOM:
        return Finding(bad=True, text=f"{free >> 20} MB are free. Make room before it is full.")
    if mode:
        return Finding(text="Others of this machine may look into the home: chmod 700.")
    return OK


async def _mail(given: Settings) -> Finding:
    kind, _, rest = given.mail_transport.partition(":")
    if kind == "file":
        if not await asyncio.to_thread(_is_writable, Path(rest)):
            return Finding(bad=True, text="The folder of mails cannot be written.")
        return Finding(text="Mails become files; nobody gets them. Set OWNSHIP_MAIL to a server.")
    parts = urlsplit(given.mail_transport)
    port = parts.port or (465 if kind == "smtps" else 25)
    async with asyncio.timeout(MAIL_SECONDS):
        _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()
        await writer.wait_closed()
    return OK


async def _database(given: Settings) -> Finding:
    async with _connected(given) as conn:
        await now(conn)
    return OK


async def _clock(given: Settings) -> Finding:
    async with _connected(given) as conn:
        skew = abs(await now(conn) - SystemClock().now())
    if skew > MAX_SKEW:
        return Finding(bad=True, text=f"{skew.total_seconds():.0f} s from the database's. Set it.")
    return OK


async def _migrations(given: Settings) -> Finding:
    async with _connected(given) as conn:
        if not await at_head(conn):
            raise NotReadyError("The tables are not this release's. Run `ownship migrate`.")
    return OK


async def _installation(given: Settings) -> Finding:
    async with _opened_database(given) as database:
        check_issuer(await installed(database), given.issuer)
    return OK


async def _keys(given: Settings) -> Finding:
    async def probe(deps: Deps) -> Finding:
        await asyncio.to_thread(deps.keys.probe)
        async with deps.database.connect() as conn:
            overdue = await key_epochs.overdue(conn, now=deps.clock.now())
        if overdue:
            return Finding(
                bad=True,
                text="A key epoch should have ended: days that erasures promised are not kept. "
                "Let `serve` or `jobs` run, with OWNSHIP_LEADER_DATABASE_URL.",
            )
        return OK

    return await _opened(given, probe)


async def _erasures(given: Settings) -> Finding:
    async def read(deps: Deps) -> Finding:
        lines = await erasure_journal.read(deps)
        text = f"lines in the journal: {len(lines):,}" if lines else "nobody was erased yet"
        return Finding(text=text)

    return await _opened(given, read)


async def _code(given: Settings) -> Finding:
    async def in_force(deps: Deps) -> Finding:
        async with deps.database.connect() as conn:
            rulebook = await deps.codes.in_force(conn, deps.clock.now())
        return Finding(text=f"version {rulebook.version}")

    return await _opened(given, in_force)


async def _log(given: Settings) -> Finding:
    async with _connected(given) as conn:
        head = await logs.current(conn)
        if head is None:
            raise NotReadyError("The access log is not opened. Run `ownship init`.")
        stopped = await log_health.stopped(conn, head.log_id)
        late = await log_health.late(conn, head.log_id)
    text = " ".join([*stopped, *late]) or f"{head.size:,} entries integrated"
    return Finding(bad=bool(stopped), text=text)  # without a server nobody signs: no fault


async def _mirror(given: Settings) -> Finding:
    async def read(deps: Deps) -> Finding:
        if await mirror.is_late(deps):
            return Finding(
                bad=True,
                text="The mirror lacks checkpoints of more than a minute ago. Let `serve` or `jobs` "
                "run, and look at the folder of OWNSHIP_MIRROR and its disk.",
            )
        return OK

    return await _opened(given, read)


async def _third_party(given: Settings) -> Finding:
    count = await _opened(given, third_party.late)
    if not count:
        return OK
    return Finding(
        bad=True,
        text=f"{count:,} values that others gave are four weeks old, and their customers were not told "
        "where from, as they must be within a month (GDPR 14). No app sees them: write to these customers, or delete them.",
    )


@asynccontextmanager
async def _opened_database(given: Settings) -> AsyncIterator[Database]:
    database = open_database(given.database)
    try:
        yield database
    finally:
        await database.dispose()


@asynccontextmanager
async def _connected(given: Settings) -> AsyncIterator[Conn]:
    async with _opened_database(given) as database, database.connect() as conn:
        yield conn


async def _opened(given: Settings, look: Callable[[Deps], Awaitable[T]]) -> T:
    async with open_vault(given) as deps:
        return await look(deps)


def _is_writable(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK)


async def _requests(given: Settings) -> Finding:
    late = await _opened(given, _overdue)
    if not late:
        return OK
    return Finding(bad=True, text=f"{late} overdue. Answer them: `ownship request list`.")


async def _alerts(given: Settings) -> Finding:
    """An alert that nobody saw is for compliance, and no fault of the installation."""
    return Finding(bad=False, text=f"alerts open: {await _opened(given, alert.count_open)}")


async def _overdue(deps: Deps) -> int:
    return await request_staff.overdue(deps)


async def _retention(given: Settings) -> Finding:
    late = await _opened(given, retention.left)
    if not late:
        homeless = sum(one.rows for one in await _opened(given, retention.clauses) if not one.lasts)
        text = f"{homeless:,} rows have no clause any more: read by nobody, waiting to be deleted."
        return Finding(text=text) if homeless else OK
    names = ", ".join(f"{name} ({rows:,})" for name, rows in late)
    return Finding(
        bad=True,
        text=f"Kept longer than the code of ethics says: {names}. Let `serve` or `jobs` run, or "
        "run `ownship retention sweep`.",
    )


CHECKS: Final[dict[str, Check]] = {
    "roles": _roles,
    "disk": _disk,
    "mail": _mail,
    "database": _database,
    "clock": _clock,
    "migrations": _migrations,
    "installation": _installation,
    "keys": _keys,
    "erasures": _erasures,
    "code of ethics": _code,
    "log": _log,
    "mirror": _mirror,
    "third parties": _third_party,
    "requests": _requests,
    "alerts": _alerts,
    "retention": _retention,
}
