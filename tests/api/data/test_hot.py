"""The hot route answers what the ordinary one answers: same status, same headers, same bytes."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from tests.api.data.conftest import Shop
from tests.vaults import ISSUER
from vault.api.app import create
from vault.guard import Guard
from vault.services import app as apps
from vault.services import load as loads
from vault.services import registered
from vault.store import budget as budget_store
from vault.store import commit

RECEIPT = re.compile(rb'"receipt":"(?:[^"\\]|\\.)*"')


@dataclass
class Both:
    """One vault behind both routes."""

    shop: Shop
    ordinary: Any

    async def get(self, path: str, *, app: str = "delivery", **change: Any) -> tuple[Any, Any]:
        """Send a request to each of them, with a proof of its own."""
        hot = await self.once(self.shop.client, path, app=app, **change)
        return hot, await self.once(self.ordinary, path, app=app, **change)

    async def once(
        self, client: Any, path: str, *, app: str = "delivery", method: str = "GET", **change: Any
    ) -> Any:
        party, token = self.shop.parties[app], await self.shop.token(app)
        url = ISSUER + path.partition("?")[0]
        headers = [
            ("authorization", change.pop("authorization", f"DPoP {token}")),
            (
                "dpop",
                change.pop("dpop", None)
                or party.proof(method, url, token=token, **change.pop("claims", {})),
            ),
            *change.pop("more", ()),
        ]
        headers = [(name, value) for name, value in headers if value is not ...]
        return await client.request(method, path, headers=headers)


@pytest.fixture
async def both(shop: Shop) -> AsyncIterator[Both]:
    plain = create(replace(shop.deps, hot_route=False), version="test")
    transport = httpx2.ASGITransport(app=Guard(plain, issuer=ISSUER))
    async with httpx2.AsyncClient(
        transport=transport, base_url=ISSUER, trust_env=False
    ) as ordinary:
        found = Both(shop, ordinary)
        # The first answer brings the nonce, and this process learns the registration.
        await shop.call("delivery", "GET", "/api/v1/customers/x/profile?purpose=delivery")
        await shop.call("loyalty", "GET", "/api/v1/customers/x/profile?purpose=delivery")
        yield found


def same(pair: tuple[Any, Any]) -> Any:
    """Compare two answers, receipts and request ids set aside, and return the first."""
    hot, ordinary = pair
    assert hot.status_code == ordinary.status_code
    masked = [RECEIPT.sub(b'"receipt":""', one.content) for one in pair]
    assert masked[0] == masked[1]
    said = []
    for one, body in zip(pair, masked, strict=True):
        headers = [
            (name, value) for name, value in one.headers.multi_items() if name != "x-request-id"
        ]
        length = len(one.content) - len(body)  # of the receipt alone
        said.append(
            [
                (name, str(int(value) - length) if name == "content-length" else value)
                for name, value in headers
            ]
        )
    assert said[0] == said[1]
    return hot


async def test_it_is_the_hot_route_that_answers(both: Both) -> None:
    from vault.api.hot import HotRead

    who = await both.shop.id("delivery", await both.shop.add())
    called = []
    original = HotRead.serve

    async def counted(self: Any, *args: Any) -> None:
        called.append(1)
        await original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotRead, "serve", counted)
        same(await both.get(f"/api/v1/customers/{who}/profile?purpose=delivery"))
    assert called == [1]


async def test_what_may_be_seen_is_the_same(both: Both) -> None:
    known = await both.shop.id("delivery", await both.shop.add())
    other = await both.shop.id(
        "loyalty",
        await both.shop.add(
            contact__email="b@example.org", contact__phone=None, loyalty__card=None
        ),
    )
    base = f"/api/v1/customers/{known}/profile?purpose=delivery"
    everything = same(await both.get(base))
    assert everything.status_code == 200
    assert len(everything.json()["fields"]) == 4
    some = same(await both.get(f"{base}&fields=contact.email,contact.phone"))
    assert sorted(some.json()["fields"]) == ["contact.email", "contact.phone"]
    assert same(await both.get(f"{base}&fields=loyalty.card")).status_code == 403
    assert same(await both.get(f"{base}&fields=contact.nothing")).status_code == 400
    assert (
        same(await both.get(f"/api/v1/customers/{known}/profile?purpose=marketing")).status_code
        == 403
    )
    assert (
        same(await both.get(f"/api/v1/customers/{other}/profile?purpose=delivery")).status_code
        == 404
    )
    assert (
        same(
            await both.get(
                f"/api/v1/customers/{other}/profile?purpose=loyalty.rewards", app="loyalty"
            )
        ).status_code
        == 404
    )
    for nobody in ("x", "a" * 26, "%2e%2e", "%F0%9F%98%80"):
        path = f"/api/v1/customers/{nobody}/profile?purpose=delivery"
        assert same(await both.get(path)).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?purpose=",
        "?purpose=delivery&purpose=delivery",
        "?purpose=delivery&more=1",
        "?purpose=delivery&fields=",
        "?purpose=delivery&fields=a,a",
        "?purpose=delivery&fields=" + ",".join(f"f{n}" for n in range(65)),
        "?purpose=%FF",
        "?purpose",
        "?purpose=" + "x" * 5_000,
        "?fields=contact.email",
    ],
)
async def test_a_query_that_is_none_is_refused_the_same(both: Both, query: str) -> None:
    path = f"/api/v1/customers/x/profile{query}"
    assert same(await both.get(path)).status_code == 400
    # Who may not ask at all is told that first.
    assert same(await both.get(path, authorization="DPoP none")).status_code == 401
    assert same(await both.get(path, claims={"iat": 1})).status_code == 401


async def test_who_may_not_ask_is_told_the_same(both: Both) -> None:
    path = "/api/v1/customers/x/profile?purpose=delivery"
    for change in (
        {"authorization": ...},
        {"authorization": "Bearer x"},
        {"authorization": "DPoP x.y.z"},
        {"dpop": "a.b.c"},
        {"dpop": ...},
        {"claims": {"htm": "POST"}},
        {"claims": {"htu": f"{ISSUER}/api/v1/other"}},
        {"claims": {"iat": 1}},
        {"claims": {"ath": "x"}},
        {"claims": {"nonce": "x"}},
        {"claims": {"jti": "x" * 129}},
        {"more": [("dpop", "second")]},
    ):
        assert same(await both.get(path, **change)).status_code in {400, 401}, change
    await apps.freeze(both.shop.deps, "delivery")
    assert same(await both.get(path)).status_code == 401


async def test_a_proof_is_good_for_one_route_once(both: Both) -> None:
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    token = await both.shop.token("delivery")
    proof = both.shop.parties["delivery"].proof("GET", ISSUER + path.partition("?")[0], token=token)
    first = await both.once(both.shop.client, path, dpop=proof)
    assert first.status_code == 200
    assert same(await both.get(path, dpop=proof)).status_code == 401


async def test_of_two_equal_proofs_at_once_one_is_answered(both: Both) -> None:
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    token = await both.shop.token("delivery")
    proof = both.shop.parties["delivery"].proof("GET", ISSUER + path.partition("?")[0], token=token)
    asked = [both.once(both.shop.client, path, dpop=proof) for _ in range(8)]
    assert sorted(one.status_code for one in await asyncio.gather(*asked)) == [200] + [401] * 7


async def test_other_methods_are_the_routers(both: Both) -> None:
    path = "/api/v1/customers/x/profile"
    for method in ("POST", "DELETE", "PUT", "OPTIONS"):
        assert same(await both.get(path, method=method)).status_code == 405
    who = await both.shop.id("delivery", await both.shop.add())
    head = same(await both.get(f"/api/v1/customers/{who}/profile?purpose=delivery", method="HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert same(await both.get(path, method="PATCH")).status_code == 415


async def test_both_are_one_operation_in_openapi(both: Both) -> None:
    documents = [
        (await one.get("/openapi.json")).json() for one in (both.shop.client, both.ordinary)
    ]
    assert documents[0] == documents[1]
    assert "get" in documents[0]["paths"]["/api/v1/customers/{customer}/profile"]


async def test_a_registration_that_changed_is_not_guessed_by(both: Both) -> None:
    """The guess is only how to prepare: a call behind the change is decided by the new one."""
    deps, who = both.shop.deps, await both.shop.add()
    path = f"/api/v1/customers/{await both.shop.id('delivery', who)}/profile?purpose=delivery"
    other = registered.newest(deps, (await both.shop.id("loyalty", who)) and "loyalty")  # type: ignore[arg-type]
    assert other
    registered._newest.put((deps.deployment, "delivery"), other)  # as another process might have it
    assert same(await both.get(path)).status_code == 200
    guess = registered.newest(deps, "delivery")  # type: ignore[arg-type]
    assert guess
    assert guess.digest != other.digest  # else each call would take a block anew


async def test_a_refused_call_spends_nothing_of_the_budget(both: Both) -> None:
    deps = both.shop.deps
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    await both.once(both.shop.client, path)
    (held,) = [one for app, one in deps.budgets._held.items() if app == "delivery"]
    left = held.left
    token = await both.shop.token("delivery")
    proof = both.shop.parties["delivery"].proof("GET", ISSUER + path.partition("?")[0], token=token)
    for _ in range(3):
        await both.once(both.shop.client, path, dpop=proof)
    assert held.left == left - 1


async def test_a_budget_that_is_used_up_is_said_the_same(both: Both) -> None:
    deps = both.shop.deps
    day = deps.clock.now().date()

    async def take(conn: Any) -> bool:
        used = await budget_store.used(conn, "delivery", day)
        return await budget_store.take(conn, "delivery", day, count=20_000 - used, limit=20_000)

    assert await commit.request(deps.database, take)
    deps.budgets._held.clear()
    path = "/api/v1/customers/x/profile?purpose=delivery"
    assert same(await both.get(path)).status_code == 429


async def test_a_load_that_waited_too_long_is_made_again_once(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    old = iter([True, False])
    monkeypatch.setattr("vault.services.record_ask.is_too_old", lambda *_: next(old))
    assert (await both.once(both.shop.client, path)).status_code == 200
    assert list(old) == []
    monkeypatch.setattr("vault.services.record_ask.is_too_old", lambda *_: True)
    busy = same(await both.get(path))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")


def test_a_load_is_too_old_after_a_quarter_of_a_second() -> None:
    assert not loads.is_too_old(None, 10.0)
    assert not loads.is_too_old(9.8, 10.0)
    assert loads.is_too_old(9.7, 10.0)
