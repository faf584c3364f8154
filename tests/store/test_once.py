import asyncio
import secrets

import pytest

from vault.store import commit, once
from vault.store.once import Claim


def proof(slot=1):
    return Claim("dpop", slot, secrets.token_bytes(32))


async def test_something_happens_once(do):
    one = proof()
    assert await do(lambda conn: once.claim(conn, one))
    assert not await do(lambda conn: once.claim(conn, one))


async def test_kind_slot_and_key_together_are_the_thing(do):
    key = secrets.token_bytes(32)
    things = [Claim("dpop", 1, key), Claim("assertion", 1, key), Claim("dpop", 2, key)]
    assert await do(lambda conn: once.claim_many(conn, things)) == [True, True, True]
    assert await do(lambda conn: once.claim_many(conn, things)) == [False, False, False]


async def test_of_two_equal_claims_in_one_batch_the_first_wins(do):
    old, new, other = proof(), proof(), proof()
    await do(lambda conn: once.claim(conn, old))
    asked = [new, old, new, other, new]
    assert await do(lambda conn: once.claim_many(conn, asked)) == [True, False, False, True, False]
    assert await do(lambda conn: once.claim_many(conn, [])) == []


@pytest.mark.parametrize("count", [1, 2, 256, 1_500])
async def test_a_batch_of_any_size_is_claimed(do, count):
    asked = [proof() for _ in range(count)]
    assert await do(lambda conn: once.claim_many(conn, asked)) == [True] * count


async def test_of_many_who_claim_one_thing_one_gets_it(database):
    asked = [proof() for _ in range(20)]

    def ask(order):
        return lambda conn: once.claim_many(conn, asked[::order])

    won = await asyncio.gather(*(commit.claim(database, ask(order)) for order in (1, -1, 1, -1)))
    in_order = [answers[::order] for answers, order in zip(won, (1, -1, 1, -1), strict=True)]
    assert [sum(answers) for answers in zip(*in_order, strict=True)] == [1] * 20


async def test_old_claims_are_forgotten_new_ones_not(do):
    old, new = proof(slot=10), proof(slot=20)
    await do(lambda conn: once.claim_many(conn, [old, new]))
    assert await do(lambda conn: once.prune(conn, "assertion", before=99)) == 0
    assert await do(lambda conn: once.prune(conn, "dpop", before=20)) == 1
    assert await do(lambda conn: once.claim_many(conn, [old, new])) == [True, False]


async def test_a_sweep_takes_a_thousand_at_a_time(do):
    await do(lambda conn: once.claim_many(conn, [proof() for _ in range(1_001)]))
    assert await do(lambda conn: once.prune(conn, "dpop", before=9)) == 1_000
    assert await do(lambda conn: once.prune(conn, "dpop", before=9)) == 1
