"""Compliance looks into an entry: why and case first, then a record, then what the entry says."""

import re

import pytest

from tests.portal import looks
from tests.portal.conftest import ANA
from tests.portal.console.member import Member
from tests.portal.person import Person
from tests.services import erasing
from tests.services.test_look_search import settled
from vault.core import look as look_rules
from vault.core.errors import BusyError
from vault.core.ids import NOBODY
from vault.core.log_filter import Sought
from vault.services import log_entry, log_search
from vault.services.log_entry import LIFE, SECTOR
from vault.services.who_looked import latest

NAMES = ("contact.full_name", "contact.email")
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PSEUDONYM = re.compile(r'<span class="mono">([a-z2-7]{26})</span>')


@pytest.fixture
async def entry(deps, ana, compliance):
    """Where an app's look at Ana's details stands."""
    await looks.by_app(deps, ana, "delivery", "delivery", *NAMES)
    await settled(deps)
    return (await sought(deps, compliance, app="delivery"))[0].place


async def sought(deps, member, **parts):
    who = await member.known(deps)
    return (await log_search.search(deps, who, Sought(**parts))).rows


async def opened(member, index, *, why="audit.question", case="R-2041"):
    """Say what for, and return the address of the look."""
    path = f"/console/log/{index}"
    answer = await member.send(path, path, ("why", why), ("case", case))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_an_entry_says_names_and_clauses_and_no_value_once_why_and_case_are_told(
    compliance, deps, ana, entry
):
    asked = (await compliance.get(f"/console/log/{entry}")).text
    assert "app-request-1" not in asked  # stands in the payload alone
    where = await opened(compliance, entry)
    page = (await compliance.get(where)).text
    assert "app-request-1" in page
    assert "allowed by" in page
    assert "R-2041" in page
    for text in (where, page, asked):
        for value in (str(ana), ANA, "Ana Example"):
            assert value not in text
    assert "2041" not in where  # sealed


async def test_the_customer_reads_who_looked_into_an_entry_why_and_for_which_case(
    app, compliance, deps, ana, entry
):
    where = await opened(compliance, entry)
    await compliance.get(where)
    await compliance.get(where)
    await settled(deps)
    person = Person(app)
    await person.sign_in(deps, ANA)
    page = (await person.get("/who-looked")).text
    assert page.count("Checked an entry of the access log: somebody asked about it") >= 2
    assert "R-2041" in page
    assert compliance.handle in page
    lines = [one for one in await latest(deps, ana, limit=20) if one.case]
    assert [one.actor for one in lines] == [f"{look_rules.STAFF}{compliance.handle}"] * 2
    # The look itself can be searched, and looked into.
    (again, _) = await sought(deps, compliance, case="R-2041")
    assert again.purpose == "audit.question"
    assert (await compliance.get(await opened(compliance, again.place))).status_code == 200


async def test_entries_of_one_customer_carry_one_name_that_no_app_has(compliance, deps, ana, entry):
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email")
    await settled(deps)
    other = (await sought(deps, compliance, app="newsletter"))[0].place
    names = set()
    for index in (entry, other):
        names |= set(
            PSEUDONYM.findall((await compliance.get(await opened(compliance, index))).text)
        )
    assert len(names) == 1
    assert not re.fullmatch("[a-z0-9][a-z0-9._-]{0,63}", SECTOR)  # what a registration may name


@pytest.mark.parametrize(
    ("why", "case"),
    [("", "R-1"), ("audit.fun", "R-1"), ("audit.alert", ""), ("audit.alert", "Ana Example")],
)
@ONE
async def test_without_why_or_case_nothing_opens_and_nothing_is_recorded(
    compliance, deps, entry, why, case
):
    path = f"/console/log/{entry}"
    answer = await compliance.send(path, path, ("why", why), ("case", case))
    assert answer.status_code == 422
    await settled(deps)
    assert await sought(deps, compliance, handle=compliance.handle) == ()


@ONE
async def test_an_address_is_of_one_member_one_entry_and_eight_hours(
    app, compliance, deps, ana, entry, clock
):
    where = await opened(compliance, entry)
    other = await Member(app).join(deps, "two@example.org", (await compliance.known(deps)).role)
    token = where.rsplit("/", 1)[1]
    for member, path in (
        (other, where),
        (compliance, f"/console/log/{entry - 1}/{token}"),
        (compliance, where[:-3] + "abc"),
    ):
        answer = await member.get(path)
        assert answer.status_code in {303, 404}
    await settled(deps)
    assert await sought(deps, compliance, purpose="audit.question") == ()
    clock.turn(seconds=LIFE.total_seconds() + 1)
    await compliance.sign_in(deps)
    assert (await compliance.get(where)).headers["location"] == f"/console/log/{entry}"


async def test_nothing_opens_when_the_look_cannot_be_recorded(compliance, deps, entry, monkeypatch):
    where = await opened(compliance, entry)
    opens = []
    real = log_entry._open

    async def seen(*args):
        opens.append(args)
        return await real(*args)

    monkeypatch.setattr(log_entry, "_open", seen)

    async def fails(*_args, **_options):
        raise BusyError

    monkeypatch.setattr(type(deps.appender), "record", fails)
    answer = await compliance.get(where)
    assert answer.status_code == 503
    assert "app-request-1" not in answer.text
    assert opens == []


async def test_what_was_erased_does_not_open_and_its_facts_stay(compliance, deps, ana, entry):
    where = await opened(compliance, entry)
    await erasing.gone(deps, ana)
    page = (await compliance.get(where)).text
    assert "does not open any more" in page
    assert "Delivery planner" in page
    assert "app-request-1" not in page
    await settled(deps)
    assert len(await sought(deps, compliance, handle=compliance.handle)) == 1


async def test_an_entry_about_nobody_opens_too(compliance, deps):
    await looks.by_app(deps, NOBODY, "delivery", "delivery", *NAMES)
    await settled(deps)
    index = (await sought(deps, compliance, app="delivery"))[0].place
    page = (await compliance.get(await opened(compliance, index))).text
    assert "Nobody whom the vault knows" in page
    assert "app-request-1" in page


@ONE
async def test_other_roles_find_nothing_there(support, steward, admin, compliance, entry):
    where = await opened(compliance, entry)
    for member in (support, steward, admin):
        for path in (f"/console/log/{entry}", where, "/console/log.csv"):
            assert (await member.get(path)).status_code == 404
    assert (await compliance.get("/console/log/99999999")).status_code == 404
