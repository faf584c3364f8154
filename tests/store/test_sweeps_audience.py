"""Candidates of an audience: by id, in bounded runs, from an index of consents that allow."""

import uuid

from sqlalchemy import text

from tests.store import rows
from vault.core.ids import CustomerId
from vault.store import consent, customer, sweeps_audience
from vault.store.sweeps_audience import FOREVER

START = CustomerId(uuid.UUID(int=0))
END = CustomerId(uuid.UUID(int=2**128 - 1))
NOW = 1_000


def one(number: int) -> CustomerId:
    return CustomerId(uuid.UUID(int=number))


def named(found) -> list[int]:
    return [candidate.customer.int for candidate in found]


async def put(do, states, **changes):
    """One customer a state, whose ids count from 1."""

    async def work(conn):
        for number, state in enumerate(states, 1):
            who = CustomerId(uuid.UUID(int=number))
            await customer.create(conn, [rows.standing(who)], keys=[], at=rows.NOW)
            await consent.add(conn, [rows.consent(who, state=state, **changes)])

    await do(work)


async def test_who_gave_and_did_not_take_back_is_a_candidate(do, look):
    await put(do, ["given", "withdrawn", "renewed", "refused", "given", "revoked"])

    async def run(after, upto, limit, purpose="marketing"):
        return named(
            await look(
                lambda conn: sweeps_audience.consenting(
                    conn, purpose, after=after, upto=upto, limit=limit
                )
            )
        )

    assert await run(START, END, 2) == [1, 3]
    assert await run(one(3), END, 2) == [5]
    assert await run(START, one(3), 5) == [1, 3]
    assert await run(START, one(2), 5) == [1]
    assert await run(one(5), END, 3) == []
    assert await run(START, END, 3, "survey.ask") == []


async def test_when_a_consent_is_over_is_told_with_it(do, look):
    await put(do, ["given"], until_ms=NOW)

    async def run():
        return await look(
            lambda conn: sweeps_audience.consenting(
                conn, "marketing", after=START, upto=END, limit=5
            )
        )

    assert [tuple(one) for one in await run()] == [(one(1), NOW)]
    await do(lambda conn: consent.change(conn, rows.consent(one(1), state="withdrawn", epoch=2)))
    assert await run() == []


async def test_everyone_comes_by_id(do, look):
    await put(do, ["refused"] * 3)

    async def run(after, upto, limit):
        return await look(
            lambda conn: sweeps_audience.everyone(conn, after=after, upto=upto, limit=limit)
        )

    assert named(await run(START, END, 2)) == [1, 2]
    assert named(await run(one(2), END, 2)) == [3]
    assert named(await run(START, one(2), 3)) == [1, 2]
    assert named(await run(one(3), END, 2)) == []
    assert {found.until_ms for found in await run(START, END, 3)} == {FOREVER}


async def test_a_page_is_read_from_the_index_of_consents_that_allow(database, look):
    query = sweeps_audience.consenting_query("marketing", after=START, upto=END, limit=101)
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
