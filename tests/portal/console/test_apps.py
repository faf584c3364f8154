"""Staff see what each app may, asked for and was given, and stop one at its very next call."""

from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy import text

from tests.api.data.conftest import APPROVED, SCOPES, Shop
from tests.api.oauth.party import Party
from tests.integrated import clock
from tests.vaults import ISSUER, vault
from vault.api.app import create
from vault.core.freezing import FreezeReason
from vault.guard import Guard
from vault.services import app as apps
from vault.services.app_view import UNUSED
from vault.store.engine import open_database

__all__ = ["clock"]
PAGE = "/console/apps/delivery"
LATER = {"review_by": "2028-01-01"}


@pytest.fixture
async def delivery(deps, clock):
    """The delivery app's party, registered."""
    party = Party(clock, "delivery")
    own = {"approved": APPROVED["delivery"], "daily_limit": 40, **LATER}
    await apps.add(deps, party.metadata(scope=SCOPES, own=own))
    return party


@asynccontextmanager
async def api(deps, party, tokens=None):
    """Serve the API of one process to an app."""
    transport = httpx2.ASGITransport(app=Guard(create(deps, version="test"), issuer=ISSUER))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER, trust_env=False) as client:
        yield Shop(deps, client, {"delivery": party}, {} if tokens is None else tokens)


async def read(shop, customer, fields="contact.email"):
    path = f"/api/v1/customers/{customer}/profile?purpose=delivery&fields={fields}"
    return await shop.call("delivery", "GET", path)


async def test_a_page_says_what_it_may_what_it_asked_and_what_it_was_given(
    deps, ana, delivery, support
):
    customer = await apps.pairwise(deps, "delivery", ana)
    async with api(deps, delivery) as shop:
        for fields in ("contact.email,contact.full_name", "contact.email,contact.phone"):
            assert (await read(shop, customer, fields)).status_code == 200
    await deps.uses.flush(deps.database)
    page = (await support.get(PAGE)).text
    assert "asked for 3 of 6 that it may, was given 2." in page
    assert "<dd>2</dd>" in page
    assert "<dd>40</dd>" in page
    assert "Delivery" in page
    assert 'href="/code/2026-11#delivery"' in page
    assert "delivery@shop.example" in page
    listed = (await support.get("/console/apps")).text
    assert "3 / 10" in listed
    assert "2 / 40" in listed


async def test_an_approval_is_unused_only_when_ninety_days_were_counted(
    deps, ana, delivery, support, clock
):
    customer = await apps.pairwise(deps, "delivery", ana)
    could_go = "could be taken away"
    async with api(deps, delivery) as shop:
        await read(shop, customer)
        await deps.uses.flush(deps.database)
        clock.turn(days=UNUSED - 1)
        await support.sign_in(deps)
        assert could_go not in (await support.get(PAGE)).text
        clock.turn(days=1)
        shop.tokens.clear()
        await read(shop, customer)
    await deps.uses.flush(deps.database)
    await support.sign_in(deps)
    page = (await support.get(PAGE)).text
    assert page.count(could_go) == 9  # all of ten but the one


async def test_a_frozen_app_is_refused_at_its_very_next_call_in_every_process(
    deps, ana, delivery, admin, clock, tmp_path, database_url
):
    customer = await apps.pairwise(deps, "delivery", ana)
    tokens: dict[str, str] = {}
    other_database = open_database(database_url)
    async with (
        vault(other_database, tmp_path, clock=clock) as other,
        api(deps, delivery, tokens) as one,
        api(other, delivery, tokens) as two,
    ):
        for shop in (one, two):
            assert (await read(shop, customer)).status_code == 200
        answer = await admin.send(PAGE, PAGE, ("reason", FreezeReason.KEY_LOST.value))
        assert answer.headers["location"] == f"{PAGE}?frozen=1"
        for shop in (one, two):
            answer = await read(shop, customer)
            assert answer.status_code == 401
            assert answer.json()["type"].endswith("/problems/frozen")
    await other_database.dispose()
    assert "It is frozen" in (await admin.get(f"{PAGE}?frozen=1")).text
    page = (await admin.get(PAGE)).text
    assert "Frozen" in page
    assert "Freeze this app" not in page
    assert "takes two people" in page


async def test_the_log_says_who_froze_an_app_and_why(deps, delivery, steward):
    await steward.send(PAGE, PAGE, ("reason", "asks-too-much"))
    async with deps.database.connect() as conn:
        rows = await conn.execute(text("SELECT entry FROM log_leaf"))
        waiting = await conn.execute(text("SELECT * FROM log_outbox"))
        said = b"".join(bytes(row.entry) for row in rows) + repr(waiting.all()).encode()
    for words in (b'"reason":"asks-too-much"', b'"by":"' + steward.handle.encode()):
        assert words in said


async def test_a_reason_that_is_none_stops_nothing(deps, delivery, steward):
    answer = await steward.send(PAGE, PAGE, ("reason", "because=1+1"))
    assert answer.status_code == 400
    assert not (await apps.show(deps, "delivery")).frozen


async def test_support_sees_no_way_to_freeze_and_has_none(deps, delivery, support):
    page = await support.get(PAGE)
    assert "Freeze" not in page.text
    assert (await support.post(PAGE, ("reason", "other"))).status_code == 404
    assert not (await apps.show(deps, "delivery")).frozen


async def test_an_edited_registration_is_shown_as_such(deps, delivery, compliance, database_url):
    from vault.store import commit

    async def edit(conn):
        await conn.execute(text("UPDATE app SET document = replace(document, '40', '4000000')"))

    await commit.request(deps.database, edit)
    assert "Not intact" in (await compliance.get("/console/apps")).text
    page = (await compliance.get(PAGE)).text
    assert "is not what was registered" in page
    assert "Freeze" not in page


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, ""), (367, "Due within 30 days."), (398, "Overdue: it gets no tokens")],
)
async def test_a_review_says_when_it_is_due(deps, delivery, support, clock, days, words):
    clock.turn(days=days)
    if days:
        await support.sign_in(deps)
    page = (await support.get(PAGE)).text
    assert words in page
    assert words or "Due within" not in page


async def test_no_app_of_this_id_is_not_there(deps, support):
    assert (await support.get("/console/apps/nobody")).status_code == 404
    assert "No app is registered." in (await support.get("/console/apps")).text
