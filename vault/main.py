"""The ASGI entry: open the vault in the lifespan, then send each path to its front.

`vault.main:app` reads the environment when the server starts it, never at import.
"""

import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib.metadata import version

import structlog

from portal import app as portal_app
from vault.api import app as api_app
from vault.garbage import settle
from vault.guard import App, Guard, Receive, Scope, Send
from vault.services.deps import Deps
from vault.settings import Settings, read
from vault.wiring import running

logger = structlog.get_logger()


def front(deps: Deps, settings: Settings) -> App:
    """Return both fronts behind the guard, on a vault that is open."""
    api = api_app.create(deps, version=version("ownship"))
    portal = portal_app.create(deps, settings.trusted_proxies)

    async def split(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = api if scope["path"].startswith(api_app.PATHS) else portal
        await chosen(scope, receive, send)

    return Guard(split, issuer=deps.issuer)


class Server:
    """A vault whose life is the server's: opened at start-up, closed at shut-down."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        """Keep how to get the settings; nothing is read yet."""
        self._settings = settings
        self._front: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the lifespan or a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._front is None:
            # Without a lifespan there would be no gates and no keys, so nothing is served.
            msg = "the server did not run the lifespan"
            raise RuntimeError(msg)
        else:
            await self._front(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                settings = self._settings()
                deps = await stack.enter_async_context(running(settings))
                self._front = front(deps, settings)
                settle()
            except Exception as error:  # noqa: BLE001  the server is told, and ends
                logger.critical("start-refused", error=type(error).__name__)
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._front = None
        await send({"type": "lifespan.shutdown.complete"})


app = Server(lambda: read(os.environ))
