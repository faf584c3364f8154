"""Staff see values of one customer: by a clause, for a case, recorded first and told to the customer."""

import pytest

from policies.model import Source, StaffRole
from portal.console.pages import customers
from tests.portal.conftest import VALUES
from tests.portal.console.member import Member
from tests.portal.console.staffed import staff_looks, staffed
from tests.portal.person import Person
from vault.services import customer, interaction, restriction

ANA = "ana@example.org"
CASE = "T-2026-17"
HERE = customers.HERE


@pytest.fixture
async def ana(deps, tmp_path):
    """A customer, under a code that lets support and stewards read."""
    await staffed(deps, tmp_path)
    return await customer.add(deps, VALUES, source=Source.TOLD)


async def look(member, *, purpose="support", case=CASE, whom=ANA):
    """Fill in the form as a member of staff does; returns the answer."""
    fields = [("case", case), ("customer", whom), ("purpose", purpose)]
    return await member.send(HERE, HERE, *fields)


async def seen(member, **asked):
    answer = await look(member, **asked)
    assert answer.status_code == 303, answer.text
    return await member.get(answer.headers["location"])


async def test_a_clause_opens_what_it_names_and_nothing_else(ana, support):
    page = (await seen(support)).text
    assert ANA in page
    assert "Conceição" in page
    assert "Quay Street" not in page  # no clause of support's
    assert "1980" not in page


async def test_the_look_is_on_the_customers_list_with_pseudonym_purpose_and_case(
    ana, support, deps, app
):
    await seen(support)
    (line,) = await staff_looks(deps, ana)
    assert (line.actor, line.purpose, line.case) == (f"staff:{support.handle}", "support", CASE)
    assert ("contact.email", "support") in line.allowed
    person = Person(app)
    await person.sign_in(deps, ANA)
    page = (await person.get("/who-looked?who=staff")).text
    assert f"Staff {support.handle}" in page
    assert CASE in page
    assert "Kim Sample" not in page


async def test_each_time_the_page_is_shown_is_a_look(ana, support, deps):
    answer = await look(support)
    for _ in range(2):
        assert (await support.get(answer.headers["location"])).status_code == 200
    assert len(await staff_looks(deps, ana)) == 2


@pytest.mark.parametrize("case", ["", " ", "x", "a b c", "T\u202e17", "=1+1", "x" * 41])
async def test_without_a_case_there_is_no_look(ana, support, deps, case):
    answer = await look(support, case=case)
    assert answer.status_code == 422
    assert "Write the number of the request" in answer.text
    assert await staff_looks(deps, ana) == []


async def test_without_a_purpose_of_the_role_there_is_no_look(ana, support, deps):
    for purpose in ("", "marketing", "delivery", "nothing", "support,delivery"):
        answer = await look(support, purpose=purpose)
        assert answer.status_code == 422
    assert await staff_looks(deps, ana) == []


async def test_a_role_that_no_clause_names_looks_at_nobody(ana, compliance, admin):
    for member in (compliance, admin):
        assert (await member.get(HERE)).status_code == 404
        assert (await member.post(HERE, ("case", CASE))).status_code == 404


async def test_somebody_unknown_looks_like_somebody_who_may_not_be_seen(ana, support, deps):
    unknown = await seen(support, whom="nobody@example.org")
    await restriction.restrict(deps, ana, request="r")
    hidden = await seen(support)

    def bare(page):
        start = page.text.index("<main")
        end = page.text.index("</main>")
        return page.text[start:end].replace(page.headers["x-request-id"], "")

    assert bare(unknown) == bare(hidden)
    assert "There is nothing here that you may see" in unknown.text


async def test_an_address_of_a_look_is_its_members_own_and_ends(ana, support, app, deps, clock):
    answer = await look(support)
    where = answer.headers["location"]
    other = await Member(app).join(deps, "other@example.org", StaffRole.SUPPORT)
    assert (await other.get(where)).status_code == 404
    assert (await support.get(where[:-1] + ("A" if where[-1] != "A" else "B"))).status_code == 404
    assert ANA not in where
    assert str(ana) not in where
    clock.turn(hours=8, seconds=1)
    await support.sign_in(deps)
    assert (await support.get(where)).status_code == 404


async def test_a_request_leads_to_its_customer_and_to_no_other(ana, support, app, deps):
    from tests.portal.test_requests import made, number_of

    eve = "eve@example.org"
    await customer.add(deps, {"contact.email": eve}, source=Source.TOLD)
    person = Person(app)
    await person.sign_in(deps, ANA)
    number = await number_of(deps, await made(person))
    assert ANA in (await seen(support, case=number, whom="")).text
    assert "There is nothing here" in (await seen(support, case=number, whom=eve)).text


async def test_contacts_are_shown_by_the_clause_too(ana, support, deps):
    from policies.decide import ActorKind, Permission
    from policies.model import Action
    from vault.services.ask import Ask

    names = ("interaction.call",)
    may = frozenset({Permission("support", Action.APPEND, names[0])})
    ask = Ask(
        customer=ana,
        kind=ActorKind.APP,
        actor="app:delivery",
        names=names,
        purpose="support",
        action=Action.APPEND,
        app="delivery",
        registration=may,
        ceiling=may,
    )
    event = interaction.Event("call", deps.clock.now(), "telephone", {"about": "<b>a cup</b>"})
    await interaction.append(deps, ask, event)
    answer = await look(support)
    page = await support.get(answer.headers["location"])
    assert "Contacts with this customer" in page.text
    shown = await support.get(answer.headers["location"] + "/contacts")
    assert "&lt;b&gt;a cup&lt;/b&gt;" in shown.text
    assert "telephone" in shown.text
    kinds = [line.allowed for line in await staff_looks(deps, ana)]
    assert any("interaction.call" in dict(allowed) for allowed in kinds)


async def test_a_look_that_cannot_be_recorded_shows_nothing(ana, support, deps, monkeypatch):
    from vault.core.errors import BusyError

    answer = await look(support)

    async def refuse(*_args, **_kwargs):
        raise BusyError

    monkeypatch.setattr(deps.appender, "record", refuse)
    page = await support.get(answer.headers["location"])
    assert page.status_code == 503
    assert ANA not in page.text
