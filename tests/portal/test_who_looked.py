"""Each look stands in the list, with who, what for, which details, and why it was refused."""

import asyncio
import csv
import io
import re

from policies.model import Source
from tests import richer
from tests.portal import looks
from tests.services.logbook import until
from vault.services import customer, erasure, own
from vault.services.who_looked import PAGE
from vault.store import leaf


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
    assert 'href="/code/2026-11#delivery"' in page
    assert "<li>Name</li>" in page


async def test_a_refused_look_says_why_to_the_customer(person, deps, ana):
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-2")
    page = await shown(person, "req-2")
    assert "Refused: You have not decided on this purpose." in page


async def test_home_shows_the_last_looks_of_others(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name")
    page = await shown(person, "Delivery planner (Logistics)</strong>", path="/home")
    assert "Bringing your order" in page


async def test_home_finds_the_looks_of_others_behind_many_own_ones(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name")
    await shown(person, "Delivery planner (Logistics)</strong>", path="/home")
    for number in range(60):
        await own.look(deps, ana, request=f"own-{number}", names=("contact.full_name",))
    await shown(person, "own-59")
    assert "Delivery planner (Logistics)</strong>" in (await person.get("/home")).text


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
    await shown(person, f"look-{PAGE - 1:02}")

    async def pushed_on():  # by the own looks, once the log has them in
        return "look-00" not in (await person.get("/who-looked")).text

    await until(pushed_on)
    page = (await person.get("/who-looked")).text
    (older,) = re.findall(r'href="(/who-looked\?before=[^"]+)"', page)
    assert "look-00" in (await person.get(older)).text


async def test_a_made_up_cursor_is_refused(person):
    for cursor in ("x", "AAAA", "x" * 2000, "%00"):
        assert (await person.get(f"/who-looked?before={cursor}")).status_code == 400, cursor


async def test_a_filter_in_the_address_shows_only_what_it_wants(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name", request="req-1")
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-2")
    await shown(person, "req-2")
    for query, seen in {
        "who=app:delivery": {"req-1"},
        "who=others": {"req-1", "req-2"},
        "who=you": set(),
        "who=staff": set(),
        "purpose=marketing": {"req-2"},
        "outcome=refused": {"req-2"},
        "outcome=allowed": {"req-1"},
        "field=contact.full_name": {"req-1"},
        "from=2026-12-01&to=2026-12-01": {"req-1", "req-2"},
        "to=2026-11-30": set(),
        "from=2026-12-02": set(),
        "who=app:gone": set(),
    }.items():
        page = (await person.get(f"/who-looked?{query}")).text
        assert {one for one in ("req-1", "req-2") if one in page} == seen, query
        assert page.count(">remove<") == query.count("="), query


async def test_a_part_of_the_filter_is_taken_away_by_its_link(person):
    page = (await person.get("/who-looked?who=you&outcome=refused&to=2026-12-31")).text
    links = re.findall(r'<a href="([^"]+)">remove', page)
    assert links == [
        "/who-looked?outcome=refused&amp;to=2026-12-31",
        "/who-looked?who=you&amp;to=2026-12-31",
        "/who-looked?who=you&amp;outcome=refused",
    ]
    assert "Until" not in page
    assert "31 December 2026" in page


HOSTILE = (
    "x",
    "app:",
    "app:" + "a" * 500,
    "<script>alert(1)</script>",
    "'; DROP TABLE value; --",
    "%00",
    "%ff%fe",
    "2026-13-01",
    "9999-12-31",
    "0001-01-01",
    "2026-11-01T00:00",
    "-1",
    "9" * 400,
    "%E2%80%AE",
)


async def test_what_is_no_filter_is_left_out_and_never_an_error(person):
    for name in ("who", "purpose", "outcome", "field", "from", "to"):
        for text in HOSTILE:
            answer = await person.get(f"/who-looked?{name}={text}")
            assert answer.status_code == 200, (name, text)
            assert "<script" not in answer.text
    page = (await person.get("/who-looked?who=nobody&purpose=delivery")).text
    assert "was left out" in page
    assert page.count(">remove<") == 1


async def test_a_further_page_keeps_the_filter(person, deps, ana):
    for number in range(PAGE + 1):
        await looks.by_app(
            deps, ana, "delivery", "delivery", "contact.email", request=f"look-{number:02}"
        )
    page = await shown(person, f"look-{PAGE:02}", path="/who-looked?who=app:delivery")
    assert "look-00" not in page
    (older,) = re.findall(r'href="(/who-looked\?who=app%3Adelivery&amp;before=[^"]+)"', page)
    page = (await person.get(older.replace("&amp;", "&"))).text
    assert "look-00" in page
    assert "used this page" not in page
    assert 'href="/who-looked?who=app%3Adelivery">Newest looks' in page


async def test_the_plot_and_the_table_hold_the_same_numbers(person, deps, ana, clock):
    await looks.some(deps, ana)
    clock.turn(days=3)
    await person.sign_in(deps, "ana@example.org")
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="look-late")
    page = await shown(person, "look-late", path="/who-looked?who=others&from=2026-12-01")
    assert re.findall(r"<rect [^>]*><title>([^<]*)</title>", page) == [
        "1 December 2026: Allowed, all or part, 2",
        "1 December 2026: Refused, 1",
        "4 December 2026: Allowed, all or part, 1",
    ]
    table = re.findall(r'<th scope="row">([^<]*)</th>((?:<td>\d+</td>)+)', page)
    assert [(label, re.findall(r"\d+", cells)) for label, cells in table] == [
        ("1 December 2026", ["2", "1"]),
        ("2 December 2026", ["0", "0"]),
        ("3 December 2026", ["0", "0"]),
        ("4 December 2026", ["1", "0"]),
    ]
    assert "style=" not in page


async def test_a_sealed_look_is_counted_and_tells_nothing(person, deps, ana, clock):
    await richer.publish(deps)
    await looks.by_app(deps, ana, "ledger", "fraud", "contact.full_name", request="secret-1")
    opens = "8 December 2026, 12:00 UTC"
    page = await shown(person, f"A sealed look, opens on {opens}")
    documents = [
        (await person.get(path)).text
        for path in (
            "/who-looked?who=sealed",
            "/who-looked.csv",
            "/who-looked.json",
            "/me/usage.json",
            "/home",
        )
    ]
    for text in (page, *documents):
        assert "secret-1" not in text
        assert "Ledger (Accounts)</h3>" not in text
    assert all("opens on" in text for text in documents)
    assert "Sealed, 1</title>" in page
    for query in ("who=app:ledger", "purpose=fraud", "field=contact.full_name&who=others"):
        assert "A sealed look" not in (await person.get(f"/who-looked?{query}")).text
    clock.turn(days=7)
    await person.sign_in(deps, "ana@example.org")
    page = (await person.get("/who-looked?who=app:ledger")).text
    assert "secret-1" in page
    assert "Ledger (Accounts)</h3>" in page
    assert 'href="/code/2026-12#fraud"' in page


async def test_the_list_as_a_table_is_safe_in_a_spreadsheet(person, deps, ana):
    await looks.by_app(
        deps, ana, "delivery", "delivery", "contact.email", request="=cmd|' /C calc'!A0"
    )
    await shown(person, "calc")
    answer = await person.get("/who-looked.csv?who=app:delivery")
    assert answer.headers["content-disposition"] == 'attachment; filename="who-looked.csv"'
    head, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    said = dict(zip(head, line, strict=True))
    assert said["request"] == "'=cmd|' /C calc'!A0"
    assert (said["receiver"], said["decision"], said["basis"]) == (
        "Delivery planner (Logistics)",
        "allowed",
        "contract",
    )
    assert said["clause"] == "http://localhost:8000/code/2026-11#delivery"


async def test_the_list_for_programs_goes_on_where_it_ended(person, deps, ana, monkeypatch):
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-1")
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-2")
    await shown(person, "req-2")
    monkeypatch.setattr("portal.pages.who_looked.MOST_IN_FILE", 1)
    first = (await person.get("/who-looked.json?who=app:newsletter")).json()
    rest = (await person.get(first["older"].removeprefix("http://localhost:8000"))).json()
    assert [one["lines"][0]["request"] for one in (first, rest)] == ["req-2", "req-1"]
    assert first["lines"][0]["withheld"] == [
        {
            "field": "contact.email",
            "reason": "not-asked",
            "sentence": "You have not decided on this purpose.",
        }
    ]


async def test_usage_counts_from_one_and_the_newest_comes_first(person, deps, ana):
    await looks.some(deps, ana)
    await shown(person, "You have not decided on this purpose.")  # of the second look
    whole = (await person.get("/me/usage.json?limit=100")).json()
    assert {"logtime", "action", "receiver"} <= whole[0].keys()
    assert [one["log"]["position"] for one in whole] == sorted(
        (one["log"]["position"] for one in whole), reverse=True
    )
    place = whole[0]["log"]["position"]
    below = (await person.get(f"/me/usage.json?before={place}&limit=2")).json()
    assert below == whole[1:3]
    below = (await person.get(f"/me/usage.json?before={place}&limit=2&offset=2")).json()
    assert below == whole[2:4]
    (look,) = (one for one in whole if one["app"] == "delivery")
    assert look["logtime"] == "2026-12-01T12:00:00.250Z"
    assert (look["purpose"], look["basis"], look["decision"]) == (
        "delivery",
        "contract",
        "allowed",
    )
    assert look["fields"] == ["contact.full_name", "contact.postal_address"]


async def test_usage_refuses_what_is_no_number_in_bounds(person):
    for query in (
        "offset=0",
        "offset=x",
        "limit=101",
        "limit=0",
        "before=-1",
        "offset=" + "9" * 30,
    ):
        assert (await person.get(f"/me/usage.json?{query}")).status_code == 422, query
    assert (await person.get("/me/usage.json?offset=9000000000000000000")).json() == []
    assert (await person.get("/me/usage.json?before=0")).json() == []


async def test_one_line_stands_alone_and_only_for_whom_it_is_about(person, deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await looks.by_app(deps, eve, "delivery", "delivery", "contact.email", request="eves-request")
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="anas-request")
    page = await shown(person, "anas-request", path="/who-looked?who=app:delivery")
    mine = re.findall(r"/who-looked/\d+", page)[0]
    assert "anas-request" in (await person.get(mine)).text
    async with deps.database.connect() as conn:
        (eves, *_) = await leaf.places_of(conn, eve, before=None, limit=1)
    hers = f"/who-looked/{eves}"
    for path in (
        hers,
        "/who-looked/99999",
        "/who-looked/x",
        "/who-looked/-1",
        "/who-looked/" + "9" * 30,
    ):
        assert (await person.get(path)).status_code == 404, path


async def test_what_is_written_in_a_request_is_not_called_a_change_of_details(person):
    await person.send("/requests/new?kind=question", "/requests/new", ("text", "Why?"))
    page = await shown(person, "made, added to or ended a request")
    assert "changed your details" not in page


async def test_an_erasure_that_staff_ask_for_is_said_in_words(person, deps, ana):
    await erasure.ask(deps, ana, actor="operator")
    assert "by its operator" in await shown(person, "Use of your data restricted")
