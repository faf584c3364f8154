"""Stand in front of every route: one Host, bounded bodies and times, a request id, HEAD as GET.

The outermost ASGI layer, for both fronts. It refuses before anything is parsed: a missing, doubled
or foreign Host, doubled credentials, a body over its limit or slower than ten seconds. It knows no
route, no session and no token. An error that nobody caught becomes a 500 that says nothing.
Source: security note, 6; portal note, 10; RFC 9112, 3.2.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog

from vault.crypto.random import label

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1_048_576  # bytes; the largest body of any route
BODY_SECONDS = 10.0  # for the whole body, so that a byte a second ends too
SEND_SECONDS = 10.0  # for each part of an answer
MAX_HEADERS = 100
PROBES = frozenset({"/healthz", "/readyz"})
# Two of these would let a proxy and the vault each believe a different one.
SINGLE = frozenset(
    {b"host", b"authorization", b"dpop", b"content-type", b"content-length", b"cookie"}
)
# RFC 9110 allows several Cookie lines in HTTP/2 only; the server speaks HTTP/1.1.

logger = structlog.get_logger()


class _TooLarge(Exception):
    pass


class Guard:
    """Wrap an ASGI application."""

    def __init__(self, app: App, *, issuer: str) -> None:
        """Keep the application; only the issuer's host is served."""
        self._app = app
        self._issuer = issuer
        self._host = urlsplit(issuer).netloc.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or the lifespan."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is offered anywhere
            return
        request_id = label()
        scope.setdefault("state", {})["request_id"] = request_id
        outgoing = _Outgoing(send, request_id, head=scope["method"] == "HEAD")
        refusal = self._refusal(scope)
        if refusal:
            await self._problem(outgoing, *refusal)
            return
        scope["state"]["method"] = scope["method"]  # as sent: a proof names it
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
        incoming = _Incoming(receive)
        outgoing.incoming = incoming
        try:
            await self._app(scope, incoming, outgoing)
        except Exception as error:  # noqa: BLE001  the last resort: no detail leaves, none is logged
            if incoming.refusal is None:
                logger.error("unhandled", error=type(error).__name__, request=request_id)
                await self._problem(outgoing, 500, "internal", "Internal error")
        if incoming.refusal is not None:
            await self._problem(outgoing, *incoming.refusal)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > MAX_HEADERS:
            return 431, "headers-too-large", "Too many headers"
        names = [name for name, _ in headers if name in SINGLE]
        if len(names) != len(set(names)):
            return 400, "bad-request", "A header that may stand once stands twice"
        if not scope["path"].startswith("/"):
            return 400, "bad-request", "The target must begin with a slash"
        found = dict(headers)
        host = found.get(b"host", b"").lower()
        if host != self._host and not (scope["path"] in PROBES and _is_loopback(host)):
            return 421, "wrong-host", "This host is not served here"
        length = found.get(b"content-length", b"0")
        if not length.isdigit():
            return 400, "bad-request", "Content-Length is not a number"
        if int(length) > MAX_BODY:
            return 413, "too-large", "Payload too large"
        return None

    async def _problem(self, send: "_Outgoing", status: int, code: str, title: str) -> None:
        if send.started:  # half an answer is out; the connection closes without the rest
            return
        body = orjson.dumps(
            {"type": f"{self._issuer}/problems/{code}", "title": title, "status": status}
        )
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Incoming:
    """Count the body's bytes and seconds; Content-Length alone may lie or be absent."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._deadline: float | None = None
        self.refusal: tuple[int, str, str] | None = None  # why the body is not read on
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # waiting for the client to leave; no limit of time here
            return await self._receive()
        loop = asyncio.get_running_loop()
        self._deadline = self._deadline or loop.time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self.refusal = 408, "timeout", "Request timeout"
            raise
        self._size += len(message.get("body", b""))
        if self._size > MAX_BODY:
            self.refusal = 413, "too-large", "Payload too large"
            raise _TooLarge
        self._complete = not message.get("more_body", False)
        return message


class _Outgoing:
    """Add the request id, bound each send, and drop the body of a HEAD."""

    def __init__(self, send: Send, request_id: str, *, head: bool) -> None:
        self._send = send
        self._id = request_id.encode()
        self._head = head
        self.started = False
        self.streams = False  # the body comes in parts, each of which the client must take
        self.incoming: _Incoming | None = None

    async def __call__(self, message: Message) -> None:
        refusal = self.incoming.refusal if self.incoming else None
        if refusal and not self.started and message.get("status") != refusal[0]:
            return  # what the application makes of a body that broke off; the guard answers
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self._id)]
            await self._send(message)  # it waits for the body, so there is nothing to bound
            return
        if self._head:
            message = {**message, "body": b""}
        if not self.streams and not message.get("more_body"):
            await self._send(message)  # a body in one piece is the server's to send
            return
        self.streams = True
        async with asyncio.timeout(SEND_SECONDS):
            await self._send(message)


def _is_loopback(host: bytes) -> bool:
    name = host.rsplit(b":", 1)[0] if not host.endswith(b"]") else host
    return name in {b"localhost", b"127.0.0.1", b"[::1]"}
