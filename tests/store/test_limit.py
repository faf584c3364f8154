import asyncio

from hypothesis import given
from hypothesis import strategies as st

from vault.store import commit, limit

MINUTE = 60_000
NOW = 1_795_426_200_000


async def test_five_at_once_then_one_a_minute(do):
    async def hits(times):
        return [
            await do(lambda conn, at=at: limit.hit(conn, b"k", now_ms=at, step=MINUTE, burst=5))
            for at in times
        ]

    assert await hits([NOW] * 7) == [None] * 5 + [MINUTE] * 2
    assert await hits([NOW + MINUTE - 1, NOW + MINUTE, NOW + MINUTE]) == [MINUTE, None, MINUTE]
    assert await hits([NOW + 10 * MINUTE] * 6) == [None] * 5 + [MINUTE]


async def test_subjects_are_counted_apart(do):
    for key in (b"a", b"b"):
        assert await do(lambda conn, key=key: _hit(conn, key)) is None
    assert await do(lambda conn: _hit(conn, b"a")) == MINUTE


async def _hit(conn, key):
    return await limit.hit(conn, key, now_ms=NOW, step=MINUTE, burst=1)


async def test_a_day_begins_with_what_the_day_before_has_left(do):
    async def hit(key, at, before=b""):
        return await do(
            lambda conn: limit.hit(conn, key, before=before, now_ms=at, step=MINUTE, burst=3)
        )

    assert [await hit(b"old", NOW) for _ in range(3)] == [None] * 3
    assert await hit(b"new", NOW + MINUTE - 1, b"old") == MINUTE
    assert [await hit(b"new", NOW + MINUTE, b"old") for _ in range(2)] == [None, MINUTE]
    assert [await hit(b"new", NOW + 2 * MINUTE, b"old") for _ in range(2)] == [None, MINUTE]


async def test_many_at_once_get_the_burst_and_no_more(database):
    async def hit(conn):
        return await limit.hit(conn, b"k", now_ms=NOW, step=MINUTE, burst=5)

    answers = await asyncio.gather(*(commit.claim(database, hit) for _ in range(20)))
    assert answers.count(None) == 5


async def test_a_clock_that_jumps_back_lets_nobody_through_early(do):
    assert await do(lambda conn: _hit(conn, b"k")) is None
    back = NOW - 3_600_000
    assert await do(lambda conn: limit.hit(conn, b"k", now_ms=back, step=MINUTE, burst=1)) == MINUTE


async def test_rows_that_limit_nothing_are_forgotten(do):
    await do(lambda conn: _hit(conn, b"k"))
    assert await do(lambda conn: limit.prune(conn, now_ms=NOW)) == 0
    assert await do(lambda conn: limit.prune(conn, now_ms=NOW + MINUTE)) == 1


@given(
    gaps=st.lists(st.integers(0, 3_000), min_size=1, max_size=60),
    step=st.integers(1, 1_000),
    burst=st.integers(1, 8),
)
def test_the_statement_counts_as_a_bucket_that_leaks(gaps, step, burst):
    """The same as a bucket of `burst` drops that loses one each `step`."""
    import sqlite3

    from sqlalchemy import create_engine

    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(":memory:"))
    with engine.connect() as conn:
        limit.limit_at.create(conn)
        at, full_until = NOW, 0
        for gap in gaps:
            at += gap
            waiting = max(full_until - at, 0)
            fits = waiting <= (burst - 1) * step
            if fits:
                full_until = max(full_until, at) + step
            most = at + (burst - 1) * step
            counted = limit._counted(conn, b"k", at, step, most=most)
            assert (conn.execute(counted).first() is None) != fits
    engine.dispose()
