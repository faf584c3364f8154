"""The hot statements on the driver itself give what the tables' own statements give."""

import secrets
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.store import rows
from tests.store.records import CUSTOMER, LOG, ORIGIN, new_writer, record
from tests.store.test_disclosure import fill, same
from vault.core.errors import (
    ConflictError,
    LogBrokenError,
    NotReadyError,
    OutcomeUnknownError,
)
from vault.core.ids import AppId, CustomerId
from vault.store import app, code, commit, integration, log, log_line, moment, once
from vault.store.app import AppRow, AppStateRow
from vault.store.code import CodeRow
from vault.store.disclosure import load_at_once
from vault.store.errors import DRIVER_ERRORS, WriterClosedError
from vault.store.line import Line
from vault.store.loaded import AT_ONCE
from vault.store.once import Claim

ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WHEN = datetime(2026, 11, 1, tzinfo=UTC)


@asynccontextmanager
async def a_line(database, *, flushed=True):
    line = Line(database, flushed=flushed)
    try:
        yield line
    finally:
        await line.close()


def proof(slot=1):
    return Claim("proof", slot, secrets.token_bytes(32))


async def test_a_line_is_for_one_postgresql_server_alone(database):
    async with a_line(database) as line:
        assert await line.usable() is (database.dialect == "postgresql")


@ONLY_POSTGRESQL
async def test_only_a_line_for_claims_does_not_wait_for_the_disk(database):
    for flushed, said in ((True, "on"), (False, "off")):
        async with a_line(database, flushed=flushed) as line:
            assert (await line.fetch("SHOW synchronous_commit"))[0][0] == said
    async with database.writer.connect() as conn:  # and what was set never comes back to the pool
        assert (await conn.execute(text("SHOW synchronous_commit"))).scalar_one() == "on"


@ONLY_POSTGRESQL
async def test_a_statement_is_planned_once(database):
    async with a_line(database) as line:
        assert (await line.fetch("SHOW plan_cache_mode"))[0][0] == "force_generic_plan"
    async with database.writer.connect() as conn:
        assert (await conn.execute(text("SHOW plan_cache_mode"))).scalar_one() == "auto"


@ONLY_POSTGRESQL
async def test_a_load_looks_rows_up_by_key_even_in_small_tables(database, do):
    """Its plan is kept while the tables grow, so it must be good for large ones from the start."""
    (whose,) = await fill(do, 1)
    async with a_line(database) as line:
        await line.fetch(f"PREPARE look AS {AT_ONCE}")
        explain = f"EXPLAIN EXECUTE look(ARRAY['{whose}'::uuid], NULL)"
        plan = "\n".join(row[0] for row in await line.fetch(explain))
    assert plan.count("Index Scan") == 4
    assert "Seq Scan" not in plan


@ONLY_POSTGRESQL
async def test_a_line_that_broke_is_made_anew(database):
    async with a_line(database) as line:
        pid = (await line.fetch("SELECT pg_backend_pid()"))[0][0]
        async with database.writer.connect() as conn:
            await conn.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        with pytest.raises(DRIVER_ERRORS):
            await line.fetch("SELECT pg_backend_pid()")
        assert (await line.fetch("SELECT pg_backend_pid()"))[0][0] != pid


@ONLY_POSTGRESQL
async def test_a_lost_answer_leaves_the_outcome_open(database):
    async with a_line(database) as line:
        with pytest.raises(OutcomeUnknownError):
            await commit.at_once(line, "SELECT pg_terminate_backend(pg_backend_pid())")


@ONLY_POSTGRESQL
async def test_claims_are_committed_and_of_two_equal_ones_the_first_wins(database, do):
    async with a_line(database) as line:
        old, new, other = proof(), proof(), proof()
        assert await once.claim_at_once(line, [old]) == [True]
        asked = [new, old, new, other, new]
        assert await once.claim_at_once(line, asked) == [True, False, False, True, False]
        assert await once.claim_at_once(line, []) == []
    assert await do(lambda conn: once.claim_many(conn, [old, new, other])) == [False] * 3


@ONLY_POSTGRESQL
async def test_a_load_at_once_stands_in_the_order_of_the_asks(database, do):
    stored = await fill(do, 5)
    asks = [*reversed(stored), rows.customer_id(), next(iter(stored))]
    async with a_line(database) as line:
        found = await load_at_once(line, asks)
        assert await load_at_once(line, []) == []
    assert len(found) == len(asks)
    assert all(same(one, stored.get(ask)) for one, ask in zip(found, asks, strict=True))


def code_row(version, effective_at):
    return CodeRow(
        version=version,
        digest=secrets.token_hex(32),
        source=b"",
        document="{}",
        published_at=WHEN,
        effective_at=effective_at,
        bootstrap=True,
        mac=secrets.token_bytes(17),
    )


@ONLY_POSTGRESQL
async def test_a_moment_at_once_is_what_the_tables_say(database, do):
    codes = [
        code_row("2026-10", WHEN.replace(year=2025)),
        code_row("2026-11", WHEN.replace(year=2026, month=1)),
        code_row("2099-01", WHEN.replace(year=2099)),
    ]
    async with a_line(database) as line:
        empty = await moment.ask_at_once(line, apps={"a"}, tokens={"x"})
        assert (empty.code, empty.tokens.apps, empty.tokens.revoked) == (None, {}, frozenset())

        async def write(conn):
            for row in codes:
                await code.publish(conn, row)
            for name in map(AppId, "abc"):
                digest, mac = secrets.token_hex(32), secrets.token_bytes(17)
                state = AppStateRow(name, name == "b", WHEN, 1, mac)
                await app.add(conn, AppRow(name, "{}", digest, mac, WHEN), state=state)
            await app.revoke(conn, "gone", until=WHEN)

        await do(write)
        asked = {"apps": {"a", "b", "z"}, "tokens": {"gone", "good"}}
        found = await moment.ask_at_once(line, **asked)
        async with database.connect() as conn:
            wanted = await moment.ask(conn, **asked)
    assert found.code == wanted.code
    assert found.code
    assert found.code.version == "2026-11"
    assert found.tokens == wanted.tokens
    assert found.tokens.apps["b"].frozen
    assert abs((wanted.at - found.at).total_seconds()) < 60


@pytest.fixture
async def opened(database, do):
    writer = new_writer()

    async def work(conn):
        await integration.open_log(conn, LOG, ORIGIN)
        await log.open_writer(conn, LOG, writer)

    await do(work)
    return writer


@ONLY_POSTGRESQL
async def test_records_appended_at_once_are_read_back_as_they_were(database, opened):
    someone = CustomerId(rows.customer_id())
    some = [
        record(opened, 0),
        record(opened, 1, customers=(CUSTOMER, someone, CUSTOMER)),
        record(opened, 2, customers=(someone,)),
    ]
    async with a_line(database) as line:
        assert await log_line.append(line, some, at_least=0) == 0
    async with database.connect() as conn:
        taken, bad = await log.take(conn, LOG, log.Run(opened, 0, 2))
    assert (taken, bad) == (some, None)


@ONLY_POSTGRESQL
async def test_all_records_of_a_statement_stand_or_none(database, opened):
    async with a_line(database) as line:
        await log_line.append(line, [record(opened, 0)], at_least=0)
        with pytest.raises(ConflictError):
            await log_line.append(line, [record(opened, 1), record(opened, 0)], at_least=0)
        with pytest.raises(WriterClosedError):  # nobody opened this writer
            await log_line.append(line, [record(new_writer(), 0)], at_least=0)
    async with database.connect() as conn:
        assert await log.newest(conn, LOG, opened) == 0


@ONLY_POSTGRESQL
async def test_a_log_that_is_behind_what_was_known_is_broken(database, opened):
    async with a_line(database) as line:
        with pytest.raises(LogBrokenError):
            await log_line.append(line, [record(opened, 0)], at_least=1)
    async with database.connect() as conn:
        assert await log.newest(conn, LOG, opened) == -1  # nothing was appended


@ONLY_POSTGRESQL
async def test_an_append_without_a_log_is_refused(database, do):
    writer = new_writer()
    await do(lambda conn: log.open_writer(conn, LOG, writer))
    async with a_line(database) as line:
        with pytest.raises(NotReadyError):
            await log_line.append(line, [record(writer, 0)], at_least=0)
