"""An app's read of contact events is decided by a load that is young, as a read of fields is."""

import pytest

from tests.api.data.conftest import Shop


async def test_events_are_read_by_a_load_that_is_young(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await shop.id("loyalty", await shop.add())
    path = f"/api/v1/customers/{who}/interactions?purpose=support&kind=call"
    old = iter([True, False])
    monkeypatch.setattr(
        "vault.services.record_ask.is_too_old", lambda taken, _: taken and next(old)
    )
    assert (await shop.call("loyalty", "GET", path)).status_code == 200
    assert list(old) == []
    monkeypatch.setattr("vault.services.record_ask.is_too_old", lambda taken, _: bool(taken))
    assert (await shop.call("loyalty", "GET", path)).status_code == 503
