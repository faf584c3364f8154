"""Compliance sets and lifts legal holds: for a case, of one customer, seen by that customer."""

import re
from datetime import timedelta

import pytest

from policies.model import StaffRole
from tests.portal.console.member import Member
from tests.portal.console.staffed import staff_looks
from tests.portal.person import Person, forms
from tests.portal.test_requests import made, number_of
from tests.services import decisions, erasing
from tests.services.test_look_search import settled
from vault.core.entry import Kind
from vault.core.log_filter import Sought
from vault.services import hold_list, log_search
from vault.services.who_looked import latest

HERE = "/console/holds"
NEW = f"{HERE}/new"
WHY = "The parcel never came,\nsays the customer."
CASE = "T-2026-17"
MAIL = "ana@example.org"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOT_SET = "what you wrote leads to no customer"


def day(deps, days):
    return (deps.clock.now() + timedelta(days=days)).date().isoformat()


async def fill(member, deps, *names, page=NEW, **changed):
    """Fill in the form; returns the answer."""
    given = {
        "case": CASE,
        "customer": MAIL,
        "ground": "legal-claims",
        "until": day(deps, 300),
        "reason": WHY,
        "keep": "some" if names else "everything",
    } | changed
    return await member.send(page, NEW, *given.items(), *(("name", one) for one in names))


async def set_one(member, deps, *names, **changed):
    answer = await fill(member, deps, *names, **changed)
    assert answer.status_code == 303, answer.text
    return (await hold_list.list_(deps))[0]


async def holds_of(deps, who):
    """Return what the customer sees of holds, once all entries have their places."""
    await settled(deps)
    lines = await latest(deps, who, limit=50)
    return [one for one in lines if one.kind in {Kind.HELD, Kind.RELEASED}]


async def test_a_hold_is_set_seen_read_and_lifted(compliance, ana, deps, app):
    assert "There is none." in (await compliance.get(HERE)).text
    answer = await fill(compliance, deps, "contact.email")
    assert answer.headers["location"] == f"{HERE}?done=set"
    (one,) = await hold_list.list_(deps)
    assert (one.customer, one.ground) == (ana, "legal-claims")
    assert one.names == {"contact.email"}
    assert one.made_by == f"staff:{compliance.handle}"
    listed = (await compliance.get(answer.headers["location"])).text
    for told in ("The hold is set.", str(one.hold_id), compliance.handle, "legal claims"):
        assert told in listed
    for hidden in (MAIL, str(ana), "parcel", CASE):
        assert hidden not in listed
    assert await staff_looks(deps, ana) == []
    own = (await compliance.get(f"{HERE}/{one.hold_id}")).text
    for told in ("The parcel never came,", "says the customer.", CASE):
        assert told in own
    assert str(ana) not in own
    (look,) = await staff_looks(deps, ana)
    assert (look.actor, look.case) == (f"staff:{compliance.handle}", str(one.hold_id))
    lift = f"{HERE}/{one.hold_id}/lift"
    asked = await compliance.get(lift)
    assert "parcel" not in asked.text
    assert (await compliance.send(lift, lift)).headers["location"] == f"{HERE}?done=lifted"
    assert await hold_list.list_(deps) == ()
    seen = [(line.kind, line.actor, line.case) for line in await holds_of(deps, ana)]
    who = f"staff:{compliance.handle}"
    assert sorted(seen) == [(Kind.HELD, who, CASE), (Kind.RELEASED, who, None)]
    person = Person(app)
    await person.sign_in(deps, MAIL)
    page = (await person.get("/who-looked")).text
    assert f"Staff {compliance.handle}" in page
    assert "Kim Sample" not in page


async def test_the_customer_of_a_request_needs_no_other_name(compliance, ana, deps, app):
    person = Person(app)
    await person.sign_in(deps, MAIL)
    number = await number_of(deps, await made(person, "question", "The parcel never came."))
    page = f"{NEW}?case={number}"
    assert number in (await compliance.get(page)).text
    one = await set_one(compliance, deps, page=page, case=number, customer="")
    assert (one.customer, one.names) == (ana, frozenset())
    answer = await fill(compliance, deps, case=number, customer="ben@example.org")
    assert NOT_SET in answer.text


async def test_a_form_that_is_sent_twice_sets_one_hold(compliance, ana, deps):
    page = (await compliance.get(NEW)).text
    given = [
        *forms(page)[NEW],
        ("case", CASE),
        ("customer", MAIL),
        ("ground", "law"),
        ("until", day(deps, 3)),
        ("reason", WHY),
        ("keep", "everything"),
    ]
    for _ in range(2):
        answer = await compliance.post(NEW, *given)
        assert answer.headers["location"] == f"{HERE}?done=set"
    assert len(await hold_list.list_(deps)) == 1


async def test_whom_a_form_does_not_lead_to_is_told_no_further_and_recorded(
    compliance, ana, deps, app
):
    erased = await erasing.add(deps)
    await erasing.gone(deps, erased)
    answers = [
        await fill(compliance, deps, customer=typed)
        for typed in ("nobody@example.org", erasing.ANA, "Ana Example", "' OR 1=1")
    ]
    assert {one.status_code for one in answers} == {422}
    said = [re.findall(rf"No hold was set[^<]*{NOT_SET}[^<]*", one.text) for one in answers]
    assert all(one == said[0] != [] for one in said)
    await settled(deps)
    member = await compliance.known(deps)
    found = await log_search.search(deps, member, Sought(handle=compliance.handle, case=CASE))
    assert len(found.rows) == len(answers)
    assert await hold_list.list_(deps) == ()


@ONE
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"case": "Ana Example"}, "Write the number of the request"),
        ({"case": ""}, "Write the number of the request"),
        ({"customer": " "}, "Write an exact e-mail address"),
        ({"ground": "spite"}, "Choose the ground."),
        ({"until": ""}, "at most two years from now."),
        ({"until": "2026-11-01"}, "at most two years from now."),
        ({"until": "2026-02-30"}, "at most two years from now."),
        ({"until": "9999-12-31"}, "at most two years from now."),
        ({"until": "tomorrow\x00"}, "at most two years from now."),
        ({"reason": " \n "}, "Write why"),
        ({"reason": "x" * 4_000}, "Write why"),
        ({"keep": "some"}, "at least one detail."),
        ({"keep": ""}, "at least one detail."),
        ({"keep": "some", "name": "no.such"}, "at least one detail."),
    ],
    ids=repr,
)
async def test_what_is_no_hold_is_refused_and_nothing_typed_is_lost(
    compliance, ana, deps, changed, said
):
    answer = await fill(compliance, deps, **changed)
    assert answer.status_code == 422
    assert said in answer.text
    if "reason" not in changed:
        assert "The parcel never came,\nsays the customer." in answer.text
    if "customer" not in changed:
        assert f'value="{MAIL}"' in answer.text
    assert await hold_list.list_(deps) == ()


@ONE
async def test_too_much_of_everything_is_a_plain_error(compliance, ana, deps):
    for changed in ({"place": "x"}, {"reason": "x" * 9_000}, {"place": "A" * 900}):
        page = (await compliance.get(NEW)).text
        pairs = dict(forms(page)[NEW]) | {"case": CASE} | changed
        assert (await compliance.post(NEW, *pairs.items())).status_code == 400


async def test_the_form_of_one_member_is_none_of_another(compliance, ana, deps, app):
    other = await Member(app).join(deps, "other@example.org", StaffRole.COMPLIANCE)
    place = dict(forms((await other.get(NEW)).text)[NEW])["place"]
    mine = dict(forms((await compliance.get(NEW)).text)[NEW])
    pairs = mine | {"place": place, "case": CASE, "customer": MAIL, "ground": "law"}
    pairs |= {"until": day(deps, 9), "reason": WHY, "keep": "everything"}
    assert (await compliance.post(NEW, *pairs.items())).status_code == 400


async def test_no_more_than_there_may_be_and_none_on_a_broken_record(
    compliance, ana, deps, monkeypatch
):
    from vault.core import hold

    monkeypatch.setattr(hold, "MOST", 1)
    await set_one(compliance, deps)
    answer = await fill(compliance, deps)
    assert (answer.status_code, "as many holds" in answer.text) == (409, True)
    await decisions.execute(deps, "UPDATE standing SET flags = 1 WHERE customer_id = :ana", ana=ana)
    answer = await fill(compliance, deps)
    assert (answer.status_code, "not as the vault wrote it" in answer.text) == (409, True)
    (one,) = await hold_list.list_(deps)
    assert "Not intact" in (await compliance.get(HERE)).text
    lift = f"{HERE}/{one.hold_id}/lift"
    assert "nothing to lift" in (await compliance.get(lift)).text


async def test_an_edited_hold_does_not_open_and_is_said_to(compliance, ana, deps):
    one = await set_one(compliance, deps)
    await decisions.execute(deps, "UPDATE legal_hold SET ground = 'law'")
    page = await compliance.get(f"{HERE}/{one.hold_id}")
    assert page.status_code == 200
    assert "does not open any more" in page.text
    assert "parcel" not in page.text


async def test_what_stands_no_more_is_not_found_and_lifts_once(compliance, ana, deps):
    one = await set_one(compliance, deps)
    lift = f"{HERE}/{one.hold_id}/lift"
    pairs = forms((await compliance.get(lift)).text)[lift]
    assert (await compliance.post(lift, *pairs)).headers["location"] == f"{HERE}?done=lifted"
    assert (await compliance.post(lift, *pairs)).status_code == 404
    for path in (f"{HERE}/{one.hold_id}", lift, f"{HERE}/{'0' * 32}", f"{HERE}/x"):
        assert (await compliance.get(path)).status_code == 404, path


async def test_a_hold_that_is_over_is_not_lifted(compliance, ana, deps, clock):
    one = await set_one(compliance, deps, until=day(deps, 1))
    lift = f"{HERE}/{one.hold_id}/lift"
    clock.turn(days=1)  # past the midnight on which it ends
    await compliance.sign_in(deps)
    assert "Over" in (await compliance.get(HERE)).text
    assert "nothing to lift" in (await compliance.get(lift)).text


async def test_the_hold_of_an_erased_customer_is_lifted_on_record(compliance, ana, deps):
    one = await set_one(compliance, deps)
    await erasing.gone(deps, ana)
    page = (await compliance.get(f"{HERE}/{one.hold_id}")).text
    assert "is erased; what is held lies sealed" in page
    assert "The parcel never came," in page
    lift = f"{HERE}/{one.hold_id}/lift"
    assert (await compliance.send(lift, lift)).headers["location"] == f"{HERE}?done=lifted"
    await settled(deps)
    sought = Sought(handle=compliance.handle, kind=Kind.RELEASED)
    found = await log_search.search(deps, await compliance.known(deps), sought)
    assert len(found.rows) == 1
