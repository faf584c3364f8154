"""Each look stands in the list, with who, what for, which details, and why it was refused."""

import asyncio
import re

from policies.model import Source
from tests.portal import looks
from vault.services import customer
from vault.services.who_looked import PAGE


async def shown(person, words, *, path="/who-looked"):
    """Return the page once it holds some words: on PostgreSQL a line comes after a moment."""
    async with asyncio.timeout(10):
        while True:
            page = (await person.get(path)).text
            if words in page:
                return page
            await asyncio.sleep(0.1)


async def test_a_look_that_was_allowed_is_listed_with_its_clause(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name", request="req-1")
    page = await shown(person, "req-1")
    assert "Delivery planner (Logistics)" in page
    assert 'href="/code#delivery"' in page
    assert "<li>Name</li>" in page


async def test_a_refused_look_says_why_to_the_customer(person, deps, ana):
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-2")
    page = await shown(person, "req-2")
    assert "Refused: You have not decided on this purpose." in page


async def test_home_shows_the_last_looks_of_others(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name")
    page = await shown(person, "Delivery planner (Logistics)</strong>", path="/home")
    assert "Bringing your order" in page


async def test_own_looks_are_folded_under_you(person, deps, ana):
    await person.get("/home")
    page = await shown(person, "looked at your own page")
    assert "<summary>You, " in page


async def test_anothers_looks_are_not_in_the_list(person, deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await looks.by_app(deps, eve, "delivery", "delivery", "contact.email", request="eves-request")
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="anas-request")
    page = await shown(person, "anas-request")
    assert "eves-request" not in page


async def test_older_lines_stand_on_further_pages(person, deps, ana):
    for number in range(PAGE):
        await looks.by_app(
            deps, ana, "delivery", "delivery", "contact.email", request=f"look-{number:02}"
        )
    page = await shown(person, f"look-{PAGE - 1:02}")
    assert "look-00" not in page
    (older,) = re.findall(r'href="(/who-looked\?before=[^"]+)"', page)
    assert "look-00" in (await person.get(older)).text


async def test_a_made_up_cursor_is_refused(person):
    for cursor in ("x", "AAAA", "x" * 2000, "%00"):
        assert (await person.get(f"/who-looked?before={cursor}")).status_code == 400, cursor
