"""Open the vault for one command: read the settings, say logs on stderr, and close what was opened.

Source: ecosystem note, 5 and 6.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from vault.cli.outcome import NOT_READY, fail, told

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.settings import Settings

T = TypeVar("T")


def settings() -> "Settings":
    """Read the settings from the environment.

    Raises:
        SettingsError: naming the variable.
    """
    from vault.settings import read

    return read(os.environ)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's work on an event loop, and tell its errors."""
    from vault.cli.logs import configure

    configure()
    with told():
        return asyncio.run(_await(work))


def with_vault(work: Callable[["Deps"], Awaitable[T]]) -> T:
    """Run a command's work on the installed vault of the settings, and tell its errors."""

    async def opened() -> T:
        async with vault() as deps:
            return await work(deps)

    return run(opened)


@asynccontextmanager
async def vault(given: "Settings | None" = None) -> AsyncIterator["Deps"]:
    """Open the vault; whatever hinders it is "not ready"."""
    from vault.core.errors import RefusedError
    from vault.wiring import open_vault

    context = open_vault(given or settings())
    try:
        deps = await context.__aenter__()
    except RefusedError as error:  # another issuer: the settings are at fault, no rule
        fail(f"{error.code}: {error.detail}", NOT_READY)
    try:
        yield deps
    finally:
        await context.__aexit__(None, None, None)


async def _await(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
