"""Serve the log as static files: checkpoint, tiles and bundles of entries, for everybody.

A path has one spelling, and any other is not found: two addresses for the same bytes would be two
truths to a cache. What is full never changes and may be kept for ever; what a checkpoint does not
cover yet is a 404 that says so. No token, and no personal data: entries are sealed as they stand.
Source: c2sp.org/tlog-tiles; access-log note, 6; docs/formats.md.
"""

import re
from collections.abc import AsyncIterator, Awaitable
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from vault.api.problems import HEADERS, framework_problem, problem
from vault.core.errors import FormatError, VaultError
from vault.core.ids import LogId
from vault.core.place import LAST_LOG
from vault.core.tiles import ENTRIES, WIDTH, Tile
from vault.services import log_files
from vault.services.deps import Deps
from vault.services.log_files import Bundle

OPEN: Final = {**HEADERS, "access-control-allow-origin": "*"}
NEWEST: Final = {**OPEN, "cache-control": "public, max-age=1"}
PARTIAL: Final = {**OPEN, "cache-control": "public, max-age=60"}
FULL: Final = {**OPEN, "cache-control": "public, max-age=31536000, immutable"}
BYTES: Final = "application/octet-stream"

_NUMBER: Final = re.compile("[1-9][0-9]{0,4}")
_TEXT_BODY: Final = {"text/plain": {"schema": {"type": "string"}}}
_BYTES_BODY: Final = {BYTES: {"schema": {"type": "string", "format": "binary"}}}
_PROBLEM: Final = {
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def _answers(what: str, content: object) -> dict[int | str, dict[str, object]]:
    return {
        200: {"description": what, "content": content},
        404: {"description": "No checkpoint covers it (yet), or no such path", **_PROBLEM},
        503: {"description": "Busy, or the log is broken", **_PROBLEM},
    }


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["log"], default_response_class=Response)
    newest = _answers("A signed note: origin, size, root", _TEXT_BODY)
    tile = _answers(
        "256 hashes of 32 bytes, or W; of a bundle the entries, each with a u16 length", _BYTES_BODY
    )

    async def opened(work: Awaitable[Response]) -> Response:
        """Answer errors with a problem that a page of another origin may read too."""
        try:
            answer = await work
        except FormatError:
            answer = framework_problem(404, deps.issuer, OPEN)
        except VaultError as error:
            answer = problem(error, deps.issuer)
            answer.headers["access-control-allow-origin"] = "*"
        return answer

    @routes.get("/log/checkpoint", summary="The newest checkpoint", responses=newest)
    async def checkpoint(request: Request) -> Response:
        """The C2SP checkpoint of the main log; at most a second old."""
        return await opened(_checkpoint(deps, request, ""))

    @routes.get("/log/tile/{path:path}", summary="A tile, or a bundle of entries", responses=tile)
    async def tiles(request: Request, path: str) -> Response:
        """`L/N`, `L/N.p/W`, `entries/N` or `entries/N.p/W`, as C2SP tlog-tiles writes them."""
        return await opened(_tile(deps, request, "", path))

    @routes.get("/log/{log}/checkpoint", summary="That of another log", responses=newest)
    async def checkpoint_of(request: Request, log: str) -> Response:
        """The same of log 1 and up, retired ones too."""
        return await opened(_checkpoint(deps, request, log))

    @routes.get("/log/{log}/tile/{path:path}", summary="Those of another log", responses=tile)
    async def tiles_of(request: Request, log: str, path: str) -> Response:
        """The same of log 1 and up, retired ones too."""
        return await opened(_tile(deps, request, log, path))

    return routes


async def _checkpoint(deps: Deps, request: Request, log: str) -> Response:
    text = await log_files.checkpoint(deps, _log(request, log))
    return Response(text, headers=NEWEST, media_type="text/plain; charset=utf-8")


async def _tile(deps: Deps, request: Request, log: str, path: str) -> Response:
    log_id, tile = _log(request, log), Tile.parse(f"tile/{path}")
    headers = FULL if tile.width == WIDTH else PARTIAL
    if tile.level != ENTRIES:
        found = await log_files.hashes(deps, log_id, tile)
        return Response(found, headers=headers, media_type=BYTES)
    bundle = await log_files.bundle(deps, log_id, tile)
    if bundle.rest is None:
        return Response(bundle.first, headers=headers, media_type=BYTES)
    length = {"content-length": str(bundle.length)}
    return StreamingResponse(_pieces(bundle), headers={**headers, **length}, media_type=BYTES)


async def _pieces(bundle: Bundle) -> AsyncIterator[bytes]:
    yield bundle.first
    if bundle.rest is not None:
        async for piece in bundle.rest:
            yield piece


def _log(request: Request, log: str) -> LogId:
    """Return the log's number; none but the main log goes without.

    Raises:
        FormatError: it has another spelling, or the path was sent in another one.
    """
    if b"%" in request.scope.get("raw_path", b""):
        raise FormatError
    if not log:
        return LogId(0)
    if not _NUMBER.fullmatch(log) or int(log) > LAST_LOG:
        raise FormatError
    return LogId(int(log))
