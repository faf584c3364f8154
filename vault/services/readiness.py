"""Say whether the vault can do its work: each check by name, and nothing of what it saw.

Source: ecosystem note, 8; security note, 6.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from vault.core.errors import NotReadyError, OpenError, VaultError
from vault.core.log_errors import LogBehindError
from vault.services import anchor, mirror
from vault.services.deps import Deps
from vault.store.engine import now
from vault.store.migrate import at_head

MAX_SKEW = timedelta(seconds=5)  # between our clock and the database's
KEEP_SECONDS = 1.0  # an answer serves all probes of this long
CHECK_SECONDS = 3.0


@dataclass(slots=True)
class Readiness:
    """The checks, with the last answer."""

    deps: Deps
    at: float = float("-inf")  # seconds of the loop's clock
    failed: str | None = None
    warning: str | None = None  # what does not keep the vault from its work, and must be mended

    async def check(self) -> str | None:
        """Return the name of the first check that fails; None when the vault is ready."""
        loop = asyncio.get_running_loop()
        if loop.time() - self.at > KEEP_SECONDS:
            self.failed = await self._first_failure()
            self.warning = "mirror" if await _mirror_lags(self.deps) else None
            self.at = loop.time()
        return self.failed

    async def _first_failure(self) -> str | None:
        for name, check in _CHECKS.items():
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await check(self.deps)
            except (VaultError, TimeoutError, OSError):
                return name
        return None


async def _database(deps: Deps) -> None:
    async with deps.database.connect() as conn:
        if abs(await now(conn) - deps.clock.now()) > MAX_SKEW:
            raise NotReadyError


async def _schema(deps: Deps) -> None:
    async with deps.database.connect() as conn:
        if not await at_head(conn):
            raise NotReadyError


async def _keys(deps: Deps) -> None:
    """Ask the provider to answer, and the keys in memory to be there."""
    if not deps.keys.service("row-mac").secret:
        raise OpenError
    await asyncio.to_thread(deps.keys.probe)


async def _code(deps: Deps) -> None:
    async with deps.database.connect() as conn:
        await deps.codes.in_force(conn, deps.clock.now())


async def _log(deps: Deps) -> None:
    deps.appender.check_open()
    try:
        await anchor.check(deps)
    except LogBehindError:
        raise
    except NotReadyError:  # the mirror's own trouble: the log goes on, and the warning says so
        return


async def _mirror_lags(deps: Deps) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await mirror.is_late(deps)
    except (VaultError, TimeoutError, OSError):
        return True


_CHECKS: dict[str, Callable[[Deps], Awaitable[None]]] = {
    "database": _database,
    "schema": _schema,
    "keys": _keys,
    "code": _code,
    "log": _log,
}
