"""`Sec-GPC: 1` of a signed-in customer stops passing on, once, and says so."""

import pytest

from policies.compile import compile_
from tests.portal.conftest import ANA
from tests.portal.test_terms import after, give, hidden, press, reads
from tests.richer import PATH, publish
from vault.services import terms

PAGE = "/privacy/terms"
SIGNAL = {"sec-gpc": "1"}


async def stated(deps, who):
    return (await terms.load(deps, who)).terms


async def test_the_first_signal_stops_passing_on_and_keeps_the_moment(person, deps, ana, clock):
    await person.get("/home", **SIGNAL)
    found = await stated(deps, ana)
    assert found.no_sharing
    assert found.gpc_ms == int(clock.now().timestamp() * 1000)
    clock.turn(minutes=5)
    page = (await person.get(PAGE, **SIGNAL)).text
    assert "Your browser says that nothing may be passed on (Global Privacy Control)" in page
    assert '<time datetime="2026-12-01T12:00:00Z">' in page
    assert await stated(deps, ana) == found


@pytest.mark.parametrize("value", ["0", "true", "", "11", "1, 1"])
async def test_nothing_else_is_the_signal(person, deps, ana, value):
    await person.get("/home", **{"sec-gpc": value})
    await person.get("/home")
    assert not (await stated(deps, ana)).gpc_ms


async def test_only_a_customer_who_looks_at_a_page_of_their_own_sends_it(
    person, visitor, deps, ana
):
    await visitor.get("/home", **SIGNAL)
    assert not (await stated(deps, ana)).gpc_ms
    await person.get("/code", **SIGNAL)
    assert not (await stated(deps, ana)).gpc_ms


async def test_who_lifts_it_by_hand_is_not_overridden(person, deps, ana):
    await person.get("/home", **SIGNAL)
    lift = (("do", "switch"), ("name", "no-sharing"), ("rule", "open"))
    await after(person, *lift)
    page = (await person.get(PAGE, **SIGNAL)).text
    assert not (await stated(deps, ana)).no_sharing
    assert "You have allowed passing on since, by your own hand." in page


async def test_the_page_that_brings_the_signal_asks_with_what_then_stands(person, deps, ana):
    """The signal is heard before the page is made, so its form is not stale."""
    page = (await person.get("/privacy/marketing", **SIGNAL)).text
    names = ("csrf", "notice", "epoch", "view")
    fields = [(name, hidden(rf'name="{name}" value="([^"]*)"', page)) for name in names]
    csrf = [f for f in fields if f[0] != "csrf"]
    token = hidden(r'action="/privacy/marketing">.*?name="csrf" value="([^"]+)"', page)
    answer = await person.post("/privacy/marketing", ("csrf", token), *csrf, ("decision", "give"))
    assert answer.status_code == 303


async def test_what_was_allowed_before_is_asked_about_once(person, deps, ana, clock):
    inside = "team: Communication, country: IE}"
    source = PATH.read_text().replace(inside, inside[:-1] + ", external: yes}").encode()
    await publish(deps, rulebook=compile_(source, name="sharing.yaml"), source=source)
    await give(person)
    assert await reads(deps, ana) == [ANA]
    clock.turn(minutes=1)
    await person.get("/home", **SIGNAL)
    assert await reads(deps, ana) == []
    page = (await person.get(PAGE)).text
    assert "You had allowed these before" in page
    assert "<li>Letters about what is new</li>" in page
    await press(person, ("do", "signal"), ("rule", "never"))
    assert (await stated(deps, ana)).no_sharing
    assert "You had allowed these before" not in (await person.get(PAGE)).text
    await press(person, ("do", "signal"), ("rule", "open"))
    assert await reads(deps, ana) == [ANA]


async def test_letting_it_go_on_lifts_the_rule_for_good(person, deps, ana):
    await person.get("/home", **SIGNAL)
    await press(person, ("do", "signal"), ("rule", "open"))
    await person.get("/home", **SIGNAL)
    assert not (await stated(deps, ana)).no_sharing


async def test_the_vault_says_that_it_heeds_the_signal(visitor):
    answer = await visitor.get("/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-27"}
