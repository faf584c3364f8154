"""Send lines of JSON as they come, and stop what makes them when the client has gone.

Each part is handed to the server before the next one is made: a slow client holds the maker up.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from vault.services.access import Caller

NDJSON = "application/x-ndjson"


def wanted(request: Request) -> bool:
    """Say whether a client asked for lines."""
    return NDJSON in request.headers.get("accept", "")


class Lines(StreamingResponse):
    """An answer of lines, in parts."""

    def __init__(self, parts: AsyncGenerator[bytes], headers: Mapping[str, str]) -> None:
        """Keep the generator; it is closed when the answer ends, however it ends."""
        super().__init__(parts, headers=headers, media_type=NDJSON)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts."""
        async with aclosing(self._parts):
            await super().__call__(scope, receive, send)


def headers_of(caller: Caller) -> dict[str, str]:
    """Return the headers of an answer that no cache keeps; it renews the proof's nonce where due."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if caller.nonce:
        headers["dpop-nonce"] = caller.nonce
    return headers
