from dataclasses import replace

import pytest

from tests.store import rows
from vault.core.errors import ConflictError, StoreDefectError
from vault.store import sweeps, value


async def test_values_come_back_by_field(do, look, someone):
    written = [rows.value(someone, name) for name in ("contact.email", "contact.phone")]
    await do(lambda conn: value.save(conn, written[::-1], at=rows.NOW))
    assert await look(lambda conn: value.load(conn, someone)) == written
    assert (
        await look(lambda conn: value.load(conn, someone, fields={"contact.phone"})) == written[1:]
    )
    assert await look(lambda conn: value.load(conn, someone, fields=())) == []


async def test_a_newer_value_replaces_the_older(do, look, someone):
    old = rows.value(someone)
    new = rows.value(someone, row_version=2, source="observed", told_at=rows.LATER)
    await do(lambda conn: value.save(conn, [old], at=rows.NOW))
    await do(lambda conn: value.save(conn, [new], at=rows.NOW))
    assert await look(lambda conn: value.load(conn, someone)) == [new]


@pytest.mark.parametrize("version", [1, 2])
async def test_a_value_that_is_no_newer_is_refused_with_all_beside_it(do, look, someone, version):
    kept = rows.value(someone, row_version=2)
    await do(lambda conn: value.save(conn, [kept], at=rows.NOW))
    given = [rows.value(someone, "contact.phone"), rows.value(someone, row_version=version)]
    with pytest.raises(ConflictError):
        await do(lambda conn: value.save(conn, given, at=rows.NOW))
    assert await look(lambda conn: value.load(conn, someone)) == [kept]


async def test_no_values_are_no_statement(do, look, someone):
    await do(lambda conn: value.save(conn, [], at=rows.NOW))
    assert await look(lambda conn: value.load(conn, someone)) == []


async def test_a_value_without_its_customer_is_refused(do):
    with pytest.raises(StoreDefectError):
        await do(lambda conn: value.save(conn, [rows.value(rows.customer_id())], at=rows.NOW))


async def test_more_values_than_fit_one_statement_are_saved(do, look, someone):
    many = [rows.value(someone, f"group.field_{n:04}") for n in range(3_500)]
    await do(lambda conn: value.save(conn, many, at=rows.NOW))
    assert await look(lambda conn: value.load(conn, someone)) == many


async def test_a_removed_value_is_gone(do, look, someone):
    both = [rows.value(someone, name) for name in ("contact.email", "contact.phone")]
    await do(lambda conn: value.save(conn, both, at=rows.NOW))
    gone = {"contact.email", "contact.fax"}
    assert await do(lambda conn: value.remove(conn, someone, fields=gone)) == 1
    assert await look(lambda conn: value.load(conn, someone)) == both[1:]


async def test_a_mark_is_written_with_its_mac_and_changes_nothing_else(do, look, someone):
    row = rows.value(someone, source="third-party")
    await do(
        lambda conn: value.save(conn, [row, rows.value(someone, "contact.phone")], at=rows.NOW)
    )
    marked = replace(row, told_at=rows.NOW, disputed_at=rows.NOW, verified_at=rows.LATER, mac=b"m")
    assert await do(lambda conn: value.mark(conn, [replace(marked, source="told")])) == 1
    found = await look(lambda conn: value.load(conn, someone, fields={"contact.email"}))
    assert found == [marked]


async def test_a_mark_of_a_value_that_was_replaced_is_none(do, look, someone):
    row = rows.value(someone, row_version=2)
    await do(lambda conn: value.save(conn, [row], at=rows.NOW))
    old = replace(row, row_version=1, told_at=rows.NOW)
    assert await do(lambda conn: value.mark(conn, [old])) == 0
    assert await look(lambda conn: value.load(conn, someone)) == [row]


async def test_untold_values_that_are_late_are_counted(do, look, someone):
    late = rows.value(someone, source="third-party")
    told = rows.value(someone, "contact.phone", source="third-party", told_at=rows.NOW)
    await do(lambda conn: value.save(conn, [late, told, rows.value(someone, "a.b")], at=rows.NOW))
    for before, expected in ((rows.LATER, 1), (rows.NOW, 0)):
        found = await look(
            lambda conn, at=before: sweeps.count_untold(conn, source="third-party", before=at)
        )
        assert found == expected


async def test_one_customers_values_are_not_anothers(do, look, someone):
    await do(lambda conn: value.save(conn, [rows.value(someone)], at=rows.NOW))
    assert await look(lambda conn: value.load(conn, rows.customer_id())) == []


async def test_every_stored_name_is_known(do, look, someone):
    from vault.store import interaction

    await do(lambda conn: value.save(conn, [rows.value(someone, "contact.email")], at=rows.NOW))
    await do(lambda conn: interaction.append(conn, [rows.interaction(someone)]))
    assert await look(sweeps.stored_names) == {"contact.email", "interaction.call"}


async def test_a_value_keeps_every_byte(do, look, someone):
    odd = replace(rows.value(someone), sealed=bytes(range(256)) * 200)
    await do(lambda conn: value.save(conn, [odd], at=rows.NOW))
    assert (await look(lambda conn: value.load(conn, someone)))[0].sealed == odd.sealed
