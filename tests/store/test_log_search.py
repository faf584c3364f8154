"""A search of the facts is the filter over all of them, page by page, within its bounds."""

import itertools
import random
from dataclasses import replace

import pytest

from tests.store import records
from vault.core.entry import Kind
from vault.core.log_filter import EVERYTHING, Decision, Known, Sought
from vault.core.place import Place
from vault.store import commit, integration, log_search
from vault.store.leaf import access_fact

APPS = (None, "shop", "crm")
PURPOSES = (None, "orders", "marketing.post")
HANDLES = (None, None, None, "s-aaaaaaaa", "s-bbbbbbbb")
CASES = (None, None, "R-1", "R-10")
CLAUSES = ((), ("orders",), ("marketing.post", "orders"), ("own",), ("marketing",))
KINDS = (Kind.READ, Kind.DENIED, Kind.STAFF_LOOK, Kind.OWN_LOOK)
MANY = 240


def made(pick):
    """Return facts in the order of their indexes; those of one batch may arrive out of order."""
    return [
        Known(
            place=Place(2 * place),
            at=600_000 + 1_000 * (place - pick.randrange(9)),
            kind=int(pick.choice(KINDS)),
            app=pick.choice(APPS),
            purpose=pick.choice(PURPOSES),
            clauses=pick.choice(CLAUSES),
            code=records.CODE,
            allowed=pick.randrange(3),
            withheld=pick.randrange(3),
            handle=pick.choice(HANDLES),
            case=pick.choice(CASES),
        )
        for place in range(MANY)
    ]


def wants(one, sought):
    """Say what a filter says, the slow way."""
    denied = one.kind == Kind.DENIED or one.withheld
    decision = "partly" if one.allowed and denied else "refused" if denied else "allowed"
    return all(
        (
            sought.app in {None, one.app},
            sought.purpose in {None, one.purpose},
            sought.clause is None or sought.clause in one.clauses,
            sought.decision is None or sought.decision.value == decision,
            sought.kind in {None, one.kind},
            sought.handle in {None, one.handle},
            sought.case in {None, one.case},
            sought.start is None or one.at >= sought.start,
            sought.end is None or one.at < sought.end,
            sought.first is None or one.place >= sought.first,
            sought.last is None or one.place <= sought.last,
        )
    )


def filters(pick):
    parts = {
        "app": APPS,
        "purpose": PURPOSES,
        "clause": (None, "orders", "marketing", "marketing.post", "own", "never"),
        "decision": (None, *Decision),
        "kind": (None, *KINDS),
        "handle": HANDLES,
        "case": CASES,
        "start": (None, None, 660_000, 400_000_000),
        "end": (None, None, 780_000, 10_000),
        "first": (None, None, 100),
        "last": (None, None, 400),
    }
    yield EVERYTHING
    for name, values in parts.items():
        yield from (Sought(**{name: value}) for value in values if value is not None)
    for _ in range(40):
        chosen = pick.sample(sorted(parts), k=3)
        yield Sought(**{name: pick.choice(parts[name]) for name in chosen})


@pytest.fixture
async def facts(database):
    found = made(random.Random(7))

    async def work(conn):
        await integration.open_log(conn, records.LOG, records.ORIGIN)
        await conn.execute(
            access_fact.insert(),
            [
                {
                    "log_id": 0,
                    "idx": one.place,
                    "at": one.at,
                    "salt": bytes(16),
                    "kind": one.kind,
                    "app": one.app,
                    "purpose": one.purpose,
                    "clauses": str(list(one.clauses)).replace("'", '"').replace(" ", ""),
                    "code": one.code,
                    "allowed": one.allowed,
                    "withheld": one.withheld,
                    "handle": one.handle,
                    "case_ref": one.case,
                }
                for one in found
            ],
        )

    await commit.request(database, work)
    return found


async def all_pages(conn, sought, *, limit=20):
    narrowed = await log_search.between(conn, records.LOG, sought)
    before: int | None = None
    rows: list[Known] = []
    stops = 0
    while narrowed is not None:
        page = await log_search.page(conn, records.LOG, narrowed, before=before, limit=limit)
        assert len(page.rows) <= limit
        rows += page.rows
        stops += not page.full
        if page.older is None:
            break
        assert before is None or page.older < before
        before = page.older
    return rows, stops


async def test_pages_of_a_filter_are_the_filter_over_everything(database, facts):
    async with database.connect() as conn:
        for sought in filters(random.Random(11)):
            expected = [one for one in facts[::-1] if wants(one, sought)]
            assert (await all_pages(conn, sought))[0] == expected, sought


async def test_a_count_is_that_of_the_filter_by_period_and_decision(database, facts):
    async with database.connect() as conn:
        for sought in itertools.islice(filters(random.Random(13)), 40):
            narrowed = await log_search.between(conn, records.LOG, sought)
            expected: dict[tuple[int, Decision], int] = {}
            for one in facts:
                if wants(one, sought):
                    key = (one.at // 60_000, one.decision)
                    expected[key] = expected.get(key, 0) + 1
            if narrowed is None:
                assert expected == {}
                continue
            found = await log_search.bars(conn, records.LOG, narrowed, period=60_000)
            assert {(bar.period, bar.decision): bar.count for bar in found.bars} == expected
            assert (found.capped, found.whole) == (False, True)


async def test_a_search_stops_at_its_bounds_and_goes_on_where_it_stopped(
    database, facts, monkeypatch
):
    monkeypatch.setattr(log_search, "PASSES", 7)
    monkeypatch.setattr(log_search, "COUNT_PASSES", 7)
    async with database.connect() as conn:
        for sought in (Sought(clause="own"), Sought(app="crm", decision=Decision.REFUSED)):
            expected = [one for one in facts[::-1] if wants(one, sought)]
            found, stops = await all_pages(conn, sought)
            assert found == expected
            assert stops > 3
            counted = await log_search.bars(conn, records.LOG, sought, period=60_000)
            assert not counted.whole


async def test_a_count_ends_at_its_cap(database, facts, monkeypatch):
    monkeypatch.setattr(log_search, "MOST_COUNTED", 30)
    async with database.connect() as conn:
        found = await log_search.bars(conn, records.LOG, EVERYTHING, period=60_000)
        assert found.capped
        assert not found.whole
        sought = replace(EVERYTHING, first=facts[-30].place)
        assert not (await log_search.bars(conn, records.LOG, sought, period=60_000)).capped
