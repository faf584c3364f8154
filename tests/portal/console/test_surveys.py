"""Staff see what many answered, and nothing of few: from the letter to the plot."""

import pytest

from tests import surveyed
from tests.portal.person import Person
from tests.services.publishing import one_clock

__all__ = ["one_clock"]

HERE = "/console/surveys"
CSV = f"{HERE}.csv"


@pytest.fixture
async def asks(deps):
    await surveyed.publish(deps)


async def answers(app, deps, number, **chosen):
    """Somebody is served, asked and answers, as people do."""
    email = f"c{number}@example.org"
    await surveyed.served(deps, email)
    (letter,) = [one for one in await surveyed.ask(deps) if one["to"] == email]
    path = surveyed.path(letter)
    pairs = [(f"q.{name}", value) for name, value in chosen.items()]
    assert (await Person(app).send(path, path, *pairs)).status_code == 303


async def test_results_are_held_back_until_there_is_a_group_and_then_shown(
    app, deps, asks, steward
):
    page = (await steward.get(HERE)).text
    assert page.count("Too few answers yet.") == 6
    for number in range(5):
        await answers(app, deps, number, recommend="9", words=f"Secret {number}")
        page = (await steward.get(HERE)).text
        assert page.count("Too few answers yet.") == (6 if number < 4 else 4)
    assert "Secret" not in page
    assert "0 to 10" in page
    lines = (await steward.get(CSV)).text.splitlines()
    assert lines[1:] == [
        f"visit,{surveyed.BOOK.version},recommend,0 1 2 3 4 5 6 7 8 9 10,5,5",
        f"visit,{surveyed.BOOK.version},words,,,5",
    ]


async def test_new_answers_come_in_by_groups(deps, asks, steward):
    await surveyed.count(deps, {"recommend": ["9"]}, times=9)
    assert ",5,5" in (await steward.get(CSV)).text
    await surveyed.count(deps, {"recommend": ["0"]})
    assert ",10,10" in (await steward.get(CSV)).text


async def test_scores_are_shown_where_their_groups_are_large_enough(deps, asks, steward):
    for score, times in {"9": 10, "7": 5, "2": 5}.items():
        await surveyed.count(deps, {"recommend": [score], "happy": ["4"]}, times=times)
    for score in ("1", "2", "3", "5"):
        await surveyed.count(deps, {"happy": [score]}, times=5)
    await surveyed.count(deps, {"missed": ["milk"]}, times=6)
    await surveyed.count(deps, {"missed": ["seat"]}, times=9)
    page = (await steward.get(HERE)).text
    assert "<dd>+25</dd>" in page
    assert "<dd>3.38</dd>" in page
    assert page.count('<svg class="plot"') == 3
    lines = (await steward.get(CSV)).text.splitlines()
    rest = [one.partition(f"{surveyed.BOOK.version},")[2] for one in lines[1:]]
    assert rest == [
        "recommend,0 1 2 3 4 5 6,5,20",
        "recommend,7 8,5,20",
        "recommend,9 10,10,20",
        "recommend,nps,25,20",
        "happy,1,5,40",
        "happy,2,5,40",
        "happy,3,5,40",
        "happy,4,20,40",
        "happy,5,5,40",
        "happy,mean,3.38,40",
        "happy,happy,62,40",
        "missed,milk,6,15",
        "missed,seat,9,15",
    ]


async def test_whoever_sees_no_numbers_sees_none_here(support, asks):
    for where in (HERE, CSV):
        assert (await support.get(where)).status_code == 404


async def test_before_any_survey_the_page_says_so(steward):
    page = (await steward.get(HERE)).text
    assert "asks no survey" in page
