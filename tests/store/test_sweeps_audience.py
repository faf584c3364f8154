"""Candidates of an audience: by id, in bounded pages, from an index of consents that allow."""

import uuid

from sqlalchemy import text

from tests.store import rows
from vault.core.ids import CustomerId
from vault.store import consent, customer, sweeps_audience
from vault.store.sweeps_audience import Candidates

START = CustomerId(uuid.UUID(int=0))
NOW = 1_000


def ids(*numbers: int) -> tuple[CustomerId, ...]:
    return tuple(CustomerId(uuid.UUID(int=number)) for number in numbers)


def one(number: int) -> CustomerId:
    return ids(number)[0]


async def put(do, states, **changes):
    """One customer a state, whose ids count from 1."""

    async def work(conn):
        for number, state in enumerate(states, 1):
            who = CustomerId(uuid.UUID(int=number))
            await customer.create(conn, [rows.standing(who)], keys=[])
            await consent.add(conn, [rows.consent(who, state=state, **changes)])

    await do(work)


async def test_who_gave_and_did_not_take_back_is_a_candidate(do, look):
    await put(do, ["given", "withdrawn", "renewed", "refused", "given", "revoked"])

    async def page(after, limit):
        return await look(
            lambda conn: sweeps_audience.consenting(
                conn, "marketing", after=after, limit=limit, now=NOW
            )
        )

    assert await page(START, 2) == Candidates(ids(1, 3), one(3))
    assert await page(one(3), 2) == Candidates(ids(5), None)
    assert await page(START, 3) == Candidates(ids(1, 3, 5), None)
    assert await page(one(5), 3) == Candidates((), None)


async def test_what_is_over_past_or_of_another_purpose_names_nobody(do, look):
    await put(do, ["given", "given"], until_ms=NOW)

    async def page(purpose, limit):
        return await look(
            lambda conn: sweeps_audience.consenting(
                conn, purpose, after=START, limit=limit, now=NOW
            )
        )

    # Looked at, though nobody is in it: a page never looks at more rows than it may hold.
    assert await page("marketing", 1) == Candidates((), one(1))
    assert await page("survey.ask", 1) == Candidates((), None)
    who = one(1)
    await do(lambda conn: consent.change(conn, rows.consent(who, state="withdrawn", epoch=2)))
    assert await page("marketing", 5) == Candidates((), None)


async def test_everyone_comes_by_id(do, look):
    await put(do, ["refused"] * 3)

    async def page(after, limit):
        return await look(lambda conn: sweeps_audience.everyone(conn, after=after, limit=limit))

    assert await page(START, 2) == Candidates(ids(1, 2), one(2))
    assert await page(one(2), 2) == Candidates(ids(3), None)
    assert await page(one(3), 2) == Candidates((), None)


async def test_a_page_is_read_from_the_index_of_consents_that_allow(database, look):
    query = sweeps_audience.consenting_query("marketing", after=START, limit=101)
    explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"

    async def work(conn):
        if database.dialect == "postgresql":  # so few rows are read at once, whatever the index
            await conn.execute(text("SET LOCAL enable_seqscan = off"))
        asked = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
        return (await conn.exec_driver_sql(f"{explain} {asked}")).all()

    plan = " ".join(str(row) for row in await look(work))
    assert "ix_consent_audience" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
