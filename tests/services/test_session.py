import pytest
from sqlalchemy import insert, select, update

from policies.model import Source
from tests.vaults import FakeClock, vault
from vault.crypto.random import token, uuid7
from vault.crypto.tokens import token_hash
from vault.services import customer, session, unit
from vault.store import commit
from vault.store import session as store


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, {"contact.email": "ana@example.org"}, source=Source.TOLD)


async def begin(deps, who):
    async def work(now):
        return await session.start(now, who, strength="code", device="Firefox on Linux")

    return (await unit.run(deps, work))[0]


async def test_a_session_is_found_by_its_cookie_alone(deps, ana):
    cookie = await begin(deps, ana)
    found = await session.check(deps, cookie)
    assert found is not None
    assert found.customer == ana
    secret, _, proof = cookie.partition(".")
    for other in ("", secret, f"{secret}.", f"{token()}.{proof}", f"{secret}.{proof[:-1]}A", "x.y"):
        assert await session.check(deps, other) is None


async def test_a_session_ends_after_thirty_idle_minutes(deps, ana, clock):
    cookie = await begin(deps, ana)
    clock.turn(minutes=30)
    assert await session.check(deps, cookie)
    clock.turn(minutes=30, seconds=1)
    assert await session.check(deps, cookie) is None


async def test_a_session_ends_after_twelve_hours_of_use(deps, ana, clock):
    cookie = await begin(deps, ana)
    for _ in range(36):
        clock.turn(minutes=20)
        assert await session.check(deps, cookie)
    clock.turn(seconds=1)
    assert await session.check(deps, cookie) is None


async def test_a_signed_out_session_is_over_at_once(deps, ana):
    cookie = await begin(deps, ana)
    found = await session.check(deps, cookie)
    assert found is not None
    await session.end(deps, found)
    assert await session.check(deps, cookie) is None


async def test_of_an_ended_session_no_row_is_left_to_revive(deps, ana):
    cookie = await begin(deps, ana)
    found = await session.check(deps, cookie)
    assert found is not None
    await session.end(deps, found)
    async with deps.database.connect() as conn:
        kept = (await conn.execute(select(store.session))).all()
    assert kept == []


async def test_the_eleventh_session_ends_the_oldest(deps, ana, clock):
    cookies = []
    for _ in range(11):
        clock.turn(seconds=1)
        cookies.append(await begin(deps, ana))
    alive = [await session.check(deps, cookie) is not None for cookie in cookies]
    assert alive == [False] + [True] * 10


async def test_a_row_that_was_added_to_the_database_signs_nobody_in(deps, ana, clock):
    secret = token()
    row = {
        "hash": token_hash(secret),
        "person": ana,
        "kind": "customer",
        "started_at": clock.now(),
        "seen_at": clock.now(),
        "auth_time": clock.now(),
        "strength": "code",
        "device": "Firefox on Linux",
    }

    async def plant(conn):
        await conn.execute(insert(store.session).values(row))

    await commit.request(deps.database, plant)
    proof = (await begin(deps, ana)).partition(".")[2]
    for cookie in (secret, f"{secret}.", f"{secret}.{proof}"):
        assert await session.check(deps, cookie) is None


@pytest.mark.parametrize("column", ["person", "auth_time", "strength"])
async def test_an_edited_row_signs_nobody_in(deps, ana, clock, column):
    cookie = await begin(deps, ana)
    clock.turn(seconds=1)
    edited = {"person": uuid7(1), "auth_time": clock.now(), "strength": "passkey"}[column]

    async def edit(conn):
        await conn.execute(update(store.session).values({column: edited}))

    await commit.request(deps.database, edit)
    assert await session.check(deps, cookie) is None
