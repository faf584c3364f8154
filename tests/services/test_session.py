from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from policies.model import Source
from tests.vaults import FakeClock, vault
from vault.core.errors import NotSignedInError
from vault.crypto.random import token, uuid7
from vault.crypto.tokens import token_hash
from vault.services import customer, session, sessions, unit
from vault.store import commit, session_choice
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
    forged = proof[:-1] + ("E" if proof.endswith("A") else "A")
    for other in ("", secret, f"{secret}.", f"{token()}.{proof}", f"{secret}.{forged}", "x.y"):
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


async def test_a_copied_row_that_is_put_back_signs_nobody_in(deps, ana):
    cookie = await begin(deps, ana)
    async with deps.database.connect() as conn:
        copy = (await conn.execute(select(store.session))).one()._asdict()
    found = await session.check(deps, cookie)
    assert found is not None
    await session.end(deps, found)

    async def put_back(conn):
        await conn.execute(insert(store.session).values(copy))

    await commit.request(deps.database, put_back)
    assert await session.check(deps, cookie) is None


BEFORE_TIME = datetime(1969, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"idle_seconds": 43_200},
        {"idle_seconds": -1},
        {"previous_at": None},
        {"previous_at": BEFORE_TIME},
        {"started_at": BEFORE_TIME},
    ],
    ids=repr,
)
async def test_what_a_session_says_of_itself_cannot_be_edited(deps, ana, clock, change):
    await begin(deps, ana)
    clock.turn(minutes=1)
    cookie = await begin(deps, ana)

    async def edit(conn):
        await conn.execute(update(store.session).values(change))

    await commit.request(deps.database, edit)
    assert await session.check(deps, cookie) is None


async def test_a_chosen_idle_time_that_was_edited_counts_for_nothing(deps, ana):
    first = await session.check(deps, await begin(deps, ana))
    assert first is not None
    await sessions.set_idle(deps, first, 60)
    chosen = await session.check(deps, await begin(deps, ana))
    assert chosen is not None
    assert chosen.idle == timedelta(hours=1)

    async def edit(conn):
        await conn.execute(update(session_choice.session_choice).values(idle_minutes=720))

    await commit.request(deps.database, edit)
    later = await session.check(deps, await begin(deps, ana))
    assert later is not None
    assert later.idle == timedelta(minutes=30)


async def test_a_session_that_was_ended_elsewhere_gets_no_new_token(deps, ana):
    current = await session.check(deps, await begin(deps, ana))
    assert current is not None
    other = await session.check(deps, await begin(deps, ana))
    assert other is not None
    await sessions.end_others(deps, other)
    with pytest.raises(NotSignedInError):
        await sessions.set_idle(deps, current, 60)


async def test_only_a_session_that_ended_by_itself_is_known_as_over(deps, ana, clock):
    cookie = await begin(deps, ana)
    assert await session.check_over(deps, cookie) is None
    clock.turn(minutes=31)
    over = await session.check_over(deps, cookie)
    assert over is not None
    assert over.customer == ana
    secret = cookie.partition(".")[0]
    assert await session.check_over(deps, f"{secret}.x") is None
    await session.end(deps, over)
    assert await session.check_over(deps, cookie) is None
