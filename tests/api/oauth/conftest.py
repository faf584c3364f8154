"""A vault with one registered app, and an HTTP client that reaches it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.api.oauth.party import Party
from tests.vaults import ISSUER, FakeClock, vault
from vault.api import problems
from vault.api.oauth.routes import router
from vault.guard import Guard
from vault.services import app as apps
from vault.services.access import authenticate
from vault.services.deps import Deps
from vault.store.engine import Database


@dataclass
class World:
    """What a test of OAuth needs."""

    deps: Deps
    clock: FakeClock
    client: Any
    party: Party

    async def register(self, party: Party, **change: Any) -> Party:
        await apps.add(self.deps, party.metadata(**change))
        return party


def front(deps: Deps) -> Guard:
    """OAuth's routes, and one route of the API that says who calls."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app, deps.issuer)
    app.include_router(router(deps))

    @app.get("/api/v1/whoami")
    @app.get("/api/v1/customers/{name}/profile")
    @app.post("/api/v1/whoami")
    async def whoami(request: Request) -> Response:
        caller = await authenticate(
            deps,
            request.method,
            request.scope["raw_path"],
            request.scope["headers"],
            request=request.scope["state"]["request_id"],
        )
        headers = {"dpop-nonce": caller.nonce} if caller.nonce else {}
        body = {
            "app": caller.app,
            "sector": caller.sector,
            "token": caller.jti_hash,
            "ceiling": sorted(caller.permissions),
            "registration": sorted(caller.registration),
            "digest": caller.registration_digest,
            "scopes": sorted(caller.scopes),
            "request": caller.request,
        }
        return JSONResponse(body, headers=headers)

    return Guard(app, issuer=deps.issuer)


def connect(deps: Deps) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=front(deps)), base_url=ISSUER, trust_env=False
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def deps(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def world(deps: Deps, clock: FakeClock) -> AsyncIterator[World]:
    async with connect(deps) as client:
        party = Party(clock)
        await apps.add(deps, party.metadata())
        yield World(deps, clock, client, party)
