"""A full disk: nothing is recorded, so nothing is opened, and work goes on when there is room."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.services import logbook
from tests.services.logbook import appending, draft, integrate, open_log, until
from vault.core.errors import BusyError, OutcomeUnknownError
from vault.store import commit


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


async def full(database):
    """Take all room from the database."""
    if database.dialect == "sqlite":
        pages = await execute(database, "PRAGMA page_count")
        await execute(database, f"PRAGMA max_page_count = {pages}")
        return
    await execute(
        database,
        "CREATE FUNCTION full_disk() RETURNS boolean LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$",
    )
    await execute(
        database, "ALTER TABLE log_outbox ADD CONSTRAINT room CHECK (full_disk()) NOT VALID"
    )


async def empty(database):
    """Give the room back."""
    if database.dialect == "sqlite":
        await execute(database, "PRAGMA max_page_count = 1000000")
    else:
        await execute(database, "ALTER TABLE log_outbox DROP CONSTRAINT room")


async def execute(database, statement):
    async def work(conn):
        result = await conn.execute(text(statement))
        return result.scalar() if result.returns_rows else None

    return await commit.request(database, work)


async def fill(appender):
    """Record until there is no room; on SQLite the pages that are there may hold a few more."""
    for _ in range(50):
        await appender.record([draft(seen=appender.seen)] * 20)


async def test_a_full_disk_gives_no_record_and_what_stood_before_goes_on(opened):
    async with appending(opened) as appender:
        (first,) = await appender.record([draft(seen=appender.seen)])
        await full(opened)
        with pytest.raises(BusyError) as refused:
            await fill(appender)
        assert not isinstance(refused.value, OutcomeUnknownError)
        before = len((await book_of(opened)).leaves)
        with pytest.raises(BusyError):
            await appender.record([draft(seen=appender.seen)] * 20)
        assert len((await book_of(opened)).leaves) == before
        await empty(opened)

        async def recorded():
            try:
                again.extend(await appender.record([draft(seen=appender.seen, case="again")]))
            except BusyError:  # for two seconds at most it is refused at once
                return False
            return True

        again: list[Any] = []
        await until(recorded, seconds=30)
    book = await book_of(opened)
    assert book.find(first) < book.find(again[0])
    assert [fact.case_ref for fact in book.facts.values()].count("again") == 1


async def book_of(database):
    await integrate(database)
    return await logbook.read(database)
