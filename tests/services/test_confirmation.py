"""What waits for a mailed code: once, five tries, ten minutes, and nobody's row but one's own."""

import asyncio

import pytest
from sqlalchemy import select, update

from tests.vaults import FakeClock, vault
from vault.core.errors import SignInRefusedError
from vault.crypto.tokens import token_hash
from vault.services import confirmation, jobs, tries, unit
from vault.store import commit
from vault.store.confirmation import confirmation as table

KIND = "address"
OWN, OTHER = b"\1" * 17, b"\2" * 17


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


async def put(deps, secret="s", *, address=OWN, to="ana@example.org", code="012345", kind=KIND):
    async def work(it):
        await confirmation.put(
            it, kind, secret=secret, address=address, content={"to": to}, code=code
        )

    await unit.run(deps, work)


async def guess(deps, code="012345", secret="s", kind=KIND):
    return await confirmation.guess(deps, kind, code, secret=secret)


async def take(deps, waiting):
    await unit.run(deps, lambda it: confirmation.take(it, waiting))


async def edit(deps, secret, **values):
    async def work(conn):
        mine = table.c.hash == token_hash(secret)
        await conn.execute(update(table).where(mine).values(values))

    await commit.request(deps.database, work)


async def row(deps, secret):
    async with deps.database.connect() as conn:
        mine = select(table).where(table.c.hash == token_hash(secret))
        return (await conn.execute(mine)).one()._asdict()


async def test_the_code_leads_to_what_waits_and_once(deps):
    await put(deps)
    waiting = await guess(deps, " 012 345 ")
    assert waiting.content == {"to": "ana@example.org"}
    await take(deps, waiting)
    with pytest.raises(SignInRefusedError):
        await take(deps, waiting)
    with pytest.raises(SignInRefusedError):
        await guess(deps)


async def test_of_two_at_once_one_takes_it(deps):
    await put(deps)
    waiting = await guess(deps)
    results = await asyncio.gather(*(take(deps, waiting) for _ in range(3)), return_exceptions=True)
    assert [one for one in results if one is None] == [None]


@pytest.mark.parametrize(
    "change", [{"code": "012346"}, {"secret": "t"}, {"kind": "join"}, {"code": ""}], ids=repr
)
async def test_nothing_else_leads_there(deps, change):
    await put(deps)
    with pytest.raises(SignInRefusedError):
        await guess(deps, **change)


async def test_the_sixth_try_fails_whatever_the_row_says(deps):
    await put(deps)
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            await guess(deps, "999999")
        await edit(deps, "s", tries=0)
    with pytest.raises(SignInRefusedError):
        await guess(deps)


async def test_the_store_counts_for_other_processes_too(deps, monkeypatch):
    monkeypatch.setattr(tries, "may_try", lambda _: True)
    await put(deps)
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            await guess(deps, "999999")
    with pytest.raises(SignInRefusedError):
        await guess(deps)


async def test_it_is_over_after_ten_minutes_whatever_the_row_says(deps, clock):
    await put(deps)
    clock.turn(minutes=10)
    await edit(deps, "s", expires_at=clock.now() + confirmation.LIFE)
    with pytest.raises(SignInRefusedError):
        await guess(deps)
    assert await confirmation.look(deps, KIND, secret="s") is None


async def test_only_the_newest_waits(deps):
    await put(deps)
    await put(deps, to="new@example.org", code="555555")
    with pytest.raises(SignInRefusedError):
        await guess(deps)
    assert (await guess(deps, "555555")).content["to"] == "new@example.org"


async def test_what_waits_for_another_is_confirmed_by_no_code_of_ones_own(deps):
    """An intruder who writes rows knows the code of theirs alone."""
    await put(deps, "victim", to="ana@example.org", code="111111")
    await put(deps, "intruder", address=OTHER, to="eve@example.org", code="222222")
    theirs = await row(deps, "victim")
    await edit(deps, "intruder", confirmation_id=theirs["confirmation_id"], sealed=theirs["sealed"])
    for code in ("111111", "222222"):
        with pytest.raises(SignInRefusedError):
            await guess(deps, code, secret="intruder")


async def test_a_row_of_another_kind_or_id_does_not_open(deps):
    await put(deps)
    await edit(deps, "s", kind="join")
    with pytest.raises(SignInRefusedError):
        await guess(deps, kind="join")
    assert await confirmation.look(deps, "join", secret="s") is None


async def test_the_store_keeps_neither_address_nor_code(deps):
    await put(deps)
    kept = repr(await row(deps, "s"))
    assert "ana" not in kept
    assert "012345" not in kept


async def test_what_is_over_is_swept(deps, clock):
    await put(deps)
    clock.turn(minutes=11)
    assert await jobs.sweep(deps)
    async with deps.database.connect() as conn:
        assert (await conn.execute(select(table))).all() == []
