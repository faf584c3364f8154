import asyncio
import secrets

from tests.store import rows
from vault.store import commit, lookup
from vault.store.lookup import LookupRow


def row(customer=None, idx=None, kind=1):
    return LookupRow(
        idx or secrets.token_bytes(17),
        kind,
        customer or rows.customer_id(),
        secrets.token_bytes(17),
    )


async def test_an_identifier_leads_to_its_customer(do, look):
    mail = row()
    assert await do(lambda conn: lookup.put(conn, mail))
    assert await look(lambda conn: lookup.find(conn, mail.idx, kind=1)) == mail
    assert await look(lambda conn: lookup.find(conn, mail.idx, kind=2)) is None
    assert await look(lambda conn: lookup.find(conn, b"nobody", kind=1)) is None


async def test_an_identifier_that_is_taken_stays_where_it_is(do, look):
    first = row()
    assert await do(lambda conn: lookup.put(conn, first))
    assert not await do(lambda conn: lookup.put(conn, row(idx=first.idx)))
    assert not await do(lambda conn: lookup.put(conn, first))
    assert await look(lambda conn: lookup.find(conn, first.idx, kind=1)) == first


async def test_the_same_index_of_another_kind_is_another_identifier(do):
    first = row()
    assert await do(lambda conn: lookup.put(conn, first))
    assert await do(lambda conn: lookup.put(conn, row(idx=first.idx, kind=2)))


async def test_those_that_were_taken_are_named(do, look):
    old = row()
    await do(lambda conn: lookup.put(conn, old))
    new, twice = row(), row()
    again = row(idx=twice.idx)
    given = [row(idx=old.idx), new, twice, again]
    assert await do(lambda conn: lookup.put_many(conn, given)) == [given[0], again]
    assert await do(lambda conn: lookup.put_many(conn, [])) == []
    found = await look(
        lambda conn: lookup.find_many(conn, [(one.idx, 1) for one in (old, new, twice)])
    )
    assert found == {(one.idx, 1): one for one in (old, new, twice)}


async def test_many_are_found_by_index_and_kind(do, look):
    many = [row(kind=kind) for kind in (1, 2) for _ in range(700)]
    await do(lambda conn: lookup.put_many(conn, many))
    keys = [(one.idx, one.kind) for one in many]
    wrong = [(one.idx, 3 - one.kind) for one in many]
    found = await look(lambda conn: lookup.find_many(conn, keys + wrong))
    assert found == {(one.idx, one.kind): one for one in many}
    assert await look(lambda conn: lookup.find_many(conn, [])) == {}


async def test_of_many_who_want_one_identifier_one_gets_it(database, look):
    idx = secrets.token_bytes(17)
    rivals = [row(idx=idx) for _ in range(8)]

    def put(rival):
        return lambda conn: lookup.put(conn, rival)

    won = await asyncio.gather(*(commit.request(database, put(rival)) for rival in rivals))
    assert won.count(True) == 1
    found = await look(lambda conn: lookup.find(conn, idx, kind=1))
    assert found == rivals[won.index(True)]


async def test_two_that_want_the_same_identifiers_do_not_lock_each_other_out(database):
    keys = [secrets.token_bytes(17) for _ in range(50)]

    def put(order):
        return lambda conn: lookup.put_many(conn, [row(idx=idx) for idx in order])

    taken = await asyncio.gather(
        commit.records(database, put(keys)), commit.records(database, put(keys[::-1]))
    )
    assert sorted(map(len, taken)) == [0, 50]


async def test_only_the_owner_lets_an_identifier_go(do, look):
    mine, theirs = row(), row()
    await do(lambda conn: lookup.put_many(conn, [mine, theirs]))
    keys = [(mine.idx, 1), (theirs.idx, 1)]
    assert await do(lambda conn: lookup.remove(conn, mine.customer, keys=keys)) == 1
    assert await do(lambda conn: lookup.remove(conn, mine.customer, keys=[])) == 0
    assert await look(lambda conn: lookup.find(conn, mine.idx, kind=1)) is None
    assert await look(lambda conn: lookup.find(conn, theirs.idx, kind=1)) == theirs
