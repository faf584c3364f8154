"""Everyone who allows a purpose, page by page, and nobody else."""

import json
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from tests.api.data.conftest import SCOPES, Shop
from tests.api.data.test_others import kind
from tests.api.data.test_terms import allow
from tests.api.oauth.party import Party
from tests.services import logbook
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.services import app as apps
from vault.services import audience, bulk, consent, erase, objection, restriction
from vault.services.audit import audit_key
from vault.store import commit
from vault.store.consent import consent as table
from vault.store.engine import Conn
from vault.store.leaf import customer_entry

PURPOSE = "loyalty.rewards"
PATH = f"/api/v1/profiles?purpose={PURPOSE}"


async def member(shop: Shop, number: int, *, consents: bool = True) -> CustomerId:
    """Add a customer, who allows the purpose or was never asked; ids follow the clock."""
    shop.parties["loyalty"].clock.turn(seconds=1)
    one = await shop.add(
        contact__email=f"c{number}@example.org", contact__phone=None, loyalty__card=None
    )
    if consents:
        await allow(shop, one, PURPOSE)
    return one


async def pages(shop: Shop, path: str = PATH, app: str = "loyalty", *, limit: int = 2):
    """Give each page of a list."""
    cursor = ""
    while cursor is not None:
        answer = await shop.call(app, "GET", f"{path}&limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        yield answer.json()
        following = answer.json()["next"]
        cursor = following and f"&cursor={following}"


async def listed(shop: Shop, path: str = PATH, app: str = "loyalty", *, limit: int = 2):
    """Return the ids of a whole list, in its order."""
    found = [page async for page in pages(shop, path, app, limit=limit)]
    return [one["customer"] for page in found for one in page["results"]]


async def kinds_of(shop: Shop, who: CustomerId) -> list[int]:
    """Return the kinds of the entries on a customer's list, as their own key reads them."""
    await logbook.integrate(shop.deps.database)
    book = await logbook.read(shop.deps.database)  # parts complete, sequences without a gap
    load = await shop.deps.loads.ask(who, lane="test")
    key = audit_key(shop.deps, load)[1]
    return [
        book.payload(row.idx, key, shop.deps.origin)["kind"]
        for row in book.listed
        if row.customer_id == who
    ]


async def test_everyone_who_consents_is_listed_once_and_nobody_else(shop: Shop) -> None:
    consenting = [await member(shop, number) for number in range(5)]
    await member(shop, 8, consents=False)
    withdrawn = await member(shop, 9)
    await consent.withdraw(shop.deps, withdrawn, PURPOSE)
    wanted = {await shop.id("loyalty", one) for one in consenting}
    orders = [await listed(shop, limit=limit) for limit in (1, 2, 5, 1000)]
    assert (len(orders[0]), set(orders[0])) == (5, wanted)
    assert orders == [orders[0]] * 4
    (page,) = [one async for one in pages(shop, limit=1000)]
    assert page["purpose"] == PURPOSE
    assert page["code"]["digest"].startswith("sha256:")
    assert [one["customer"] for one in page["results"]] == orders[0]
    assert page["results"][0]["fields"]["contact.full_name"]["value"].startswith("Ana")
    assert page["receipts"][0].startswith("ownship-receipt@v1")
    # Who asks about one customer by id is told the same.
    who = page["results"][0]["customer"]
    alone = await shop.call("loyalty", "GET", f"/api/v1/customers/{who}/profile?purpose={PURPOSE}")
    assert alone.json()["fields"] == page["results"][0]["fields"]
    assert alone.json()["withheld"] == page["results"][0]["withheld"]


async def test_who_joins_withdraws_or_is_erased_meanwhile_moves_nobody_else(shop: Shop) -> None:
    first = [await member(shop, number) for number in range(8)]
    names = {await shop.id("loyalty", one): one for one in first}
    found: list[str] = []
    gone: list[CustomerId] = []
    late = None
    async for page in pages(shop):
        found += [one["customer"] for one in page["results"]]
        if late is None:  # the page held two
            seen, coming = [names[one] for one in found], [*first]
            for one in seen:
                coming.remove(one)
            gone = coming[:2]
            await erase.erase(shop.deps, seen[0])
            await consent.withdraw(shop.deps, seen[1], PURPOSE)
            await consent.withdraw(shop.deps, gone[0], PURPOSE)
            await erase.erase(shop.deps, gone[1])
            late = await shop.id("loyalty", await member(shop, 20))
    counted = Counter(found)
    assert counted.pop(late or "", 0) <= 1  # as chance will have it: their place may be passed
    assert counted == Counter(name for name, one in names.items() if one not in gone)
    shop.parties["loyalty"].clock.turn(seconds=1)
    assert late in await listed(shop)


async def test_a_candidate_who_is_not_allowed_is_left_out_and_reads_of_the_refusal(
    shop: Shop,
) -> None:
    plain, restricted = await member(shop, 1), await member(shop, 2)
    await restriction.restrict(shop.deps, restricted, request=None)
    before = await kinds_of(shop, restricted)
    answer = (await shop.call("loyalty", "GET", PATH)).json()
    assert [one["customer"] for one in answer["results"]] == [await shop.id("loyalty", plain)]
    assert await kinds_of(shop, restricted) == [*before, Kind.DENIED]
    assert (await kinds_of(shop, plain))[-1] == Kind.READ
    async with shop.deps.database.connect() as conn:
        statement = select(func.count()).select_from(customer_entry)
        assert (await conn.execute(statement)).scalar_one() > 0


async def test_a_page_may_be_empty_and_not_the_last(shop: Shop) -> None:
    restricted = [await member(shop, number) for number in range(3)]
    plain = await member(shop, 4)
    for one in restricted:
        await restriction.restrict(shop.deps, one, request=None)
    found = [page async for page in pages(shop, limit=1)]
    assert sorted(len(page["results"]) for page in found) == [0, 0, 0, 1]
    (only,) = [one for page in found for one in page["results"]]
    assert only["customer"] == await shop.id("loyalty", plain)
    assert all(page["receipts"] for page in found)


async def test_whose_consent_is_over_is_not_even_looked_at(shop: Shop) -> None:
    over, stays = [await member(shop, number) for number in range(2)]

    async def end(conn: Conn) -> None:
        await conn.execute(update(table).where(table.c.customer_id == over).values(until_ms=1))

    await commit.request(shop.deps.database, end)
    before = await kinds_of(shop, over)
    (page,) = [page async for page in pages(shop, limit=1)]
    assert [one["customer"] for one in page["results"]] == [await shop.id("loyalty", stays)]
    assert await kinds_of(shop, over) == before


async def test_nobody_is_an_audience_too_and_recorded(shop: Shop) -> None:
    await member(shop, 1, consents=False)
    answer = await shop.call("loyalty", "GET", PATH)
    body = answer.json()
    assert (answer.status_code, body["results"], body["next"]) == (200, [], None)
    assert len(body["receipts"]) == 1


async def test_another_basis_lists_everyone_who_has_not_objected(shop: Shop) -> None:
    objects, stays = await member(shop, 1, consents=False), await member(shop, 2, consents=False)
    path = "/api/v1/profiles?purpose=support&fields=contact.email"
    assert len(await listed(shop, path)) == 2
    await objection.object_(shop.deps, objects, "support")
    assert await listed(shop, path) == [await shop.id("loyalty", stays)]
    assert Kind.DENIED in await kinds_of(shop, objects)  # writers are integrated one by one


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("purpose=marketing", 403, "outside-token"),
        ("purpose=loyalty.rewards&fields=contact.phone", 403, "outside-token"),
        ("purpose=no.such", 400, "unknown-field"),
        ("purpose=%00", 400, "unknown-field"),
        ("purpose=loyalty.rewards&fields=no.such", 400, "unknown-field"),
        ("purpose=loyalty.rewards&fields=", 400, "bad-request"),
        ("fields=contact.full_name", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=0", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=1001", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=9999", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=-1", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=%D9%A1", 400, "bad-request"),
        ("purpose=loyalty.rewards&limit=1&limit=2", 400, "bad-request"),
        ("purpose=loyalty.rewards&offset=1", 400, "bad-request"),
        ("purpose=loyalty.rewards&cursor=", 400, "bad-request"),
        ("purpose=loyalty.rewards&cursor=AAAA", 400, "bad-request"),
        ("purpose=loyalty.rewards&cursor=%F0%9F%98%80", 400, "bad-request"),
        (f"purpose=loyalty.rewards&cursor={'A' * 2000}", 400, "bad-request"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    shop: Shop, query: str, status: int, code: str
) -> None:
    asked = await member(shop, 1)
    before = await kinds_of(shop, asked)
    answer = await shop.call("loyalty", "GET", f"/api/v1/profiles?{query}")
    assert (answer.status_code, kind(answer)) == (status, code)
    # A call that is refused whoever the customers are is no look at any of them.
    assert await kinds_of(shop, asked) == before


async def test_a_token_without_the_scope_lists_nobody(shop: Shop) -> None:
    await member(shop, 1)
    details = [
        {
            "type": "profile_access",
            "purpose": PURPOSE,
            "actions": ["read"],
            "datatypes": ["contact.full_name"],
        }
    ]
    shop.tokens["loyalty"] = await shop.parties["loyalty"].token(
        shop.client, scope="profile.read", authorization_details=json.dumps(details)
    )
    answer = await shop.call("loyalty", "GET", PATH)
    assert (answer.status_code, kind(answer)) == (403, "outside-token")


async def test_a_cursor_that_was_changed_anywhere_is_refused(shop: Shop) -> None:
    for number in range(2):
        await member(shop, number)
    cursor = (await shop.call("loyalty", "GET", f"{PATH}&limit=1")).json()["next"]
    good = await shop.call("loyalty", "GET", f"{PATH}&cursor={cursor}")
    assert (good.status_code, len(good.json()["results"])) == (200, 1)
    for place, letter in enumerate(cursor):
        forged = f"{cursor[:place]}{'A' if letter != 'A' else 'B'}{cursor[place + 1 :]}"
        answer = await shop.call("loyalty", "GET", f"{PATH}&cursor={forged}")
        assert (answer.status_code, kind(answer)) == (400, "bad-request"), place
    for cut in (cursor[:-1], cursor[1:], f"{cursor}A", f"{cursor}="):
        answer = await shop.call("loyalty", "GET", f"{PATH}&cursor={cut}")
        assert (answer.status_code, kind(answer)) == (400, "bad-request")


async def test_a_cursor_is_of_one_app_one_purpose_one_set_of_fields_and_one_ceiling(
    shop: Shop,
) -> None:
    for number in range(2):
        await member(shop, number)
    some = "fields=contact.full_name,loyalty.card"
    cursor = (await shop.call("loyalty", "GET", f"{PATH}&limit=1&{some}")).json()["next"]
    turned = "fields=loyalty.card,contact.full_name"
    assert (await shop.call("loyalty", "GET", f"{PATH}&{turned}&cursor={cursor}")).is_success
    support = "/api/v1/profiles?purpose=support&fields=contact.email"
    for app, path in [
        ("loyalty", PATH),  # all fields
        ("loyalty", f"{PATH}&fields=contact.full_name"),
        ("loyalty", support),
        ("delivery", f"/api/v1/profiles?purpose=delivery&{some}"),
    ]:
        answer = await shop.call(app, "GET", f"{path}&cursor={cursor}")
        assert (answer.status_code, kind(answer)) == (400, "bad-request"), path
    details = [
        {
            "type": "profile_access",
            "purpose": PURPOSE,
            "actions": ["read"],
            "datatypes": ["contact.full_name", "loyalty.card"],
        }
    ]
    shop.tokens["loyalty"] = await shop.parties["loyalty"].token(
        shop.client, scope="profile.list", authorization_details=json.dumps(details)
    )
    answer = await shop.call("loyalty", "GET", f"{PATH}&{some}&cursor={cursor}")
    assert (answer.status_code, kind(answer)) == (400, "bad-request")


async def test_a_cursor_outlives_its_token_and_ends_after_seven_days(shop: Shop) -> None:
    for number in range(2):
        await member(shop, number)
    cursor = (await shop.call("loyalty", "GET", f"{PATH}&limit=1")).json()["next"]
    for seconds, status in ((audience.MAX_AGE, 200), (1, 400)):
        shop.parties["loyalty"].clock.turn(seconds=seconds)
        shop.tokens.clear()
        shop.parties["loyalty"].nonces.clear()
        answer = await shop.call("loyalty", "GET", f"{PATH}&cursor={cursor}")
        assert answer.status_code == status, answer.text
    shop.parties["loyalty"].clock.turn(seconds=-2 * audience.MAX_AGE)
    shop.tokens.clear()
    shop.parties["loyalty"].nonces.clear()
    answer = await shop.call("loyalty", "GET", f"{PATH}&cursor={cursor}")
    assert answer.status_code == 400  # made in a future that never was


async def test_a_page_costs_the_budget_its_candidates(shop: Shop) -> None:
    approved = {"purpose": PURPOSE, "actions": ["read"], "datatypes": ["contact.full_name"]}
    own = {"daily_limit": 5, "approved": [approved]}
    party = shop.parties["loyalty"]
    await apps.add(shop.deps, party.metadata(scope=SCOPES, own=own), replace=True)
    shop.parties["loyalty"].clock.turn(seconds=1)
    shop.tokens["loyalty"] = await party.token(
        shop.client,
        scope="profile.list",
        authorization_details=json.dumps([{"type": "profile_access", **approved}]),
    )
    for number in range(3):
        await member(shop, number)
    first = await shop.call("loyalty", "GET", PATH)
    second = await shop.call("loyalty", "GET", PATH)
    assert (first.status_code, second.status_code, kind(second)) == (200, 429, "too-many")
    assert (await shop.call("loyalty", "GET", f"{PATH}&limit=2")).status_code == 200


async def test_lines_come_chunk_by_chunk_and_the_last_says_where_to_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    for number in range(6):
        await member(shop, number)
    lines = await stream(shop, f"{PATH}&limit=5")
    assert [next(iter(one)) for one in lines] == [
        *("customer", "customer", "code") * 2,
        *("customer", "code", "next"),
    ]
    rest = await stream(shop, f"{PATH}&limit=5&cursor={lines[-1]['next']}")
    assert [next(iter(one)) for one in rest] == ["customer", "code", "next"]
    assert rest[-1] == {"next": None}
    whole = await listed(shop, limit=1000)
    assert Counter(one["customer"] for one in (*lines, *rest) if "customer" in one) == Counter(
        whole
    )


async def stream(shop: Shop, path: str) -> list[dict[str, object]]:
    answer = await shop.call("loyalty", "GET", path, accept="application/x-ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_two_apps_see_their_lists_in_orders_of_their_own(shop: Shop, limit: int) -> None:
    members = [await member(shop, number, consents=False) for number in range(12)]
    path = "/api/v1/profiles?purpose=support&fields=contact.email"
    other = {
        "approved": [{"purpose": "support", "actions": ["read"], "datatypes": ["contact.email"]}]
    }
    party = Party(shop.parties["loyalty"].clock, "delivery")
    await apps.add(shop.deps, party.metadata(scope=SCOPES, own=other), replace=True)
    shop.parties["loyalty"].clock.turn(seconds=1)
    shop.parties["delivery"] = party
    shop.tokens["delivery"] = await party.token(
        shop.client,
        scope="profile.list",
        authorization_details=json.dumps([{"type": "profile_access", **other["approved"][0]}]),
    )
    orders = []
    for app in ("loyalty", "delivery"):
        names = {await shop.id(app, one): number for number, one in enumerate(members)}
        orders.append([names[one] for one in await listed(shop, path, app, limit=limit)])
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(12))
    # Keys are new in each run; that two of 12! orders are the same by chance will not be seen.
    assert orders[0] != orders[1]
    assert list(range(12)) not in orders
