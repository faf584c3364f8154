"""Compliance searches the access log: facts alone, under a filter that lives in the address."""

import re

import pytest

from tests.portal import looks
from tests.services.test_look_search import settled
from tests.vaults import START
from vault.services import own

NAMES = ("contact.full_name", "contact.email")
NUMBER = re.compile(r'href="/console/log/([0-9]+)"')
VALUES = ("ana@example.org", "Ana Example")


@pytest.fixture
async def looked(deps, ana):
    """Some looks at Ana's details."""
    await looks.by_app(deps, ana, "delivery", "delivery", *NAMES)
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email")
    await own.look(deps, ana, request="mine", names=("contact.email",))
    await settled(deps)
    return ana


async def test_a_search_finds_by_each_part_and_names_nobody(compliance, looked):
    everything = (await compliance.get("/console/log")).text
    assert str(looked) not in everything
    for value in VALUES:
        assert value not in everything
    count = len(NUMBER.findall(everything))
    assert count >= 4
    day = START.date().isoformat()
    found = {
        query: len(NUMBER.findall((await compliance.get(f"/console/log?{query}")).text))
        for query in (
            "app=delivery",
            "app=newsletter",
            "purpose=delivery",
            "clause=own",
            "decision=refused",
            "kind=own-look",
            f"from={day}",
            f"to={day}T12:00",
            f"to={day}T11:59",
            "case=R-1",
            "staff=s-00000000",
            "last=0",
        )
    }
    assert found == {
        "app=delivery": 1,
        "app=newsletter": 1,
        "purpose=delivery": 1,
        "clause=own": 1,
        "decision=refused": 1,
        "kind=own-look": 1,
        f"from={day}": count,
        f"to={day}T12:00": count,
        f"to={day}T11:59": 0,
        "case=R-1": 0,
        "staff=s-00000000": 0,
        "last=0": 0,
    }


async def test_what_is_no_filter_is_left_out_and_said(compliance):
    for query in (
        "app=<b>",
        "decision=perhaps",
        "kind=99",
        "from=2026-13-40",
        "to=9999-12-31",
        "to=yesterday",
        "staff=ana@example.org",
        "case=Ana%20Example",
        "first=-1",
        "last=99999999999999999999999",
        "clause=%00",
    ):
        answer = await compliance.get(f"/console/log?{query}")
        assert answer.status_code == 200, query
        assert "was left out" in answer.text, query


async def test_pages_go_on_by_a_cursor_of_this_member_alone(
    compliance, steward, looked, deps, monkeypatch
):
    from vault.services import log_search

    monkeypatch.setattr(log_search.search, "__kwdefaults__", {"before": "", "limit": 2})
    whole, page = [], (await compliance.get("/console/log")).text
    while True:
        whole += NUMBER.findall(page)
        older = re.search(r'href="(/console/log\?before=[^"]+)"', page)
        if older is None:
            break
        page = (await compliance.get(older[1])).text
        last = older[1]
    assert [int(one) for one in whole] == sorted(map(int, whole), reverse=True)
    assert len(whole) >= 4
    assert (await compliance.get(last[:-2] + "zz")).status_code == 400
    member = await compliance.known(deps)
    assert member.handle not in last
    assert (await steward.get(last.replace("/console/log", "/console/looks"))).status_code == 400


async def test_everybody_sees_what_they_did_themselves_and_no_more(
    compliance, steward, looked, deps
):
    page = (await steward.get("/console/looks")).text
    assert "No entry here" in page
    assert (await steward.get("/console/looks?staff=&app=delivery")).text.count("<tr>") == 0
    assert (await steward.get("/console/log")).status_code == 404
