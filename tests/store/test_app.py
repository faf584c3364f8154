from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete

from tests.store import rows
from vault.store import app
from vault.store.app import TokenState


async def test_a_registration_comes_back_as_written(do, look):
    row, state = rows.app(document='{"client_id":"crm"}'), rows.app_state()
    assert await do(lambda conn: app.add(conn, row, state=state))
    assert await look(lambda conn: app.load(conn, "crm")) == row
    assert await look(app.load_all) == [row]
    assert await look(lambda conn: app.load_states(conn, ["crm", "nobody"])) == {"crm": state}
    assert await look(lambda conn: app.load(conn, "nobody")) is None


async def test_an_id_that_is_taken_changes_nothing(do, look):
    first = rows.app()
    await do(lambda conn: app.add(conn, first, state=rows.app_state()))
    second = rows.app(document='{"x":1}')
    assert not await do(lambda conn: app.add(conn, second, state=rows.app_state(version=9)))
    assert await look(lambda conn: app.load(conn, "crm")) == first
    assert (await look(lambda conn: app.load_states(conn, ["crm"])))["crm"].version == 1


async def test_a_new_registration_voids_the_tokens_before(do, look):
    first = rows.app()
    await do(lambda conn: app.add(conn, first, state=rows.app_state()))
    second = rows.app(document='{"x":1}', digest="d" * 64, added_at=rows.LATER)
    state = rows.app_state(valid_from=rows.LATER, version=2, mac=b"\2" * 17)
    assert await do(lambda conn: app.replace(conn, second, state=state))
    assert await look(lambda conn: app.load(conn, "crm")) == replace(second, added_at=rows.NOW)
    states = await look(lambda conn: app.load_states(conn, ["crm"]))
    assert states == {"crm": state}
    unknown = rows.app("nobody")
    assert not await do(lambda conn: app.replace(conn, unknown, state=rows.app_state("nobody")))


async def test_a_state_that_was_lost_comes_back_with_the_next_registration(do, look):
    await do(lambda conn: app.add(conn, rows.app(), state=rows.app_state()))
    await do(lambda conn: conn.execute(delete(app.app_state)))
    assert await do(lambda conn: app.replace(conn, rows.app(), state=rows.app_state(version=2)))
    states = await look(lambda conn: app.load_states(conn, ["crm"]))
    assert states == {"crm": rows.app_state(version=2)}


async def test_a_state_is_written_as_a_whole(do, look):
    await do(lambda conn: app.add(conn, rows.app(), state=rows.app_state()))
    state = rows.app_state(frozen=True, valid_from=rows.LATER, version=3, mac=b"\3" * 17)
    assert await do(lambda conn: app.save_state(conn, state))
    assert await look(lambda conn: app.load_states(conn, ["crm"])) == {"crm": state}
    assert not await do(lambda conn: app.save_state(conn, rows.app_state("nobody")))


async def test_the_state_of_many_tokens_is_asked_at_once(do, look):
    for name in ("crm", "delivery"):
        await do(lambda conn, name=name: app.add(conn, rows.app(name), state=rows.app_state(name)))
    await do(lambda conn: app.revoke(conn, "t1", until=rows.LATER))
    await do(lambda conn: app.revoke(conn, "t1", until=rows.LATER))
    state = await look(lambda conn: app.token_state(conn, {"crm", "nobody"}, tokens={"t1", "t2"}))
    assert state == TokenState({"crm": rows.app_state()}, frozenset({"t1"}))
    nothing = await look(lambda conn: app.token_state(conn, (), tokens=()))
    assert nothing == TokenState({}, frozenset())


async def test_hooks_that_cannot_wait_find_the_same(do, look):
    await do(lambda conn: app.add(conn, rows.app(), state=rows.app_state()))
    await do(lambda conn: app.revoke(conn, "t1", until=rows.LATER))
    found = await look(lambda conn: conn.run_sync(app.find, "crm"))
    assert found == await look(lambda conn: app.load(conn, "crm"))
    assert await look(lambda conn: conn.run_sync(app.find, "nobody")) is None
    assert await look(lambda conn: conn.run_sync(app.is_revoked, "t1"))
    assert not await look(lambda conn: conn.run_sync(app.is_revoked, "t2"))


async def test_revoked_tokens_are_forgotten_when_they_have_ended(do, look):
    await do(lambda conn: app.revoke(conn, "t1", until=rows.LATER))
    assert await do(lambda conn: app.prune_revoked(conn, before=rows.LATER)) == 0
    after = rows.LATER + timedelta(seconds=1)
    assert await do(lambda conn: app.prune_revoked(conn, before=after)) == 1
