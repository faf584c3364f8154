"""Answer probes: `/healthz` turns with the loop, `/readyz` asks what a request would need.

Source: ecosystem note, 8.
"""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from vault.services.deps import Deps
from vault.services.readiness import Readiness

NO_STORE = {"cache-control": "no-store"}


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["health"])
    readiness = Readiness(deps)

    @routes.get("/healthz", summary="The process turns")
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"}, headers=NO_STORE)

    @routes.get("/readyz", summary="The vault can do its work")
    async def readyz() -> Response:
        failed = await readiness.check()
        if failed is None:
            warning = {"warning": readiness.warning} if readiness.warning else {}
            return JSONResponse({"status": "ready", **warning}, headers=NO_STORE)
        body = {"status": "not-ready", "check": failed}
        return JSONResponse(body, status_code=503, headers={**NO_STORE, "retry-after": "1"})

    return routes
