"""Everybody sees how the promises were kept, signed in or not, and programs get the same."""

from tests.services.test_numbers import MANY, shop
from vault.services import barrier, scorecard


async def test_before_the_first_night_there_is_no_figure(visitor):
    page = await visitor.get("/scorecard")
    assert page.status_code == 200
    assert "Nothing was counted yet." in page.text
    assert (await visitor.get("/scorecard.json")).status_code == 404


async def test_the_figures_of_page_and_json_are_those_that_were_kept(visitor, deps):
    await shop(deps, MANY)
    await barrier.walk(deps)
    kept = await scorecard.keep(deps)
    answer = await visitor.get("/scorecard.json")
    assert answer.text == kept.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    page = (await visitor.get("/scorecard")).text
    for words in (
        "Nobody looks without a clause",
        "Requests are answered in time",
        "takes effect at once",
    ):
        assert words in page
    assert "was not kept" not in page
    assert "example.org" not in page.partition("<main")[2].partition("</main>")[0]
