"""Notice that a client has left before its answer was ready, so that no more is looked at for it.

What was recorded until then stands: it says "permitted", not "received".
Source: performance note, 5.3.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import Response


class Client:
    """Who asked."""

    def __init__(self, watch: asyncio.Task[None]) -> None:
        """Keep the task that ends when the client leaves."""
        self._watch = watch

    @property
    def has_left(self) -> bool:
        """Say whether nobody waits for the answer any more."""
        return self._watch.done()


@asynccontextmanager
async def watching(request: Request) -> AsyncGenerator[Client]:
    """Watch for the client's leaving while an answer is made; for calls whose body was read."""
    watch = asyncio.get_running_loop().create_task(_left(request))
    await asyncio.sleep(0)  # who has left already is seen at once
    try:
        yield Client(watch)
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await watch


def nobody() -> Response:
    """Return what stands for the answer that nobody waits for."""
    return Response(status_code=499)  # as servers log it; it is never sent


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
