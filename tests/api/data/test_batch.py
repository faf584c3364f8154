"""Bulk reads: what each customer sees of them, and what an app is told chunk by chunk."""

import json
from typing import Any

import httpx2
import pytest

from tests.api.data.conftest import Shop
from tests.api.data.test_audience import kinds_of
from tests.api.data.test_others import UNKNOWN
from tests.vaults import ISSUER
from vault.api import chunk
from vault.api.app import create
from vault.core.entry import Kind
from vault.core.errors import BusyError
from vault.guard import Guard
from vault.services import bulk, restriction

PATH = "/api/v1/profiles:batch"


async def asked(shop: Shop, count: int) -> tuple[list[Any], list[str]]:
    """Customers, and what the app calls them."""
    members = [
        await shop.add(contact__email=f"c{n}@example.org", contact__phone=None, loyalty__card=None)
        for n in range(count)
    ]
    return members, [await shop.id("delivery", one) for one in members]


async def test_each_customer_reads_of_a_bulk_look_in_a_line_of_its_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    members, ids = await asked(shop, 5)
    await restriction.restrict(shop.deps, members[4], request=None)
    before = [await kinds_of(shop, one) for one in members]
    body = {"purpose": "delivery", "customers": [*ids, UNKNOWN], "fields": ["contact.email"]}
    answer = (await shop.call("delivery", "POST", PATH, body)).json()
    assert len(answer["receipts"]) == len(set(answer["receipts"])) == 3
    after = [await kinds_of(shop, one) for one in members]
    added = [now[len(was) :] for was, now in zip(before, after, strict=True)]
    assert added == [[Kind.READ]] * 4 + [[Kind.DENIED]]


async def test_lines_say_what_the_whole_answer_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    _, ids = await asked(shop, 3)
    body = {"purpose": "delivery", "customers": [*ids, UNKNOWN, ids[0]]}
    whole = (await shop.call("delivery", "POST", PATH, body)).json()
    answer = await shop.call("delivery", "POST", PATH, body, accept="application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [one for one in lines if "customer" in one] == whole["results"]
    ends = [one for one in lines if "receipt" in one]
    assert [one["code"] for one in ends] == [whole["code"]] * 3
    assert [next(iter(one)) for one in lines] == [
        *("customer", "customer", "code") * 2,
        *("customer", "code"),
    ]


async def test_a_refused_call_is_recorded_once_for_its_first_chunk(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 1)
    members, ids = await asked(shop, 3)
    before = [await kinds_of(shop, one) for one in members]
    body = {"purpose": "delivery", "customers": ids, "fields": ["loyalty.card"]}
    assert (await shop.call("delivery", "POST", PATH, body)).status_code == 403
    after = [await kinds_of(shop, one) for one in members]
    added = [now[len(was) :] for was, now in zip(before, after, strict=True)]
    assert added == [[Kind.DENIED], [], []]


async def test_a_customer_of_a_chunk_that_was_not_recorded_is_told_so(shop: Shop) -> None:
    assert json.loads(chunk.line(shop.deps, "delivery", "abc", BusyError())) == {
        "customer": "abc",
        "error": "busy",
    }
    assert chunk.ended([BusyError()]) is None


async def impatient(shop: Shop, app: str, method: str, path: str, body: Any = None) -> None:
    """Make a call, and leave as soon as it is sent."""
    served = Guard(create(shop.deps, version="test"), issuer=ISSUER)

    async def left(scope: Any, receive: Any, send: Any) -> None:
        told: list[Any] = []

        async def once() -> Any:
            if told and not told[-1].get("more_body"):
                return {"type": "http.disconnect"}
            told.append(await receive())
            return told[-1]

        await served(scope, once, send)

    transport = httpx2.ASGITransport(app=left)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER, trust_env=False) as client:
        shop.client = client
        await shop.call(app, method, path, body)


@pytest.mark.parametrize("body", [True, False])
async def test_nothing_more_is_looked_at_for_a_client_that_has_left(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, body: bool
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 1)
    await shop.token("delivery")
    await shop.token("loyalty")
    members, ids = await asked(shop, 6)
    await shop.call("delivery", "POST", PATH, {"purpose": "delivery", "customers": ids[:1]})
    listing = "/api/v1/profiles?purpose=support&fields=contact.email"
    await shop.call("loyalty", "GET", f"{listing}&limit=1")  # each has a nonce from here on
    before = [len(await kinds_of(shop, one)) for one in members]
    if body:
        batch = {"purpose": "delivery", "customers": ids}
        await impatient(shop, "delivery", "POST", PATH, batch)
    else:
        await impatient(shop, "loyalty", "GET", listing)
    after = [len(await kinds_of(shop, one)) for one in members]
    assert sum(after) - sum(before) == 1
