"""An app gets the customers a day that it was registered for, and its use is counted."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.api.data.conftest import APPROVED, SCOPES, Shop
from tests.vaults import FakeClock, vault
from vault.api.app import create
from vault.core.errors import TooManyError
from vault.guard import Guard
from vault.services import app as apps
from vault.services import app_use, budget, jobs
from vault.services.budget import Budgets
from vault.services.load_gate import Arrival, Arrived
from vault.store import app_use as use_store
from vault.store import budget as store
from vault.store.engine import Database

NAMES = "contact.email,contact.full_name"
UNKNOWN = "a" * 26


async def limited(shop: Shop, limit: int) -> None:
    """Register the delivery app with another budget; its tokens are void."""
    own = {"approved": APPROVED["delivery"], "daily_limit": limit}
    document = shop.parties["delivery"].metadata(scope=SCOPES, own=own)
    await apps.add(shop.deps, document, replace=True)
    shop.deps.clock.turn(seconds=1)  # type: ignore[attr-defined]
    shop.tokens.clear()


async def read(shop: Shop, customer: str):
    return await shop.call(
        "delivery", "GET", f"/api/v1/customers/{customer}/profile?purpose=delivery&fields={NAMES}"
    )


async def used(shop: Shop) -> dict[str, int]:
    async with shop.deps.database.connect() as conn:
        return dict(await budget.today(conn, now=shop.deps.clock.now()))


async def test_the_customer_after_the_last_is_refused_until_midnight(shop: Shop) -> None:
    await limited(shop, 2)
    customer = await shop.id("delivery", await shop.add())
    assert (await read(shop, customer)).status_code == 200
    assert (await read(shop, UNKNOWN)).status_code == 404  # an ask about nobody is an ask
    answer = await read(shop, customer)
    assert answer.status_code == 429
    assert answer.json()["type"].endswith("/problems/too-many")
    now = shop.deps.clock.now()
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    assert 0 <= int(answer.headers["retry-after"]) - (midnight - now).total_seconds() < 1

    shop.deps.clock.moment = midnight  # type: ignore[attr-defined]
    shop.tokens.clear()
    assert (await read(shop, customer)).status_code == 200
    assert await used(shop) == {"delivery": 1}


async def test_a_refused_ask_is_not_in_the_access_log(shop: Shop) -> None:
    await limited(shop, 1)
    customer = await shop.id("delivery", await shop.add())
    assert (await read(shop, customer)).status_code == 200
    before = await entries(shop)
    assert (await read(shop, customer)).status_code == 429
    assert await entries(shop) == before


async def entries(shop: Shop) -> int:
    from sqlalchemy import text

    async with shop.deps.database.connect() as conn:
        outbox = await conn.execute(text("SELECT count(*) FROM log_outbox"))
        return int(outbox.scalar_one())


async def test_every_call_about_a_customer_counts_and_bad_ones_do_not(shop: Shop) -> None:
    await limited(shop, 60)
    customer = await shop.id("delivery", await shop.add())
    base = f"/api/v1/customers/{customer}"
    happened = {
        "purpose": "support",
        "kind": "call",
        "at": "2026-11-30T09:00:00Z",
        "channel": "phone",
        "content": {},
    }
    moved = {
        "purpose": "delivery",
        "source": "told",
        "fields": {"contact.postal_address": "2 Harbour Street"},
    }
    email = {"field": "contact.email", "value": "ana@example.org"}
    calls = (
        (1, "GET", f"{base}/profile?purpose=delivery", None),
        (1, "PATCH", f"{base}/profile", moved),
        (3, "POST", "/api/v1/profiles:batch", {"purpose": "delivery", "customers": [customer] * 3}),
        (1, "POST", "/api/v1/customers:resolve", {"purpose": "delivery", "identifier": email}),
        (1, "POST", f"{base}/interactions", happened),
        (1, "GET", f"{base}/interactions?purpose=support", None),
        (1, "GET", f"{base}/consents?purpose=delivery", None),
        (0, "GET", f"{base}/profile", None),
        (0, "POST", "/api/v1/profiles:batch", {"purpose": "delivery", "customers": []}),
    )
    total = 0
    for count, method, path, body in calls:
        answer = await shop.call("delivery", method, path, body)
        assert (answer.status_code < 300) is (count > 0), (path, answer.text)
        total += count
        assert await used(shop) == {"delivery": total}, path


async def test_a_batch_is_counted_whole_or_not_at_all(shop: Shop) -> None:
    await limited(shop, 5)
    customer = await shop.id("delivery", await shop.add())
    body = {"purpose": "delivery", "customers": [customer] * 6}
    answer = await shop.call("delivery", "POST", "/api/v1/profiles:batch", body)
    assert answer.status_code == 429
    body["customers"] = [customer] * 5
    assert (await shop.call("delivery", "POST", "/api/v1/profiles:batch", body)).status_code == 200


async def test_two_processes_together_never_exceed_it(
    shop: Shop, database: Database, tmp_path: Path
) -> None:
    """Budget + 1 over both: exactly the budget passes."""
    import httpx2

    await limited(shop, 7)
    customer = await shop.id("delivery", await shop.add())
    clock = shop.deps.clock
    assert isinstance(clock, FakeClock)
    async with vault(database, tmp_path, clock=clock) as other:
        transport = httpx2.ASGITransport(app=Guard(create(other, version="t"), issuer=other.issuer))
        async with httpx2.AsyncClient(
            transport=transport, base_url=other.issuer, trust_env=False
        ) as client:
            second = Shop(other, client, shop.parties, shop.tokens)
            await read(shop, UNKNOWN)  # takes the nonce
            answers = await asyncio.gather(
                *(read(one, customer) for one in (shop, second) for _ in range(4))
            )
    passed = [answer for answer in answers if answer.status_code == 200]
    assert len(passed) == 6
    assert {answer.status_code for answer in answers} == {200, 429}


async def spend(shop: Shop, budgets: Budgets, limit: int, count: int = 1) -> None:
    now = shop.deps.clock.now()
    await budgets.spend(shop.deps.database, "delivery", limit=limit, count=count, now=now)


async def test_a_block_is_taken_once_and_the_rest_of_it_is_lost_with_the_process(
    shop: Shop,
) -> None:
    first = Budgets()
    for _ in range(10):
        await spend(shop, first, 1_000)
    assert await used(shop) == {"delivery": 10}  # one block of 1 %
    await spend(shop, first, 1_000)
    assert await used(shop) == {"delivery": 20}
    after_restart = Budgets()
    await spend(shop, after_restart, 1_000)
    assert await used(shop) == {"delivery": 30}


async def test_another_registration_does_not_spend_what_the_old_one_took(shop: Shop) -> None:
    budgets = Budgets()
    await spend(shop, budgets, 10_000)
    with pytest.raises(TooManyError):
        await spend(shop, budgets, 50)


async def test_what_an_app_asked_and_was_given_is_counted_by_name(shop: Shop) -> None:
    customer = await shop.id("delivery", await shop.add())
    poor = await shop.id(
        "delivery",
        await shop.add(
            contact__email="b@example.org",
            loyalty__card=None,
            contact__phone=None,
            contact__full_name=None,
        ),
    )
    await read(shop, customer)
    await read(shop, poor)
    await read(shop, UNKNOWN)
    moved = {
        "purpose": "delivery",
        "source": "told",
        "fields": {"contact.postal_address": "2 Harbour Street"},
    }
    await shop.call("delivery", "PATCH", f"/api/v1/customers/{customer}/profile", moved)
    await shop.deps.uses.flush(shop.deps.database)
    await shop.deps.uses.flush(shop.deps.database)  # nothing is written twice
    found = await counts(shop)
    assert found == {
        ("read", "contact.email"): (3, 2),
        ("read", "contact.full_name"): (3, 1),
        ("write", "contact.postal_address"): (1, 1),
    }
    await read(shop, customer)
    await shop.deps.uses.flush(shop.deps.database)
    assert (await counts(shop))["read", "contact.email"] == (4, 3)


async def counts(shop: Shop) -> dict[tuple[str, str], tuple[int, int]]:
    async with shop.deps.database.connect() as conn:
        rows = await use_store.since(conn, "delivery", first=shop.deps.clock.now().date())
    return {(row.action, row.name): (row.asked, row.given) for row in rows}


async def test_counts_of_long_ago_are_forgotten(shop: Shop) -> None:
    await read(shop, UNKNOWN)
    await shop.deps.uses.flush(shop.deps.database)
    first = shop.deps.clock.now().date()
    shop.deps.clock.turn(days=app_use.KEPT.days + 1)  # type: ignore[attr-defined]
    assert await jobs.sweep(shop.deps)
    async with shop.deps.database.connect() as conn:
        assert await use_store.since(conn, "delivery", first=first) == []
        assert await store.since(conn, "delivery", first=first) == {}


async def test_the_first_read_of_a_new_block_is_one_pass_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await limited(shop, 40)  # blocks of one customer
    customer = await shop.id("delivery", await shop.add())
    assert (await read(shop, customer)).status_code == 200
    asked: list[str] = []
    once = shop.deps.loads.arrive

    async def counted(arrival: Arrival) -> Arrived:
        asked.append(arrival.app)
        return await once(arrival)

    async def never(*_: object, **__: object) -> None:
        raise AssertionError("the customer was loaded by a second ask")

    monkeypatch.setattr(shop.deps.loads, "arrive", counted)
    monkeypatch.setattr(shop.deps.loads, "ask", never)
    assert (await read(shop, customer)).status_code == 200
    assert (await read(shop, customer)).status_code == 200
    assert asked == ["delivery", "delivery"]
    assert await used(shop) == {"delivery": 3}
