"""Staff answer what customers ask; both read the same history, and each look is on the list."""

import pytest

from policies.model import Source
from tests.portal.conftest import ANA, VALUES
from tests.portal.console.staffed import staff_looks
from tests.portal.person import Person
from tests.portal.test_requests import made, number_of
from vault.core.request import Kind as RequestKind
from vault.core.request_task import TASKS
from vault.services import customer

QUEUE = "/console/requests"


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, VALUES, source=Source.TOLD)


@pytest.fixture
async def person(app, deps, ana):
    somebody = Person(app)
    await somebody.sign_in(deps, ANA)
    return somebody


@pytest.fixture
async def asked(person, deps):
    """A request of Ana's: her page of it, and its number."""
    path = await made(person, "erase", "Please forget me.")
    return path, await number_of(deps, path)


async def act(member, number, *fields):
    page = f"{QUEUE}/{number}"
    return await member.send(page, page, *fields)


async def test_the_queue_names_no_customer_and_opens_nothing(asked, support, deps, ana):
    page = (await support.get(QUEUE)).text
    assert asked[1] in page
    assert "Please forget me" not in page
    assert ANA not in page
    assert await staff_looks(deps, ana) == []


async def test_reading_is_a_look_under_the_number_and_the_pseudonym(asked, support, deps, ana):
    assert "Please forget me" in (await support.get(f"{QUEUE}/{asked[1]}")).text
    looks = await staff_looks(deps, ana)
    assert [(line.actor, line.case) for line in looks] == [(f"staff:{support.handle}", asked[1])]


async def test_an_answer_is_the_same_for_both(asked, support, person):
    path, number = asked
    answer = await act(support, number, ("do", "answer"), ("text", "It is <b>done</b>."))
    assert answer.headers["location"] == f"{QUEUE}/{number}?done=answer"
    for page in (await person.get(path), await support.get(f"{QUEUE}/{number}")):
        assert "It is &lt;b&gt;done&lt;/b&gt;." in page.text
        assert f"Staff {support.handle}" in page.text
        assert "Answered" in page.text
    assert number not in (await support.get(QUEUE)).text
    late = await person.get(path)
    assert "Kim Sample" not in late.text


async def test_a_refusal_names_its_ground_and_where_to_complain(asked, support, person):
    path, number = asked
    fields = (("do", "refuse"), ("ground", "JustificationA17LegallyRequired"), ("text", "Tax."))
    assert (await act(support, number, *fields)).status_code == 303
    page = (await person.get(path)).text
    assert "A law obliges us to keep it" in page
    assert "You may complain" in page


async def test_longer_is_said_once_and_asking_back_waits(asked, support, person):
    path, number = asked
    longer = (("do", "extend"), ("longer", "JustificationA12Complexity"), ("text", "Much."))
    assert (await act(support, number, *longer)).status_code == 303
    assert "Your request is complex" in (await person.get(path)).text
    page = (await support.get(f"{QUEUE}/{number}")).text
    assert "Take two months longer" not in page
    assert (await act(support, number, *longer)).status_code == 409
    assert (await act(support, number, ("do", "ask"), ("text", "Which?"))).status_code == 303
    assert "Waiting for you" in (await person.get(path)).text


async def test_steps_are_ticked_once_and_told_to_the_customer(asked, support, steward, person):
    path, number = asked
    assert (await act(support, number, ("do", "tick"), ("task", "take"))).status_code == 303
    assert (await act(steward, number, ("do", "tick"), ("task", "take"))).status_code == 303
    page = (await person.get(path)).text
    assert "Somebody looks after it" in page
    assert f"Staff {support.handle}" in page
    for task in ("correct", "nothing", ""):  # of another kind, or none
        answer = await act(support, number, ("do", "tick"), ("task", task))
        assert answer.status_code in {404, 422}


async def test_what_was_typed_comes_back_with_what_is_wrong(asked, support):
    _, number = asked
    empty = await act(support, number, ("do", "answer"), ("text", " "))
    assert empty.status_code == 422
    assert "Write what you want to say." in empty.text
    long = await act(support, number, ("do", "answer"), ("text", "x" * 4_001))
    assert long.status_code == 422
    assert "x" * 4_001 in long.text
    fields = (("do", "refuse"), ("ground", "because"), ("text", "No."))
    refused = await act(support, number, *fields)
    assert refused.status_code == 422
    assert "Choose one of the reasons" in refused.text
    ground = (("do", "dance"), ("text", "No."))
    assert (await act(support, number, *ground)).status_code == 400


async def test_compliance_reads_and_changes_nothing(asked, compliance, person):
    path, number = asked
    page = (await compliance.get(f"{QUEUE}/{number}")).text
    assert "Please forget me" in page
    assert "Send the answer" not in page
    assert "Received" in (await person.get(path)).text  # looking did not begin the work
    answer = await compliance.post(f"{QUEUE}/{number}", ("do", "answer"), ("text", "Yes."))
    assert answer.status_code == 404


async def test_a_number_that_none_has_is_not_there(support):
    for number in ("R0000000000", "x", "R" * 40, "%00", "..%2f"):
        assert (await support.get(f"{QUEUE}/{number}")).status_code == 404


async def test_an_answer_that_is_owed_and_late_is_said(asked, support, clock, deps):
    clock.turn(days=32)
    await support.sign_in(deps)
    assert "1 request is overdue" in (await support.get(QUEUE)).text


def test_each_kind_begins_with_somebody_and_ends_with_an_answer():
    for kind in RequestKind:
        assert TASKS[kind][0].value == "take"
        assert TASKS[kind][-1].value == "answer"
        assert len(set(TASKS[kind])) == len(TASKS[kind])
