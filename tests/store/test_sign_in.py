import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store import rows
from vault.store import commit, sign_in
from vault.store.sign_in import SignInRow

END = rows.NOW + timedelta(minutes=10)


def new(name=b"a", **changes):
    row = SignInRow(
        name * 32, b"idx", b"code", b"link", 0, rows.NOW, END, None, False, rows.customer_id()
    )
    return replace(row, **changes)


def use(row, at=rows.LATER):
    return lambda conn: sign_in.use(conn, row.hash, now=at)


def guess(row, at=rows.LATER):
    return lambda conn: sign_in.guess(conn, row.hash, now=at)


async def test_a_sign_in_is_found_until_it_ends(do, look):
    row = new()
    await do(lambda conn: sign_in.start(conn, row))
    assert await look(lambda conn: sign_in.load(conn, row.hash, now=rows.NOW)) == row
    assert await look(lambda conn: sign_in.load(conn, row.hash, now=END)) is None
    assert await look(lambda conn: sign_in.load(conn, b"other", now=rows.NOW)) is None
    assert await do(use(row, at=END)) is None
    assert await do(guess(row, at=END)) is None


async def test_a_sign_in_is_used_once(do, look):
    row = new()
    await do(lambda conn: sign_in.start(conn, row))
    assert await do(use(row)) == replace(row, used_at=rows.LATER)
    assert await do(use(row)) is None
    assert await do(guess(row)) is None
    assert await look(lambda conn: sign_in.load(conn, row.hash, now=rows.NOW)) is None


async def test_of_many_who_use_a_sign_in_one_gets_it(database, do):
    row = new()
    await do(lambda conn: sign_in.start(conn, row))
    won = await asyncio.gather(*(commit.claim(database, use(row)) for _ in range(10)))
    assert sum(one is not None for one in won) == 1


async def test_five_guesses_are_all(do):
    row = new()
    await do(lambda conn: sign_in.start(conn, row))
    tries = [await do(guess(row)) for _ in range(7)]
    assert [one and one.tries for one in tries] == [1, 2, 3, 4, 5, None, None]


async def test_five_guesses_are_all_however_fast_they_come(database, do):
    row = new()
    await do(lambda conn: sign_in.start(conn, row))
    tries = await asyncio.gather(*(commit.claim(database, guess(row)) for _ in range(20)))
    assert sum(one is not None for one in tries) == 5


async def test_the_right_code_at_the_fifth_guess_still_counts(do):
    row = new(tries=4)
    await do(lambda conn: sign_in.start(conn, row))
    assert await do(guess(row)) is not None
    assert await do(use(row)) is not None


@pytest.mark.parametrize("address", [b"idx", b"other"])
async def test_only_the_newest_for_an_address_counts(do, look, address):
    old, newer = new(), new(b"b", address_idx=address)
    for row in (old, newer):
        await do(lambda conn, row=row: sign_in.start(conn, row))
    found = await look(lambda conn: sign_in.load(conn, old.hash, now=rows.NOW))
    assert found == (None if address == b"idx" else old)
    assert await look(lambda conn: sign_in.load(conn, newer.hash, now=rows.NOW)) == newer


async def test_an_unknown_address_leaves_the_same_row(do, look):
    row = new(customer=None, unbound=True)
    await do(lambda conn: sign_in.start(conn, row))
    assert await look(lambda conn: sign_in.load(conn, row.hash, now=rows.NOW)) == row


async def test_wrong_codes_in_a_row_are_counted_until_a_right_one(do, look):
    counts = [await do(lambda conn: sign_in.count_wrong(conn, b"idx")) for _ in range(3)]
    assert counts == [1, 2, 3]
    assert await look(lambda conn: sign_in.wrong_in_a_row(conn, b"idx")) == 3
    assert await look(lambda conn: sign_in.wrong_in_a_row(conn, b"other")) == 0
    await do(lambda conn: sign_in.clear_wrong(conn, b"idx"))
    assert await look(lambda conn: sign_in.wrong_in_a_row(conn, b"idx")) == 0


async def test_ended_sign_ins_are_forgotten(do):
    await do(lambda conn: sign_in.start(conn, new()))
    assert await do(lambda conn: sign_in.prune(conn, before=END)) == 0
    assert await do(lambda conn: sign_in.prune(conn, before=END + timedelta(seconds=1))) == 1
