"""Put the front for apps together: OAuth, the data API, probes, keys, and OpenAPI."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import Receive, Scope, Send

from vault.api import (
    attachments,
    audience,
    batch,
    card,
    consents,
    contacts,
    examples,
    follow_ups,
    health,
    interactions,
    log,
    log_keys,
    log_replay,
    lookup,
    problems,
    profile,
    resolve,
)
from vault.api.hot import HotRead
from vault.api.oauth import routes as oauth
from vault.services.deps import Deps

PREFIX = "/api/v1"
# What this front answers; every other path is the portal's.
PATHS = ("/api/", "/oauth/", "/.well-known/oauth-", "/log/", "/healthz", "/readyz", "/openapi.json")


class Api(FastAPI):
    """The framework's application, with the one hot route in front of its layers and routes."""

    hot: HotRead | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        hot = self.hot
        customer = hot.customer(scope) if hot else None
        if hot and customer is not None:
            await hot.serve(customer, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create(deps: Deps, *, version: str) -> Api:
    """Return the application, on these dependencies."""
    # FastAPI's own pages load scripts from elsewhere, so they are off.
    # Nor does it redirect: to the scheme of the connection, with the query of the request.
    app = Api(
        title="Ownship", version=version, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    data = APIRouter(prefix=PREFIX, redirect_slashes=False)
    for noun in (
        profile,
        lookup,
        batch,
        audience,
        resolve,
        card,
        interactions,
        attachments,
        follow_ups,
        consents,
        contacts,
    ):
        data.include_router(noun.router(deps))
    app.include_router(data)
    for noun in (oauth, health, log_keys, log, log_replay):
        app.include_router(noun.router(deps))
    if deps.hot_route:
        app.hot = HotRead(deps, PREFIX + profile.PATH)
    problems.install(app, deps.issuer)
    # FastAPI documents this way of giving a schema of one's own.
    app.openapi = lambda: _openapi(app, deps)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI, deps: Deps) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description="A customer's consented fields, with the record of each look.",
            routes=app.routes,
            servers=[{"url": deps.issuer}],
        )
        components = document.setdefault("components", {})
        for kind, named in examples.COMPONENTS.items():
            components[kind] = {**components.get(kind, {}), **named}
        app.openapi_schema = document
    return app.openapi_schema
