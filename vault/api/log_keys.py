"""Publish the keys with which entry receipts and the log are checked; retired ones stay.

Source: access-log note, 7 and 8; DESIGN 10.
"""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from vault.services import log_keys
from vault.services.deps import Deps

PUBLIC = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["log"])

    @routes.get("/log/keys", summary="Verifier keys, retired ones too")
    async def keys() -> Response:
        found = await log_keys.published(deps)
        body = {
            "origin": deps.origin,
            "keys": [
                {
                    "use": one.use,
                    "origin": one.origin,
                    "verifier_key": one.verifier_key,
                    "from": one.made_at.isoformat(),
                    "until": one.retired_at.isoformat() if one.retired_at else None,
                }
                for one in found
            ],
        }
        return JSONResponse(body, headers=PUBLIC)

    return routes
