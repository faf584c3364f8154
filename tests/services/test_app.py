"""Registering apps: whole checks, one entry for each act, and nothing that the code does not give."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.api.oauth.party import Party
from tests.vaults import FakeClock, vault
from vault.core import entry
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, ConflictError, RegistrationError
from vault.core.ids import CustomerId
from vault.crypto.pairwise import customer_of
from vault.crypto.random import uuid7
from vault.services import app as apps
from vault.services.deps import Deps
from vault.store import app as app_store
from vault.store import commit
from vault.store.engine import Database
from vault.store.leaf import log_leaf
from vault.store.log import log_outbox
from vault.store.metadata import columns_of

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def deps(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def party(clock: FakeClock) -> Party:
    return Party(clock)


async def entries(deps: Deps) -> list[dict]:
    """The registration entries of the log, in clear."""
    async with deps.database.connect() as conn:
        waiting = await conn.execute(select(log_outbox.c.entries))  # PostgreSQL, for the integrator
        found = [one for row in waiting for one in entry.split(row.entries)]
        found += (await conn.execute(select(log_leaf.c.entry))).scalars()
    payloads = [json.loads(entry.parse(one)[1]) for one in found]
    return [one for one in payloads if one.get("kind") == Kind.REGISTRATION]


async def test_an_app_is_registered_shown_and_listed(deps, party):
    assert (await apps.add(deps, party.metadata())).id == "delivery"
    shown = await apps.show(deps, "delivery")
    assert shown.registered.registration.client_name == "Delivery planner"
    assert not shown.frozen
    (listed,) = await apps.list_(deps)
    assert (listed.id, listed.app) == ("delivery", shown)


async def test_each_act_is_an_entry_that_says_who_could_decide_alone(deps, party):
    await apps.add(deps, party.metadata())
    await apps.add(deps, party.metadata(client_name="Routes"), replace=True)
    await apps.freeze(deps, "delivery")
    await apps.thaw(deps, "delivery")
    told = await entries(deps)
    assert sorted(one["change"] for one in told) == ["added", "changed", "frozen", "thawed"]
    assert all(one["app"] == "delivery" and one["bootstrap"] is True for one in told)
    digest = (await apps.show(deps, "delivery")).registered.digest
    assert [one["registration"] for one in told if one["change"] == "changed"] == [digest]


async def test_the_same_document_again_changes_nothing(deps, party):
    document = json.loads(party.metadata())
    await apps.add(deps, json.dumps(document).encode())
    again = json.dumps(dict(reversed(document.items())), indent=2).encode()
    assert (await apps.add(deps, again)).id == "delivery"
    assert len(await entries(deps)) == 1


async def test_another_document_under_the_same_id_is_refused_unless_it_replaces(deps, party, clock):
    await apps.add(deps, party.metadata())
    other = party.metadata(client_name="Routes")
    with pytest.raises(ConflictError):
        await apps.add(deps, other)
    assert (await apps.show(deps, "delivery")).registered.registration.client_name != "Routes"
    clock.turn(seconds=10)
    await apps.add(deps, other, replace=True)
    shown = await apps.show(deps, "delivery")
    assert shown.registered.registration.client_name == "Routes"
    assert shown.version == 2
    assert shown.valid_from > clock.now()  # from the next second on


@ONE_DATABASE
@pytest.mark.parametrize(
    ("approved", "why"),
    [
        (
            {"purpose": "marketing", "actions": ["read"], "datatypes": ["contact.email"]},
            "marketing",
        ),
        ({"purpose": "sales", "actions": ["read"], "datatypes": ["contact.email"]}, "sales"),
        ({"purpose": "delivery", "actions": ["write"], "datatypes": ["contact.email"]}, "write"),
        (
            {"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.birth_date"]},
            "contact.birth_date",
        ),
        (
            {
                "purpose": "delivery",
                "actions": ["read"],
                "datatypes": ["contact.email"],
                "retention": "P4Y",
            },
            "P3Y",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_approval_beyond_the_code_of_ethics_is_refused(deps, party, approved, why):
    with pytest.raises(RegistrationError, match=why):
        await apps.add(deps, party.metadata(own={"approved": [approved]}))
    assert await apps.list_(deps) == []
    assert await entries(deps) == []


@ONE_DATABASE
async def test_a_change_is_checked_like_the_first(deps, party):
    await apps.add(deps, party.metadata())
    wide = [{"purpose": "marketing", "actions": ["read"], "datatypes": ["contact.email"]}]
    with pytest.raises(RegistrationError):
        await apps.add(deps, party.metadata(own={"approved": wide}), replace=True)


@ONE_DATABASE
async def test_a_review_that_is_past_is_refused(deps, party):
    today = party.metadata(own={"review_by": "2026-12-01"})
    with pytest.raises(RegistrationError, match="review_by"):
        await apps.add(deps, party.metadata(own={"review_by": "2026-11-30"}))
    await apps.add(deps, today)


@ONE_DATABASE
async def test_a_key_that_is_none_is_refused(deps, party):
    keys = [
        {**party.key.jwk, "kid": "first", "y": party.key.jwk["x"]},  # not on the curve
        {**party.key.jwk, "kid": "first", "x": "AAAA"},
    ]
    for key in keys:
        with pytest.raises(RegistrationError, match="first"):
            await apps.add(deps, party.metadata(jwks={"keys": [key]}))
    from tests.api.oauth.party import Key

    weak = {**Key("RS", bits=1024).jwk, "kid": "weak"}
    with pytest.raises(RegistrationError, match="weak"):
        await apps.add(
            deps,
            party.metadata(jwks={"keys": [weak]}, token_endpoint_auth_signing_alg="PS256"),
        )


@ONE_DATABASE
@pytest.mark.parametrize("document", [b"", b"[]", b"\xff", b'{"a":1,"a":1}', b" " * 70_000])
async def test_what_is_no_document_is_refused(deps, document):
    with pytest.raises(RegistrationError):
        await apps.add(deps, document)


@ONE_DATABASE
async def test_a_lone_surrogate_is_refused(deps, party):
    with pytest.raises(RegistrationError):
        await apps.add(deps, party.metadata(client_name="\ud800"))


@ONE_DATABASE
async def test_an_unknown_app_has_no_page_and_cannot_be_frozen(deps):
    for act in (apps.show, apps.freeze, apps.thaw):
        with pytest.raises(BadRequestError):
            await act(deps, "nobody")
    assert await entries(deps) == []


@ONE_DATABASE
async def test_a_row_that_was_edited_is_listed_without_what_it_says(deps, party):
    await apps.add(deps, party.metadata())

    async def edit(conn) -> None:
        row = await app_store.load(conn, "delivery")
        assert row is not None
        wide = row.document.replace('"read"', '"write"')
        await conn.execute(update(app_store.app).values(document=wide))

    await commit.request(deps.database, edit)
    (listed,) = await apps.list_(deps)
    assert listed.app is None
    with pytest.raises(BadRequestError):
        await apps.show(deps, "delivery")


async def nobody_is_registered(deps: Deps) -> None:
    with capture_logs() as said, pytest.raises(BadRequestError):
        await apps.show(deps, "delivery")
    assert [one["event"] for one in said] == ["registration-broken"]
    for act in (apps.freeze, apps.thaw):
        with pytest.raises(BadRequestError):
            await act(deps, "delivery")


async def put_back(deps: Deps, table, row) -> None:
    """Write a row as it was once read, over what stands there."""
    statement = update(table).values(columns_of(table, row))
    await commit.request(deps.database, lambda conn: conn.execute(statement))


async def test_an_older_registration_that_was_put_back_registers_nobody(deps, party):
    await apps.add(deps, party.metadata())
    async with deps.database.connect() as conn:
        wide = await app_store.load(conn, "delivery")
    narrow = [{"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.full_name"]}]
    await apps.add(deps, party.metadata(own={"approved": narrow}), replace=True)
    await put_back(deps, app_store.app, wide)
    await nobody_is_registered(deps)


@pytest.mark.parametrize("known", [False, True], ids=["to nobody", "to this process"])
@pytest.mark.parametrize(
    "change",
    [
        {"frozen": False},
        {"frozen": False, "version": 2},
        {"version": 2},
        {"version": -1},
        {"valid_from": datetime(2026, 1, 1, tzinfo=UTC)},
        {"mac": b""},
    ],
    ids=repr,
)
async def test_a_state_that_was_edited_registers_nobody(deps, party, change, known):
    await apps.add(deps, party.metadata())
    await apps.freeze(deps, "delivery")
    if known:
        assert (await apps.show(deps, "delivery")).frozen
    async with deps.database.connect() as conn:
        state = (await app_store.load_states(conn, ["delivery"]))["delivery"]
    await put_back(deps, app_store.app_state, replace(state, **change))
    await nobody_is_registered(deps)


async def test_a_broken_state_is_made_again_on_purpose_and_frozen(deps, party):
    await apps.add(deps, party.metadata())
    async with deps.database.connect() as conn:
        state = (await app_store.load_states(conn, ["delivery"]))["delivery"]
    await put_back(deps, app_store.app_state, replace(state, version=7))
    with pytest.raises(ConflictError):
        await apps.add(deps, party.metadata())
    await apps.add(deps, party.metadata(), replace=True)
    assert (await apps.show(deps, "delivery")).frozen
    await apps.thaw(deps, "delivery")
    shown = await apps.show(deps, "delivery")
    assert (shown.frozen, shown.version) == (False, 8)


@ONE_DATABASE
async def test_each_sector_knows_a_customer_by_its_own_id(deps, party, clock):
    customer = CustomerId(uuid7(1_795_426_200_000))
    await apps.add(deps, party.metadata())
    await apps.add(
        deps,
        Party(clock, "loyalty").metadata(
            own={
                "sector": "crm.example",
                "approved": [
                    {"purpose": "support", "actions": ["read"], "datatypes": ["contact.email"]}
                ],
            }
        ),
    )
    first = await apps.pairwise(deps, "delivery", customer)
    second = await apps.pairwise(deps, "loyalty", customer)
    assert first != second
    key = deps.keys.service("pairwise")
    assert (
        customer_of(key, "delivery", first) == customer_of(key, "crm.example", second) == customer
    )
    with pytest.raises(BadRequestError):
        await apps.pairwise(deps, "nobody", customer)
