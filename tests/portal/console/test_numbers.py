"""Whoever answers for records sees numbers without names, as a page and as a table."""

import csv
import io

from tests.services.test_numbers import MANY, shop
from vault.services import numbers

HERE = "/console/numbers"


async def test_before_the_first_night_the_page_says_so(compliance):
    page = await compliance.get(HERE)
    assert page.status_code == 200
    assert "Nothing was counted yet." in page.text
    table = await compliance.get(f"{HERE}.csv")
    assert table.text.count("\n") == 1


async def test_the_page_and_the_table_show_the_same_and_hide_the_same(compliance, deps):
    made = await shop(deps, MANY)
    await numbers.keep(deps)
    page = (await compliance.get(HERE)).text
    assert f">{MANY}<" in page
    assert "hidden" in page
    table = await compliance.get(f"{HERE}.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = {tuple(row[:3]): row[3] for row in csv.reader(io.StringIO(table.text.lstrip("\ufeff")))}
    assert rows["customers", "", ""] == str(MANY)
    assert rows["consent", "marketing", "allowed"] == ""
    assert rows["consent", "marketing", "said_no"] == ""
    assert rows["consent", "loyalty.rewards", "open"] == str(MANY)
    for text in (page, table.text):
        assert "@example.org" not in text
        assert not any(str(one) in text for one in made)


async def test_whoever_may_not_see_records_sees_nothing_there(support):
    for path in (HERE, f"{HERE}.csv"):
        assert (await support.get(path)).status_code == 404
