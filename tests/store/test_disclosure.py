import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.dialects import sqlite

from tests.store import rows
from vault.core.errors import BusyError
from vault.core.ids import CustomerId
from vault.store import consent, customer, disclosure, kek, value
from vault.store.loaded import ON_SQLITE, Loaded, parameters_on_sqlite


@pytest.fixture
def statements(database):
    """The SELECTs that were sent to read."""
    seen = []

    def sent(_conn, _cursor, statement, *_):
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(database.reader.sync_engine, "before_cursor_execute", sent)
    yield seen
    event.remove(database.reader.sync_engine, "before_cursor_execute", sent)


async def fill(do, count):
    """Store customers with two keys, a current and a past consent, and two values each."""
    everyone = [rows.customer_id() for _ in range(count)]
    stored: dict[CustomerId, Loaded] = {}
    for one in everyone:
        stored[one] = Loaded(
            rows.standing(one),
            (rows.key(one, kind=1), rows.key(one, kind=2)),
            (rows.consent(one),),
            (rows.value(one, "contact.email"), rows.value(one, "contact.phone")),
        )

    async def write(conn):
        await kek.add(conn, rows.KEK)
        await customer.create(
            conn,
            [one.standing for one in stored.values() if one.standing],
            keys=[key for one in stored.values() for key in one.keys],
            at=rows.NOW,
        )
        await consent.add(conn, [row for one in stored.values() for row in one.consents])
        await consent.add(conn, [rows.consent(one, current=False) for one in everyone])
        await value.save(conn, [row for one in stored.values() for row in one.values], at=rows.NOW)

    await do(write)
    return stored


def same(loaded, expected):
    if loaded is None or expected is None:
        return loaded is expected
    return (
        loaded.standing == expected.standing
        and set(loaded.keys) == set(expected.keys)
        and set(loaded.consents) == set(expected.consents)
        and set(loaded.values) == set(expected.values)
    )


@pytest.mark.parametrize("count", [1, 7, 1_000])
async def test_answers_stand_in_the_order_of_the_asks(do, look, statements, count):
    stored = await fill(do, count)
    asks = [*stored, *(rows.customer_id() for _ in range(count)), *list(stored)[:3]]
    random.Random(count).shuffle(asks)
    answers = await look(lambda conn: disclosure.load_many(conn, asks))
    assert len(answers) == len(asks)
    assert all(same(got, stored.get(ask)) for ask, got in zip(asks, answers, strict=True))
    assert len(statements) <= 1


async def test_only_the_fields_asked_for_are_loaded(do, look, statements):
    ((whose, everything),) = (await fill(do, 1)).items()
    fields = frozenset({"contact.phone", "contact.fax"})
    (loaded,) = await look(lambda conn: disclosure.load_many(conn, [whose], fields=fields))
    assert loaded.values == everything.values[1:]
    assert loaded.consents == everything.consents
    assert len(statements) <= 1
    (loaded,) = await look(lambda conn: disclosure.load_many(conn, [whose], fields=frozenset()))
    assert loaded.values == ()


async def test_no_asks_are_no_statement(look, statements):
    assert await look(lambda conn: disclosure.load_many(conn, [])) == []
    assert statements == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_looks_rows_up_by_key(do, look):
    """What PostgreSQL does is said in `test_line`."""
    whose = list(await fill(do, 3))
    dialect = sqlite.dialect(paramstyle="named")
    explained = f"EXPLAIN QUERY PLAN {ON_SQLITE.compile(dialect=dialect)}"
    given = parameters_on_sqlite(whose, None) | {"key_1": 1}
    plan = [row[3] for row in await look(lambda conn: conn.execute(text(explained), given))]
    assert len([step for step in plan if step.startswith("SEARCH")]) == 4
    assert all("asked" in step or "anon" in step for step in plan if step.startswith("SCAN"))


async def test_one_text_serves_every_size(do, look, statements):
    """So that a batch of any size finds its statement prepared."""
    stored = list(await fill(do, 5))
    await look(lambda conn: disclosure.load_many(conn, stored[:1]))
    await look(lambda conn: disclosure.load_many(conn, stored))
    assert len(set(statements)) <= 1


async def test_a_customer_without_values_and_consents_is_known(do, look):
    ((whose, everything),) = (await fill(do, 1)).items()
    for table in ("value", "consent"):
        await do(lambda conn, table=table: conn.execute(text(f"DELETE FROM {table}")))
    (loaded,) = await look(lambda conn: disclosure.load_many(conn, [whose]))
    assert same(loaded, Loaded(everything.standing, everything.keys, (), ()))


def odd_one():
    """A customer whose rows have another content in each column."""
    whose, times = rows.customer_id(), [rows.NOW + timedelta(days=n) for n in range(4)]
    standing = rows.standing(whose, epoch=21, flags=2, objections='["o"]', terms='{"t":1}')
    key = rows.key(whose, kind=3, generation=22, wrapped=b"wrapped")
    agreed = rows.consent(
        whose, "courses", app="crm", state="renewed", epoch=23, from_ms=24, until_ms=25
    )
    kept = rows.value(
        whose,
        schema=26,
        row_version=27,
        generation=28,
        source="third-party",
        gathered_at=times[0],
        told_at=times[1],
        disputed_at=times[2],
        verified_at=times[3],
        idx=b"idx",
        idx_kind=29,
        fingerprint=b"fingerprint",
        mac=b"mac",
    )
    return Loaded(standing, (key,), (agreed,), (kept,))


async def test_each_column_comes_back_in_its_own_place(do, look):
    """Columns of one type share a cell with those of other tables on the way."""
    one = odd_one()
    whose = one.standing.customer

    async def write(conn):
        await kek.add(conn, rows.KEK)
        await customer.create(conn, [one.standing], keys=one.keys, at=rows.NOW)
        await consent.add(conn, one.consents)
        await value.save(conn, one.values, at=rows.NOW)

    await do(write)
    assert await look(lambda conn: disclosure.load_many(conn, [whose])) == [one]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_standing_row_that_was_removed_is_missing_not_unknown(do, look):
    (whose,) = await fill(do, 1)

    async def vandal(conn):
        # Foreign keys are checked by triggers, which a superuser may switch off.
        await conn.execute(text("SET LOCAL session_replication_role = replica"))
        await conn.execute(text("DELETE FROM standing"))

    await do(vandal)
    (loaded,) = await look(lambda conn: disclosure.load_many(conn, [whose]))
    assert loaded.standing is None
    assert loaded.keys


async def test_all_rows_of_a_load_are_of_one_moment(do, database):
    """So no row stands beside an older one, whatever is changed meanwhile."""
    ((whose, start),) = (await fill(do, 1)).items()
    assert start.standing is not None

    def step(epoch):
        async def change(conn):
            await customer.save_standing(conn, replace(start.standing, epoch=epoch))
            await consent.change(conn, rows.consent(whose, epoch=epoch))
            await value.save(conn, [rows.value(whose, row_version=epoch + 1)], at=rows.NOW)

        return change

    async def write():
        for epoch in range(1, 31):
            await do(step(epoch))

    writing = asyncio.create_task(write())
    seen = set()
    while not writing.done():
        async with database.connect() as conn:
            (loaded,) = await disclosure.load_many(conn, [whose], fields={"contact.email"})
        assert loaded is not None
        assert loaded.standing is not None
        epoch = loaded.standing.epoch
        seen.add(epoch)
        if epoch:
            assert [row.epoch for row in loaded.consents] == [epoch]
            assert [row.row_version for row in loaded.values] == [epoch + 1]
    await writing
    assert len(seen) > 1


async def test_a_load_that_begins_after_a_withdrawal_sees_it(do, look):
    (whose,) = await fill(do, 1)
    await do(lambda conn: consent.change(conn, rows.consent(whose, state="withdrawn")))
    (loaded,) = await look(lambda conn: disclosure.load_many(conn, [whose]))
    assert [row.state for row in loaded.consents] == ["withdrawn"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_load_of_a_unit_sees_what_the_unit_wrote(do):
    (whose,) = await fill(do, 1)

    async def work(conn):
        await consent.change(conn, rows.consent(whose, state="withdrawn"))
        return await disclosure.load_many(conn, [whose])

    (loaded,) = await do(work)
    assert [row.state for row in loaded.consents] == ["withdrawn"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_broken_connection_is_not_used_for_the_next_load(do, database, postgres_server):
    (whose,) = await fill(do, 1)
    async with database.connect() as conn:
        await disclosure.load_many(conn, [whose])
        pid = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    await asyncio.to_thread(postgres_server.run_sql, f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(BusyError):
        async with database.connect() as conn:
            await disclosure.load_many(conn, [whose])
    async with database.connect() as conn:
        assert await disclosure.load_many(conn, [whose]) != [None]


async def test_an_app_that_was_told_of_a_customer_is_noted_the_first_time(do, look, someone):
    def note(at, *apps):
        return lambda conn: disclosure.note(conn, [(someone, app) for app in apps], at=at)

    await do(note(rows.NOW, "crm", "crm"))
    await do(note(rows.LATER, "delivery", "crm"))
    await do(note(rows.LATER))
    assert await look(lambda conn: disclosure.load_apps(conn, someone)) == {
        "crm": rows.NOW,
        "delivery": rows.LATER,
    }


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_noting_a_disclosure_does_not_wait_for_a_change(database, do, someone):
    """A change holds the standing row; the note's foreign key must not queue behind it."""
    async with database.writing() as held:
        await customer.lock_standing(held, someone)
        await do(lambda conn: disclosure.note(conn, [(someone, "crm")], at=rows.NOW))
