import uuid
from dataclasses import replace
from datetime import timedelta

from tests.store import rows
from vault.store import session
from vault.store.session import SessionRow

PERSON = uuid.UUID(int=7)


def new(name=b"a", person=PERSON, **changes):
    row = SessionRow(
        name * 32, person, "customer", rows.NOW, rows.NOW, rows.NOW, "code", "Firefox on Linux"
    )
    return replace(row, **changes)


async def test_a_session_is_found_by_its_hash(do, look):
    row = new()
    await do(lambda conn: session.start(conn, row))
    assert await look(lambda conn: session.load(conn, row.hash)) == row
    assert await look(lambda conn: session.load(conn, b"other")) is None


async def test_an_ended_session_stays_ended(do, look):
    row = new()
    await do(lambda conn: session.start(conn, row))
    assert await do(lambda conn: session.end(conn, row.hash))
    assert not await do(lambda conn: session.end(conn, row.hash))
    await do(lambda conn: session.seen(conn, row.hash, at=rows.LATER))
    assert await look(lambda conn: session.load(conn, row.hash)) is None


async def test_a_live_session_was_seen(do, look):
    row = new()
    await do(lambda conn: session.start(conn, row))
    await do(lambda conn: session.seen(conn, row.hash, at=rows.LATER))
    assert (await look(lambda conn: session.load(conn, row.hash))).seen_at == rows.LATER


async def test_all_sessions_of_a_person_end_but_one(do, look):
    mine = [
        new(name, started_at=rows.NOW + timedelta(seconds=n))
        for n, name in enumerate((b"a", b"b", b"c"))
    ]
    theirs = new(b"d", uuid.UUID(int=8))
    for row in (*mine, theirs):
        await do(lambda conn, row=row: session.start(conn, row))
    assert await look(lambda conn: session.load_live(conn, PERSON)) == mine[::-1]
    ended = await do(lambda conn: session.end_all(conn, PERSON, but=mine[0].hash))
    assert ended == 2
    assert await look(lambda conn: session.load_live(conn, PERSON)) == mine[:1]
    assert await do(lambda conn: session.end_all(conn, PERSON)) == 1
    assert await look(lambda conn: session.load_live(conn, theirs.person)) == [theirs]


async def test_sessions_that_no_rule_lets_live_are_forgotten(do, look):
    row = new()
    await do(lambda conn: session.start(conn, row))
    assert await do(lambda conn: session.prune(conn, before=rows.NOW)) == 0
    assert await do(lambda conn: session.prune(conn, before=rows.LATER)) == 1
