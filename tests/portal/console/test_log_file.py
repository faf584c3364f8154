"""The log is handed out whole, a page at a time, as a table that runs nothing and as lines."""

import csv
import io
import json

import pytest
from sqlalchemy import update

from tests.portal.console.test_log import VALUES, looked
from vault.core.errors import BusyError
from vault.core.log_filter import EVERYTHING, Sought
from vault.services import log_search
from vault.store import commit
from vault.store import log_search as store
from vault.store.leaf import access_fact

__all__ = ["looked"]


async def test_both_files_hold_what_the_search_finds_and_no_person(compliance, looked, deps):
    table = await compliance.get("/console/log.csv")
    lines = await compliance.get("/console/log.ndjson?app=delivery")
    assert "content-length" not in table.headers
    assert table.headers["content-disposition"] == 'attachment; filename="access-log.csv"'
    assert lines.headers["content-type"] == "application/x-ndjson"
    (one,) = map(json.loads, lines.text.splitlines())
    assert (one["app"], one["kind"], one["decision"]) == ("delivery", "read", "allowed")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert any(row["index"] == str(one["index"]) and row["app"] == "delivery" for row in rows)
    who = await compliance.known(deps)
    found = await log_search.search(deps, who, EVERYTHING)
    assert [int(row["index"]) for row in rows] == [one.place for one in found.rows]
    for value in (*VALUES, str(looked)):
        assert value not in table.text + lines.text


async def test_a_cell_that_begins_like_a_formula_runs_nothing(compliance, looked, deps):
    async def edit(conn):
        await conn.execute(update(access_fact).values(case_ref="=cmd|'/c calc'!A0"))

    await commit.request(deps.database, edit)
    table = (await compliance.get("/console/log.csv")).text
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert {row["case"] for row in rows} == {"'=cmd|'/c calc'!A0"}


async def test_a_file_is_made_of_bounded_pages(compliance, looked, deps, monkeypatch):
    monkeypatch.setattr(log_search, "PIECE", 2)
    who = await compliance.known(deps)
    sizes, indexes = [], []
    async for page in log_search.pages(deps, who, EVERYTHING):
        sizes.append(len(page))
        indexes += [one.place for one in page]
    assert max(sizes) == 2
    assert len(sizes) > 1
    assert indexes == sorted(set(indexes), reverse=True)


async def test_a_file_that_breaks_off_has_no_end(compliance, looked, monkeypatch):
    real = store.page
    asked: list[int] = []

    async def breaks(*args, **options):
        if asked:
            raise BusyError
        asked.append(1)
        return await real(*args, **options)

    monkeypatch.setattr(log_search, "PIECE", 1)
    monkeypatch.setattr(store, "page", breaks)
    with pytest.raises(AssertionError):  # of the transport: the answer never ended
        await compliance.get("/console/log.csv")


async def test_part_of_an_address_that_is_no_filter_is_refused(compliance, looked):
    assert (await compliance.get("/console/log.csv?decision=perhaps")).status_code == 400
    assert (await compliance.get("/console/log.csv?app=nobody")).text.count("\r\n") == 1


async def test_what_somebody_else_did_is_not_handed_to_a_member_without_the_right(
    steward, looked, deps
):
    from vault.core.errors import NotAvailableError

    with pytest.raises(NotAvailableError):
        log_search.pages(deps, await steward.known(deps), Sought(app="delivery"))
