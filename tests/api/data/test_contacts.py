"""May we contact: yes or no with the reason, what an app may learn of it, and that limits hold."""

import asyncio
import json
import time
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from policies.model import Term
from tests.api.data.conftest import APPROVED, SCOPES, Shop
from tests.api.data.test_audience import kinds_of
from tests.api.data.test_others import UNKNOWN, kind
from tests.api.data.test_terms import allow
from tests.api.oauth.party import Party
from tests.reaching import LEDGER, NEWSLETTER, RULEBOOK, TEXT
from tests.richer import publish
from vault.core import own_terms
from vault.core.entry import Kind
from vault.core.own_terms import Rule
from vault.services import app as apps
from vault.services import contact, contact_one, quiet, restriction, terms
from vault.store import contact as times

MAIL = {"purpose": "marketing", "channel": "email", "kind": "newsletter_mail"}
ASK = {"purpose": "marketing", "channel": "email"}
CALL = {"purpose": "marketing", "channel": "phone", "kind": "sales_call"}
BATCH = "/api/v1/contacts:batch"


@pytest.fixture
async def reaching(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop under a code by which it reaches customers."""
    await publish(shop.deps, rulebook=RULEBOOK, source=TEXT.encode())
    for name, approved in (("newsletter", NEWSLETTER), ("ledger", LEDGER)):
        monkeypatch.setitem(APPROVED, name, approved)
        party = Party(shop.parties["delivery"].clock, name)
        await apps.add(shop.deps, party.metadata(scope=SCOPES, own={"approved": approved}))
        shop.parties[name] = party
    return shop


async def may(shop: Shop, who: Any, body: Any = ASK, *, app: str = "newsletter") -> Any:
    """Return the answer about one customer, without its receipt."""
    named = who if isinstance(who, str) else await shop.id(app, who)
    answer = await shop.call(app, "POST", f"/api/v1/customers/{named}/contacts", body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.pop("receipt").startswith("ownship-receipt@v1")
    return said


async def customers(shop: Shop, count: int) -> list[Any]:
    found = [
        await shop.add(contact__email=f"c{n}@example.org", contact__phone=None, loyalty__card=None)
        for n in range(count)
    ]
    for one in found:
        await allow(shop, one, "marketing")
    return found


async def rows(shop: Shop) -> int:
    async with shop.deps.database.connect() as conn:
        return (await conn.execute(text("SELECT count(*) FROM interaction"))).scalar_one()


async def test_a_yes_is_recorded_opens_nothing_and_notes_nothing(reaching: Shop) -> None:
    who = await reaching.add()
    no = {"allowed": False, "reason": "no-basis"}
    assert await may(reaching, who) == no
    await allow(reaching, who, "marketing")
    assert await may(reaching, who) == {"allowed": True}
    assert (await kinds_of(reaching, who))[-1] == Kind.MAY_REACH
    assert await rows(reaching) == 0


async def test_a_contact_that_is_noted_is_the_customers_event(reaching: Shop) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    said = await may(reaching, who, {**MAIL, "content": {"campaign": "autumn"}})
    named = await reaching.id("newsletter", who)
    path = f"/api/v1/customers/{named}/interactions?purpose=marketing"
    (found,) = (await reaching.call("newsletter", "GET", path)).json()["interactions"]
    assert said == {"allowed": True, "id": found["id"]}
    assert found["kind"] == "newsletter_mail"
    assert (found["channel"], found["content"]) == ("email", {"campaign": "autumn"})
    kinds = await kinds_of(reaching, who)
    assert kinds[kinds.index(Kind.MAY_REACH) + 1] == Kind.WRITTEN


@pytest.mark.parametrize(
    "term",
    [
        partial(own_terms.of_channel, channel="email", rule=Rule.NEVER),
        partial(own_terms.of_purpose, purpose="marketing", rule=Rule.NEVER),
        partial(own_terms.of_app, app="newsletter", rule=Rule.NEVER),
        partial(own_terms.of_purpose, purpose="marketing", rule=Rule.ASK),
        partial(own_terms.switch, term=Term.PAUSE, on=True),
        None,
    ],
    ids=["never by e-mail", "never for this", "never this app", "ask", "pause", "restricted"],
)
async def test_an_app_cannot_tell_a_no_from_a_stranger(reaching: Shop, term: Any) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    if term is None:
        await restriction.restrict(reaching.deps, who, request=None)
    else:
        await terms.change(reaching.deps, who, term)
    hours = quiet.write("11:00", "13:00", "UTC")
    await terms.change(reaching.deps, who, partial(own_terms.quiet, span=hours))
    await terms.change(reaching.deps, who, partial(own_terms.at_most, times=1))
    await allow_other_ways(reaching, who)
    assert await may(reaching, who, MAIL) == await may(reaching, UNKNOWN, MAIL)
    assert await may(reaching, who, MAIL) == {"allowed": False, "reason": "no-basis"}
    assert await rows(reaching) == 1


async def test_a_stranger_and_who_never_allowed_it_cost_the_same(reaching: Shop) -> None:
    who = await reaching.id("newsletter", await reaching.add())
    await may(reaching, who, MAIL)  # the writers are open from here on
    asked: list[list[str]] = []

    def note(*given: Any) -> None:
        if "customer_entry" not in given[2]:  # on whose list it stands, which nobody's does not
            asked[-1].append(given[2])

    for each in (who, UNKNOWN):
        asked.append([])
        event.listen(Engine, "before_cursor_execute", note)
        await may(reaching, each, MAIL)
        event.remove(Engine, "before_cursor_execute", note)
    assert asked[0] == asked[1]
    assert any("interaction" in statement for statement in asked[0])


async def allow_other_ways(shop: Shop, who: Any) -> None:
    """Let a law's letter use the limit up."""
    letter = {"purpose": "tax", "channel": "email", "kind": "newsletter_mail"}
    said = await may(shop, who, letter, app="ledger")
    assert said["allowed"] is not (await restricted(shop, who))
    if not said["allowed"]:
        named = await shop.id("ledger", who)
        body = {**letter, "at": "2026-12-01T11:00:00Z", "content": {}}
        path = f"/api/v1/customers/{named}/interactions"
        assert (await shop.call("ledger", "POST", path, body)).status_code == 201


async def restricted(shop: Shop, who: Any) -> bool:
    return (await terms.load(shop.deps, who)).situation.restricted


async def test_in_quiet_hours_an_app_hears_when_they_end(reaching: Shop) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    hours = quiet.write("11:00", "14:30", "Europe/Dublin")
    await terms.change(reaching.deps, who, partial(own_terms.quiet, span=hours))
    no = {"allowed": False, "reason": "quiet-hours", "not_before": "2026-12-01T14:30:00Z"}
    assert await may(reaching, who, MAIL) == no
    assert await rows(reaching) == 0
    assert (await kinds_of(reaching, who))[-1] == Kind.DENIED


async def test_the_limit_counts_every_channel_and_ends_with_the_window(reaching: Shop) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    await terms.change(reaching.deps, who, partial(own_terms.at_most, times=2))
    assert (await may(reaching, who, MAIL))["allowed"]
    assert (await may(reaching, who, ASK))["allowed"]  # to ask is not to reach
    assert (await may(reaching, who, CALL))["allowed"]
    no = {"allowed": False, "reason": "at-most", "not_before": "2027-01-01T00:00:00Z"}
    assert await may(reaching, who, MAIL) == await may(reaching, who, CALL) == no
    assert await contact.reached(reaching.deps, who, RULEBOOK) == 2
    reaching.deps.clock.turn(days=30, minutes=1)  # type: ignore[attr-defined]  # a fake one
    reaching.tokens.clear()
    assert (await may(reaching, who, MAIL))["allowed"]
    assert await contact.reached(reaching.deps, who, RULEBOOK) == 1


async def test_what_an_app_noted_of_itself_counts_too(reaching: Shop) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    await terms.change(reaching.deps, who, partial(own_terms.at_most, times=1))
    named = await reaching.id("newsletter", who)
    body = {
        "purpose": "marketing",
        "kind": "sales_call",
        "at": "2026-11-20T09:00:00Z",
        "channel": "phone",
        "content": {},
    }
    path = f"/api/v1/customers/{named}/interactions"
    assert (await reaching.call("newsletter", "POST", path, body)).status_code == 201
    assert (await may(reaching, who))["not_before"] == "2026-12-21T00:00:00Z"


async def test_campaigns_at_once_do_not_pass_the_limit_together(
    reaching: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = times.times_since

    async def slowly(*given: Any, **named: Any) -> Any:
        found = await counted(*given, **named)
        await asyncio.sleep(0.2)  # without the lock all of them would have counted by now
        return found

    monkeypatch.setattr(times, "times_since", slowly)
    members = await customers(reaching, 3)
    for one in members:
        await terms.change(reaching.deps, one, partial(own_terms.at_most, times=1))
    ids = [await reaching.id("newsletter", one) for one in members]
    await reaching.token("newsletter")
    await may(reaching, ids[0])  # the nonce is known from here on
    sent = [{**MAIL, "customers": ids}, {**MAIL, "customers": ids[::-1]}]
    answers = await asyncio.gather(
        *(reaching.call("newsletter", "POST", BATCH, body) for body in sent * 2)
    )
    said = [one for answer in answers for one in answer.json()["results"]]
    allowed = [one["customer"] for one in said if one["allowed"]]
    assert sorted(allowed) == sorted(ids)
    assert {one["reason"] for one in said if not one["allowed"]} == {"at-most"}
    assert await rows(reaching) == 3


async def test_what_a_law_makes_us_tell_is_not_held_back(reaching: Shop) -> None:
    who = await reaching.add()
    await terms.change(reaching.deps, who, partial(own_terms.at_most, times=1))
    hours = quiet.write("11:00", "13:00", "UTC")
    await terms.change(reaching.deps, who, partial(own_terms.quiet, span=hours))
    letter = {"purpose": "tax", "channel": "email", "kind": "newsletter_mail"}
    for _ in range(2):
        assert (await may(reaching, who, letter, app="ledger"))["allowed"]


async def test_a_campaign_is_answered_in_order_chunk_by_chunk(
    reaching: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact, "CHUNK", 2)
    members = await customers(reaching, 3)
    stranger = await reaching.add(contact__email="no@example.org")
    ids = [await reaching.id("newsletter", one) for one in (*members, stranger)]
    asked = [ids[0], UNKNOWN, ids[3], ids[1], ids[2]]
    whole = (await reaching.call("newsletter", "POST", BATCH, {**ASK, "customers": asked})).json()
    assert [one["customer"] for one in whole["results"]] == asked
    assert [one["allowed"] for one in whole["results"]] == [True, False, False, True, True]
    assert whole["results"][1] | {"customer": ids[3]} == whole["results"][2]
    assert len(whole["receipts"]) == len(set(whole["receipts"])) == 3
    assert whole["code"]["version"] == RULEBOOK.version
    body = {**MAIL, "customers": asked}
    answer = await reaching.call("newsletter", "POST", BATCH, body, accept="application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["allowed"] for one in lines if "customer" in one] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert [next(iter(one)) for one in lines] == [
        *("customer", "customer", "code") * 2,
        *("customer", "code"),
    ]
    assert await rows(reaching) == 3


async def test_behind_a_stopped_app_the_rest_of_a_campaign_is_refused(
    reaching: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact, "CHUNK", 1)
    ids = [await reaching.id("newsletter", one) for one in await customers(reaching, 3)]
    finished = contact.ask

    async def then_freeze(*given: Any) -> Any:
        chunk = await finished(*given)
        await apps.freeze(reaching.deps, "newsletter")
        return chunk

    monkeypatch.setattr(contact, "ask", then_freeze)
    answer = await reaching.call("newsletter", "POST", BATCH, {**MAIL, "customers": ids})
    results = answer.json()["results"]
    assert [one.get("error") for one in results] == [None, "frozen", "frozen"]
    assert await rows(reaching) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**ASK, "channel": "pigeon"}, 400, "bad-request"),
        ({**ASK, "channel": 7}, 400, "bad-request"),
        ({"purpose": "marketing"}, 400, "bad-request"),
        ({**ASK, "record": True}, 400, "bad-request"),
        ({**ASK, "content": {}}, 400, "bad-request"),
        ({**MAIL, "content": "x"}, 400, "bad-request"),
        ({**ASK, "kind": "carrier_pigeon"}, 400, "unknown-field"),
        ({**ASK, "purpose": "nonsense"}, 400, "unknown-field"),
        ({**ASK, "purpose": "delivery"}, 403, "outside-token"),
        ({**ASK, "channel": "post"}, 403, "outside-token"),  # the token covers no address
        ({**ASK, "kind": "call"}, 403, "outside-token"),
        ({**ASK, "kind": "purchase"}, 422, "wrong-value"),  # reaches nobody
        ({**ASK, "kind": "sales_call"}, 422, "wrong-value"),  # of another channel
        ({**MAIL, "content": {"x": "y" * 20_000}}, 422, "wrong-value"),
    ],
    ids=str,
)
async def test_bad_asks_are_refused_alike_for_one_and_for_many(
    reaching: Shop, body: Any, status: int, code: str
) -> None:
    who = await reaching.add()
    await allow(reaching, who, "marketing")
    named = await reaching.id("newsletter", who)
    for path, sent in (
        (f"/api/v1/customers/{named}/contacts", body),
        (f"/api/v1/customers/{UNKNOWN}/contacts", body),
        (BATCH, {**body, "customers": [UNKNOWN, named]}),
    ):
        answer = await reaching.call("newsletter", "POST", path, sent)
        assert (answer.status_code, kind(answer)) == (status, code), answer.text
    assert await rows(reaching) == 0
    assert (await kinds_of(reaching, who)).count(Kind.DENIED) == (2 if status == 403 else 0)


@pytest.mark.parametrize(
    "ids",
    [[], [UNKNOWN, UNKNOWN], [7], "x", None, ["a" * 25 + "b", *(f"x{n}" for n in range(1_000))]],
    ids=["none", "twice", "a number", "a text", "nothing", "1,001"],
)
async def test_a_campaign_names_1_to_1000_customers_each_once(reaching: Shop, ids: Any) -> None:
    answer = await reaching.call("newsletter", "POST", BATCH, {**ASK, "customers": ids})
    assert (answer.status_code, kind(answer)) == (400, "bad-request")


async def test_the_days_budget_counts_whom_a_campaign_asks_about(reaching: Shop) -> None:
    own = {"approved": NEWSLETTER, "daily_limit": 3}
    document = reaching.parties["newsletter"].metadata(scope=SCOPES, own=own)
    await apps.add(reaching.deps, document, replace=True)
    for ids, status in ((["w", "x", "y", "z"], 429), (["x", "y", "z"], 200)):
        body = {**ASK, "customers": ids}
        assert (await reaching.call("newsletter", "POST", BATCH, body)).status_code == status
    path = f"/api/v1/customers/{UNKNOWN}/contacts"
    assert (await reaching.call("newsletter", "POST", path, ASK)).status_code == 429


async def test_a_thousand_are_answered_and_nobody_is_looked_at_twice(reaching: Shop) -> None:
    ids = [f"{n:x}".translate(str.maketrans("0189", "ghij")) for n in range(1_000)]
    answer = await reaching.call("newsletter", "POST", BATCH, {**ASK, "customers": ids})
    said = answer.json()
    assert {json.dumps({**one, "customer": ""}) for one in said["results"]} == {
        json.dumps({"customer": "", "allowed": False, "reason": "no-basis"})
    }
    assert len(said["receipts"]) == 10


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_when_somebody_was_reached_is_found_by_an_index(reaching: Shop) -> None:
    """By kind and time a busy campaign would read of everybody."""
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(Engine, "before_cursor_execute", note)
    await contact.reached(reaching.deps, await reaching.add(), RULEBOOK)
    event.remove(Engine, "before_cursor_execute", note)
    (statement, given) = next(one for one in asked if "FROM interaction" in one[0])
    async with reaching.deps.database.connect() as conn:
        plan = str((await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)).all())
    assert "ix_interaction_customer_id_at" in plan


async def test_what_was_loaded_long_ago_is_decided_anew(reaching: Shop, monkeypatch) -> None:
    """Without a note nobody is locked, so a no may come behind the load."""
    (who,) = await customers(reaching, 1)
    await may(reaching, who)
    finish, slow = contact_one.finish, [True]

    def late(*given: Any) -> Any:
        if slow:
            slow.pop()
            time.sleep(contact.MAX_AGE + 0.1)
        done.append(given)
        return finish(*given)

    done: list[Any] = []
    monkeypatch.setattr(contact_one, "finish", late)
    assert (await may(reaching, who))["allowed"]
    assert len(done) == 2
    slow += [True, True]
    named = await reaching.id("newsletter", who)
    path = f"/api/v1/customers/{named}/contacts"
    assert (await reaching.call("newsletter", "POST", path, ASK)).status_code == 503
