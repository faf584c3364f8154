"""A till: the shop of these tests with a code that gives cards, an app that may, and a customer."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests import rewards
from tests.api.data.conftest import SCOPES, Shop
from tests.api.data.test_terms import allow
from tests.api.oauth.party import Party
from vault.core.ids import CustomerId
from vault.services import app as apps

LOOKUP = "/api/v1/profiles:lookup"
CARD = "79927398713"
APP = "loyalty"


@dataclass
class Till:
    """An app at a till."""

    shop: Shop

    async def look(self, value: object = CARD, *, field: str = "loyalty.card", **more: Any) -> Any:
        """Look somebody up."""
        body = {"purpose": rewards.PURPOSE, "identifier": {"field": field, "value": value}, **more}
        return await self.shop.call(APP, "POST", LOOKUP, body)

    async def card(self, who: CustomerId, **more: Any) -> Any:
        """Give a card."""
        path = f"/api/v1/customers/{await self.id(who)}/card"
        return await self.shop.call(APP, "POST", path, {"purpose": rewards.PURPOSE, **more})

    async def count(self, who: CustomerId, points: object, reference: str, **more: Any) -> Any:
        """Count points."""
        path = f"/api/v1/customers/{await self.id(who)}/card/points"
        body = {
            "purpose": rewards.PURPOSE,
            "kind": "purchase",
            "at": "2026-11-30T09:00:00Z",
            "channel": "shop",
            "points": points,
            "reference": reference,
            **more,
        }
        return await self.shop.call(APP, "POST", path, body)

    async def id(self, who: CustomerId) -> str:
        """Return how the till knows a customer."""
        return await self.shop.id(APP, who)

    async def customer(self, **values: Any) -> CustomerId:
        """Add somebody who allows the card."""
        who = await self.shop.add(**values)
        await allow(self.shop, who, rewards.PURPOSE)
        return who


@pytest.fixture
async def till(shop: Shop) -> Till:
    """A till under the code with cards."""
    await rewards.publish(shop.deps)
    party = Party(shop.parties[APP].clock, APP)
    own = {"approved": rewards.APPROVED}
    await apps.add(shop.deps, party.metadata(scope=SCOPES, own=own), replace=True)
    party.clock.turn(seconds=2)  # older tokens are void
    shop.parties[APP] = party
    details = [{"type": "profile_access", **one} for one in rewards.APPROVED]
    shop.tokens[APP] = await party.token(
        shop.client, scope=SCOPES, authorization_details=json.dumps(details)
    )
    return Till(shop)
