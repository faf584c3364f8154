"""An app that is stopped while its look waits is told nothing: its state is as young as its load."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.api.data.conftest import Shop
from tests.api.data.test_batch import PATH, asked
from tests.api.data.test_hot import Both, both
from tests.api.oauth.party import claims_of
from vault.core.recorded import Recorded
from vault.services import app as apps
from vault.services import bulk
from vault.services.load import LoadTooOldError
from vault.store import app as app_store
from vault.store import commit

__all__ = ["both"]

Stop = Callable[[Shop], Awaitable[object]]


async def _freeze(shop: Shop) -> None:
    await apps.freeze(shop.deps, "delivery")


async def _revoke(shop: Shop) -> None:
    jti = claims_of(await shop.token("delivery"))["jti"]
    until = shop.deps.clock.now() + timedelta(minutes=5)
    await commit.claim(shop.deps.database, lambda conn: app_store.revoke(conn, jti, until=until))


STOPS = {"frozen": _freeze, "invalid-token": _revoke}


def too_old_once(shop: Shop, monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    """Let the first load be too old for its record, and the app be stopped meanwhile."""
    record, first = shop.deps.appender.record, [True]

    async def once(*words: Any, **named: Any) -> list[Recorded]:
        if first:
            first.pop()
            await stop(shop)
            raise LoadTooOldError
        return await record(*words, **named)

    monkeypatch.setattr(shop.deps.appender, "record", once)


@pytest.mark.parametrize("code", STOPS)
@pytest.mark.parametrize("route", ["hot", "ordinary"])
async def test_a_look_that_is_loaded_again_is_refused_to_an_app_that_was_stopped(
    both: Both, monkeypatch: pytest.MonkeyPatch, route: str, code: str
) -> None:
    shop = both.shop
    who = await shop.id("delivery", await shop.add())
    client = shop.client if route == "hot" else both.ordinary
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    assert (await both.once(client, path)).status_code == 200
    too_old_once(shop, monkeypatch, STOPS[code])
    answer = await both.once(client, path)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith(f"/problems/{code}")
    assert "fields" not in answer.json()


async def test_a_look_that_is_loaded_again_goes_on_for_an_app_that_still_may(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"
    for client in (both.shop.client, both.ordinary):
        too_old_once(both.shop, monkeypatch, lambda _: _nothing())
        assert (await both.once(client, path)).status_code == 200


async def _nothing() -> None:
    pass


async def test_a_look_is_not_decided_on_a_registration_that_was_replaced_meanwhile(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await both.shop.id("delivery", await both.shop.add())
    path = f"/api/v1/customers/{who}/profile?purpose=delivery"

    async def narrow(shop: Shop) -> None:
        approved = [{"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.email"]}]
        party = shop.parties["delivery"]
        await apps.add(shop.deps, party.metadata(own={"approved": approved}), replace=True)

    for client in (both.shop.client, both.ordinary):
        too_old_once(both.shop, monkeypatch, narrow)
        assert (await both.once(client, path)).status_code in {401, 503}


async def test_events_are_read_by_a_state_that_is_as_young_as_the_load(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await shop.id("loyalty", await shop.add())
    path = f"/api/v1/customers/{who}/interactions?purpose=support&kind=call"
    assert (await shop.call("loyalty", "GET", path)).status_code == 200

    async def stop(shop: Shop) -> None:
        await apps.freeze(shop.deps, "loyalty")

    too_old_once(shop, monkeypatch, stop)
    answer = await shop.call("loyalty", "GET", path)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("/problems/frozen")


@pytest.mark.parametrize("code", STOPS)
async def test_a_bulk_look_ends_with_the_chunk_before_the_app_was_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 1)
    _, ids = await asked(shop, 3)
    opened, stopped = bulk._open, [False]

    async def stopping(*words: Any) -> list[Any]:
        answers = await opened(*words)
        if not stopped[0]:
            stopped[0] = True
            await STOPS[code](shop)
        return answers

    monkeypatch.setattr(bulk, "_open", stopping)
    body = {"purpose": "delivery", "customers": ids, "fields": ["contact.email"]}
    results = (await shop.call("delivery", "POST", PATH, body)).json()["results"]
    assert [one.get("error") for one in results] == [None, code, code]
    assert [one["fields"] != {} for one in results[:1]] == [True]
