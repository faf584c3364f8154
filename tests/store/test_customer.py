import asyncio
import uuid
from dataclasses import replace

import pytest

from tests.store import rows
from vault.core.errors import ConflictError, StoreDefectError
from vault.store import commit, customer, kek, sweeps


async def test_a_customer_comes_back_as_written(do, look):
    whose = rows.customer_id()
    standing = rows.standing(whose, epoch=3, flags=1, objections='["x"]', terms='{"a":1}')
    keys = [rows.key(whose, kind=1), rows.key(whose, kind=2)]
    await do(lambda conn: kek.add(conn, rows.KEK))
    await do(lambda conn: customer.create(conn, [standing], keys=keys, at=rows.NOW))
    assert await look(lambda conn: customer.load_standing(conn, whose)) == standing
    assert await look(lambda conn: customer.load_keys(conn, whose)) == keys


async def test_an_unknown_customer_has_no_rows(look, do):
    whose = rows.customer_id()
    assert await look(lambda conn: customer.load_standing(conn, whose)) is None
    assert await do(lambda conn: customer.lock_standing(conn, whose)) is None
    assert await look(lambda conn: customer.load_keys(conn, whose)) == []


async def test_many_customers_are_created_at_once(do, look):
    everyone = [rows.customer_id() for _ in range(1_000)]
    await do(lambda conn: kek.add(conn, rows.KEK))
    await do(
        lambda conn: customer.create(
            conn,
            [rows.standing(one) for one in everyone],
            keys=[rows.key(one, kind=kind) for one in everyone for kind in (1, 2)],
            at=rows.NOW,
        )
    )
    assert await look(sweeps.count_customers) == 1_000
    found = await look(lambda conn: sweeps.customers_after(conn, limit=600))
    found += await look(lambda conn: sweeps.customers_after(conn, found[-1], limit=600))
    assert found == sorted(everyone)
    assert await look(lambda conn: sweeps.rows_behind(conn, rows.KEK.kek_id)) == 2_000


async def test_a_customer_cannot_be_created_twice(do, someone):
    with pytest.raises(ConflictError):
        await do(lambda conn: customer.create(conn, [rows.standing(someone)], keys=[], at=rows.NOW))


async def test_a_key_without_its_customer_is_refused(do, someone):
    stray = rows.key(rows.customer_id())
    with pytest.raises(StoreDefectError):
        await do(lambda conn: customer.save_keys(conn, [stray], at=rows.NOW))


async def test_a_standing_row_is_saved_one_epoch_on(do, look, someone):
    async def restrict(conn):
        row = await customer.lock_standing(conn, someone)
        assert row is not None
        changed = replace(row, epoch=row.epoch + 1, flags=1, mac=b"new")
        await customer.save_standing(conn, changed)
        return changed

    changed = await do(restrict)
    assert await look(lambda conn: customer.load_standing(conn, someone)) == changed


@pytest.mark.parametrize("epoch", [0, 2, 3])
async def test_a_standing_row_of_any_other_epoch_is_refused(do, look, someone, epoch):
    with pytest.raises(ConflictError):
        await do(
            lambda conn: customer.save_standing(conn, rows.standing(someone, epoch=epoch, flags=1))
        )
    assert (await look(lambda conn: customer.load_standing(conn, someone))).flags == 0


async def test_changes_of_one_customer_stand_in_one_order(database, look, someone):
    async def raise_epoch(conn):
        row = await customer.lock_standing(conn, someone)
        assert row is not None
        await asyncio.sleep(0)
        await customer.save_standing(conn, replace(row, epoch=row.epoch + 1))
        return row.epoch + 1

    epochs = await asyncio.gather(*(commit.request(database, raise_epoch) for _ in range(20)))
    assert sorted(epochs) == list(range(1, 21))
    assert (await look(lambda conn: customer.load_standing(conn, someone))).epoch == 20


async def test_a_key_moves_to_another_kek_once(do, look, someone):
    new = replace(rows.KEK, kek_id=uuid.UUID(int=2), epoch=2)
    await do(lambda conn: kek.add(conn, new))
    key = (await look(lambda conn: customer.load_keys(conn, someone)))[0]
    moved = replace(key, kek_id=new.kek_id, wrapped=b"again")

    def move(conn):
        return customer.replace_key(conn, moved, old_kek=rows.KEK.kek_id)

    assert await do(move)
    assert not await do(move)
    assert (await look(lambda conn: customer.load_keys(conn, someone)))[0] == moved
    assert await look(lambda conn: sweeps.rows_behind(conn, rows.KEK.kek_id)) == 1


async def test_deleted_keys_are_gone(do, look, someone):
    assert await do(lambda conn: customer.delete_keys(conn, someone)) == 2
    assert await look(lambda conn: customer.load_keys(conn, someone)) == []
