"""A vault with three registered apps, some customers, and a client that speaks as any of the apps."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from policies.model import Source
from tests.api.oauth.party import Party
from tests.vaults import ISSUER, FakeClock, vault
from vault.api.app import create
from vault.core.ids import CustomerId
from vault.guard import Guard
from vault.services import app as apps
from vault.services import customer
from vault.services.deps import Deps
from vault.store.engine import Database

SCOPES = (
    "profile.read profile.list profile.write customers.resolve interactions.read interactions.append "
    "consents.read"
)
READ_FIELDS = ["contact.email", "contact.full_name", "contact.phone", "contact.postal_address"]
APPROVED: dict[str, list[dict[str, Any]]] = {
    "delivery": [
        {
            "purpose": "delivery",
            "actions": ["read"],
            "datatypes": [*READ_FIELDS, "interaction.purchase"],
        },
        {"purpose": "delivery", "actions": ["write"], "datatypes": ["contact.postal_address"]},
        {
            "purpose": "support",
            "actions": ["read", "append"],
            "datatypes": ["interaction.call", "interaction.complaint"],
        },
    ],
    "loyalty": [
        {
            "purpose": "loyalty.rewards",
            "actions": ["read"],
            "datatypes": ["contact.full_name", "loyalty.card", "preferences.coffee"],
        },
        {"purpose": "loyalty.rewards", "actions": ["write"], "datatypes": ["preferences.coffee"]},
        {
            "purpose": "support",
            "actions": ["read", "append"],
            "datatypes": ["interaction.call"],
        },
        {"purpose": "support", "actions": ["read", "write"], "datatypes": ["contact.email"]},
    ],
}
ANA = {
    "contact.full_name": "Ana d'Água-Łoś",
    "contact.email": "ana@example.org",
    "contact.phone": "+351912345678",
    "contact.postal_address": "1 Harbour Street, Dublin",
    "loyalty.card": "79927398713",
}


@dataclass
class Shop:
    """What a test of the data API needs."""

    deps: Deps
    client: Any
    parties: dict[str, Party]
    tokens: dict[str, str] = field(default_factory=dict)

    async def call(self, app: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API as an honest app does, with a fresh proof and the newest nonce."""
        answer = await self._once(app, method, path, body, headers)
        if answer.status_code == 401 and answer.json()["type"].endswith("/use-dpop-nonce"):
            self.parties[app].keep("rs", answer)
            answer = await self._once(app, method, path, body, headers)
        return answer

    async def _once(
        self, app: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> Any:
        party, token = self.parties[app], await self.token(app)
        url = ISSUER + path.partition("?")[0]
        sent = {
            "authorization": f"DPoP {token}",
            "dpop": party.proof(method, url, token=token),
            **headers,
        }
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        return await self.client.request(method, path, content=content, headers=sent)

    async def token(self, app: str) -> str:
        """Get a token for all that the app is registered for, once."""
        if app not in self.tokens:
            details = [{"type": "profile_access", **one} for one in APPROVED[app]]
            self.tokens[app] = await self.parties[app].token(
                self.client, scope=SCOPES, authorization_details=json.dumps(details)
            )
        return self.tokens[app]

    async def id(self, app: str, who: CustomerId) -> str:
        return await apps.pairwise(self.deps, app, who)

    async def add(self, **change: Any) -> CustomerId:
        values = {**ANA, **{name.replace("__", "."): value for name, value in change.items()}}
        kept = {name: value for name, value in values.items() if value is not None}
        return await customer.add(self.deps, kept, source=Source.TOLD)


@pytest.fixture
async def shop(database: Database, tmp_path: Path) -> AsyncIterator[Shop]:
    clock = FakeClock()
    async with vault(database, tmp_path, clock=clock) as deps:
        guarded = Guard(create(deps, version="test"), issuer=deps.issuer)
        transport = httpx2.ASGITransport(app=guarded)
        async with httpx2.AsyncClient(
            transport=transport, base_url=ISSUER, trust_env=False
        ) as client:
            parties = {}
            for name, approved in APPROVED.items():
                party = Party(clock, name)
                await apps.add(deps, party.metadata(scope=SCOPES, own={"approved": approved}))
                parties[name] = party
            yield Shop(deps, client, parties)
