"""Serve the signed notes of replays: the newest ones in a list, and each by the log's size.

Source: access-log note, 10; docs/formats.md, replay.
"""

from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from vault.api.problems import HEADERS, framework_problem
from vault.services import replay_notes
from vault.services.deps import Deps

NOTE: Final = {
    **HEADERS,
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=300",
}


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["log"])

    @routes.get("/log/replay", summary="The newest replays of the log, and what came of each")
    async def notes() -> Response:
        found = await replay_notes.newest(deps)
        listed = [
            {
                "from": one.start,
                "to": one.size,
                "disagreements": one.disagreeing,
                "note": f"{deps.issuer}/log/replay/{one.size}",
            }
            for one in found
        ]
        return JSONResponse({"origin": deps.origin, "replays": listed}, headers=NOTE)

    @routes.get("/log/replay/{size}", summary="The signed note of one replay")
    async def note(size: str) -> Response:
        number = int(size) if size.isascii() and size.isdigit() and len(size) < 17 else -1
        text = await replay_notes.text(deps, number) if str(number) == size else None
        if text is None:
            return framework_problem(404, deps.issuer, dict(NOTE))
        return PlainTextResponse(text, headers=NOTE)

    return routes
