"""A complaint stays open until its customer agrees: what each side sees, does and cannot do."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from policies.model import Source, StaffRole
from tests import followed
from tests.portal.conftest import ANA, VALUES
from tests.portal.console.staffed import staff_looks
from tests.portal.person import Person, forms
from tests.services import mailbox
from tests.services.logbook import until
from vault.core.entry import Kind
from vault.core.errors import ConflictError, NotAvailableError, OpenError
from vault.core.follow_up import Outcome, State
from vault.crypto.tokens import csrf
from vault.services import customer, follow_up_owed, follow_up_own, follow_up_staff, objection
from vault.services.follow_up_own import Said
from vault.services.who_looked import latest
from vault.store import commit, wipe
from vault.store.follow_up import follow_up
from vault.store.follow_up_queue import follow_up_queue

QUEUE = "/console/follow-ups"
HERE = "/follow-ups"
TEXT = "The cup was <b>broken</b> \u202eagain, קפה {{7*7}}"
EVE = "eve@example.org"


@pytest.fixture
async def ana(deps, tmp_path):
    await followed.put_in_force(deps, tmp_path)
    return await customer.add(deps, VALUES, source=Source.TOLD)


@pytest.fixture
async def person(app, deps, ana):
    somebody = Person(app)
    await somebody.sign_in(deps, ANA)
    return somebody


@pytest.fixture
async def eve(app, deps, ana):
    """Somebody else, signed in."""
    await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    somebody = Person(app)
    await somebody.sign_in(deps, EVE)
    return somebody


async def tell(person, text=TEXT, kind="complaint"):
    return await person.send("/tell-us", "/tell-us", ("kind", kind), ("text", text))


@pytest.fixture
async def told(person, deps):
    """A complaint of Ana's: the path of her answer to it, and its number."""
    answer = await tell(person)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?done=told")
    page = (await person.get(HERE)).text
    [path] = [path for path in forms(page) if path.startswith(f"{HERE}/")]
    [number] = set(re.findall(r"F[0-9A-Z]{10}", page))
    return path, number


async def act(member, number, *fields, purpose="support"):
    page = f"{QUEUE}/{number}?purpose={purpose}"
    return await member.send(page, f"{QUEUE}/{number}", *fields)


async def offer(member, number, text="Here is a new cup.", outcome="solved"):
    said = (("do", "offer"), ("outcome", outcome), ("kind", "message"), ("text", text))
    answer = await act(member, number, *said)
    assert answer.status_code == 303, answer.text
    return answer


async def answered(person, path, do, text=""):
    return await person.send(HERE, path, ("do", do), ("text", text))


async def cases(deps, state=State.OPEN):
    return [one.case for one in await follow_up_owed.owed(deps, state=state)]


async def entries(deps, who, kind):
    """Return the entries of a kind on a customer's list, once all have their places."""

    async def settled():
        async with deps.database.connect() as conn:
            return not await wipe.waits(conn, who)

    await until(settled, seconds=10)
    return [one for one in await latest(deps, who, limit=50) if one.kind is kind]


async def test_it_stays_open_until_the_customer_agrees(told, person, support, deps, clock):
    path, number = told
    page = (await person.get(HERE)).text
    assert "Open: we owe you something" in page
    assert "6 December 2026" in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page
    assert "<b>broken" not in page

    assert "Here is a new cup" not in page
    assert (await offer(support, number)).headers["location"].endswith("purpose=support&done=offer")
    home = (await person.get("/home")).text
    assert "We say that something you told us is settled. Do you?" in home
    page = (await person.get(HERE)).text
    assert "Here is a new cup." in page
    assert "We solved it." in page
    assert number not in (await support.get(QUEUE)).text
    assert number in (await support.get(f"{QUEUE}?state=offered")).text

    clock.turn(days=2)
    await person.sign_in(deps, ANA)
    answer = await answered(person, path, "disagree", "The new one is broken too.")
    assert answer.headers["location"] == f"{HERE}?done=disagree"
    page = (await person.get(HERE)).text
    assert "8 December 2026" in page
    assert "The new one is broken too." in page
    await support.sign_in(deps)
    queue = (await support.get(QUEUE)).text
    assert number in queue
    seen = (await support.get(f"{QUEUE}/{number}?purpose=support")).text
    assert "The new one is broken too." in seen
    assert "1 time" in seen

    said = (("do", "answer"), ("kind", "message"), ("text", "We come to you with two cups."))
    assert (await act(support, number, *said)).status_code == 303
    assert "We come to you with two cups." in (await person.get(HERE)).text
    await offer(support, number, "", "beyond")
    place = f"{QUEUE}/{number}"
    form = forms((await support.get(f"{place}?purpose=support")).text)[place]
    answer = await answered(person, path, "agree", "Thank you, all is well.")
    assert answer.headers["location"] == f"{HERE}?done=agree"
    page = (await person.get(HERE)).text
    assert "Settled: you said so" in page
    assert "We solved it, and did more than you asked for." in page
    assert path not in forms(page)
    assert await cases(deps) == await cases(deps, State.OFFERED) == []
    [case] = await cases(deps, State.SETTLED)
    assert (case.number, case.follow_up.refusals) == (number, 1)
    # What was said in between opened nothing of its own.
    assert "is settled. Do you?" not in (await person.get("/home")).text
    late = await support.post(place, *form, *said)
    assert late.status_code == 409
    assert "The customer said that it is settled" in late.text


async def test_each_change_is_an_entry_under_its_number(told, person, support, deps, ana):
    path, number = told
    await offer(support, number, "")
    await answered(person, path, "disagree")
    await act(support, number, ("do", "hand"), ("owner", "steward"))
    await answered(person, path, "agree")
    of_it = [one for one in await entries(deps, ana, Kind.WRITTEN) if one.case == number]
    changes = [(one.actor, one.allowed) for one in reversed(of_it)]
    staff = (f"staff:{support.handle}", (("follow-up", "follow-up"),))
    own = ("customer", (("follow-up", "own"),))
    assert changes == [staff, own, staff, own]
    page = (await person.get("/who-looked")).text
    assert "said whether something is settled" in page
    assert number in page


async def test_the_queue_names_nobody_and_opens_nothing(told, support, compliance, deps, ana):
    _, number = told
    for member in (support, compliance):
        page = (await member.get(QUEUE)).text
        assert number in page
        assert "Complaint" in page
        assert "broken" not in page
        assert ANA not in page
    assert (await support.get(f"{QUEUE}/{number}")).status_code == 200
    assert "broken" not in (await support.get(f"{QUEUE}/{number}")).text
    assert await staff_looks(deps, ana) == []


async def test_to_read_one_is_a_look_under_its_number(told, support, compliance, deps, ana):
    _, number = told
    assert "&lt;b&gt;broken" in (await support.get(f"{QUEUE}/{number}?purpose=support")).text
    looks = await staff_looks(deps, ana)
    assert [(one.actor, one.case, one.purpose) for one in looks] == [
        (f"staff:{support.handle}", number, "support")
    ]
    for purpose in ("marketing", "nothing", "support%00"):
        page = await support.get(f"{QUEUE}/{number}?purpose={purpose}")
        assert page.status_code == 404
    # Compliance sees the list alone.
    assert (await compliance.get(f"{QUEUE}/{number}")).status_code == 404
    assert len(await staff_looks(deps, ana)) == 1


async def test_its_number_leads_to_its_customer_and_to_no_other(told, support, eve):
    _, number = told
    ask = (("case", number), ("purpose", "support"))
    answer = await support.send("/console/customers", "/console/customers", *ask, ("customer", ""))
    assert "Ána O&#39;Brien" in (await support.get(answer.headers["location"])).text
    answer = await support.send("/console/customers", "/console/customers", *ask, ("customer", EVE))
    assert EVE not in (await support.get(answer.headers["location"])).text


async def test_letters_hold_a_link_alone(told, support, deps):
    await mailbox.sent(deps)
    await offer(support, told[1])
    mail = await mailbox.sent(deps, holding="/follow-ups")
    text = mail.get_body(("plain",)).get_content()
    assert "http://localhost:8000/follow-ups" in text
    for word in ("cup", "omplaint", told[1]):
        assert word not in text


async def test_what_is_sent_twice_is_once(person, support, deps):
    page = (await person.get("/tell-us")).text
    pairs = [*forms(page)["/tell-us"], ("kind", "complaint"), ("text", "once")]
    for _ in range(2):
        assert (await person.post("/tell-us", *pairs)).status_code == 303
    [case] = await cases(deps)
    page = (await support.get(f"{QUEUE}/{case.number}?purpose=support")).text
    path = f"{QUEUE}/{case.number}"
    said = (("do", "answer"), ("kind", "message"), ("text", "said once"))
    for _ in range(2):
        answer = await support.post(path, *forms(page)[path], *said)
        assert answer.status_code == 303
    await offer(support, case.number, "")
    page = (await person.get(HERE)).text
    assert page.count(">said once</output>") == 1
    [own] = [one for one in forms(page) if one.startswith(f"{HERE}/")]
    no = [*forms(page)[own], ("do", "disagree"), ("text", "no")]
    for _ in range(2):
        assert (await person.post(own, *no)).status_code == 303
    page = (await person.get(HERE)).text
    assert page.count(">no</output>") == 1
    [case] = await cases(deps)
    assert case.follow_up.refusals == 1


async def test_a_yes_is_to_what_was_read(told, person, support):
    path, number = told
    await offer(support, number, "", "solved")
    page = (await person.get(HERE)).text
    await offer(support, number, "We changed our mind.", "not-possible")
    pairs = [*forms(page)[path], ("do", "agree"), ("text", "")]
    answer = await person.post(path, *pairs)
    assert answer.status_code == 409
    assert "This changed since you opened the page" in answer.text
    assert "We could not do it, and said why." in answer.text
    assert (await answered(person, path, "agree")).status_code == 303


async def test_anothers_follow_up_does_not_exist(told, person, eve, support):
    path, number = told
    await offer(support, number)
    fields = [pair for pair in forms((await person.get(HERE)).text)[path] if pair[0] != "csrf"]
    page = (await eve.get(HERE)).text
    assert "Nothing is open." in page
    secret = eve.http.cookies["ownship"].partition(".")[0]
    for do in ("agree", "disagree"):
        for other in (path, f"{HERE}/{uuid4()}", f"{HERE}/x"):
            token = csrf(secret, other)
            answer = await eve.post(other, ("csrf", token), *fields, ("do", do), ("text", "x"))
            assert answer.status_code == 404
            assert "cup" not in answer.text
    # Neither a token of another page nor one of another session.
    token = csrf(secret, HERE)
    assert (await eve.post(path, ("csrf", token), *fields, ("do", "agree"))).status_code == 403
    token = dict(forms((await person.get(HERE)).text)[path])["csrf"]
    assert (await eve.post(path, ("csrf", token), *fields, ("do", "agree"))).status_code == 403
    assert (await person.post(path, *fields, ("do", "agree"))).status_code == 403
    assert "Do you?" in (await person.get(HERE)).text


async def test_a_contact_of_anothers_cannot_be_answered_with(told, person, eve, support, deps):
    """An id that a form brings makes nothing but a contact of its own customer."""
    path, number = told
    [case] = await cases(deps)
    await offer(support, number, "")
    page = forms((await person.get(HERE)).text)[path]
    fields = [pair for pair in page if pair[0] != "message"]
    # The id of the complaint itself: taken, so nothing is said and nothing changes.
    own = (*fields, ("message", str(case.event)), ("do", "disagree"), ("text", "again"))
    assert (await person.post(path, *own)).status_code == 303
    assert [one.number for one in await cases(deps, State.OFFERED)] == [number]
    assert ">again<" not in (await person.get(HERE)).text


async def test_bad_input_comes_back_with_what_is_wrong(person, support, deps):
    for text, status, words in (
        ("x" * 4_001, 422, "longer than 4,000 characters"),
        ("x" * 16_385, 422, "longer than 4,000 characters"),
        ("  ", 422, "Write what you want to say."),
        ("a\x00b", 422, "no text"),
        ("x" * 65_536, 413, ""),
    ):
        answer = await tell(person, text)
        assert answer.status_code == status, words
        assert words in answer.text
        if status == 422:
            assert "<title>Error:" in answer.text
    for kind in ("", "call", "nothing", "survey_answer"):
        answer = await tell(person, "hello there", kind)
        assert answer.status_code == 422
        assert "Choose what it is." in answer.text
        assert "hello there" in answer.text
    assert await cases(deps) == []
    assert (await tell(person, "x" * 4_000)).status_code == 303
    [case] = await cases(deps)
    await offer(support, case.number, "")
    [path] = [one for one in forms((await person.get(HERE)).text) if one.startswith(f"{HERE}/")]
    answer = await answered(person, path, "disagree", "y" * 4_001)
    assert answer.status_code == 422
    assert "longer than 4,000 characters" in answer.text
    assert "y" * 4_001 in answer.text
    for fields in (
        [("do", "settle")],
        [("version", "x")],
        [("message", "x")],
        [("do", "agree"), ("do", "disagree")],
    ):
        good = dict(forms((await person.get(HERE)).text)[path])
        names = {name for name, _ in fields}
        pairs = [(name, value) for name, value in good.items() if name not in names]
        extra = [] if "do" in names else [("do", "agree")]
        answer = await person.post(path, *pairs, *fields, *extra)
        assert answer.status_code == 400, fields
    assert [one.number for one in await cases(deps, State.OFFERED)] == [case.number]


async def test_staffs_bad_input_changes_nothing(told, support, steward, deps):
    _, number = told
    for fields, status in (
        ([("do", "answer"), ("kind", "message"), ("text", " ")], 422),
        ([("do", "answer"), ("kind", "message"), ("text", "x" * 4_001)], 422),
        ([("do", "answer"), ("kind", "complaint"), ("text", "x")], 404),  # it would be followed
        ([("do", "answer"), ("kind", "purchase"), ("text", "x")], 404),
        ([("do", "answer"), ("kind", "nothing"), ("text", "x")], 404),
        ([("do", "offer"), ("outcome", "settled"), ("text", "")], 422),
        ([("do", "hand"), ("owner", "compliance")], 422),
        ([("do", "hand"), ("owner", "nobody")], 422),
        ([("do", "settle")], 400),
    ):
        answer = await act(support, number, *fields)
        assert answer.status_code == status, fields
    [case] = await cases(deps)
    assert (case.version, case.follow_up.owner) == (0, StaffRole.SUPPORT)
    for other in ("F0000000000", "R0000000000", "x", "..%2f"):
        assert (await support.get(f"{QUEUE}/{other}")).status_code == 404
    assert (await act(support, number, ("do", "hand"), ("owner", "steward"))).status_code == 303
    assert number in (await steward.get(f"{QUEUE}?owner=steward")).text
    assert number not in (await steward.get(f"{QUEUE}?owner=support")).text
    assert number in (await steward.get(f"{QUEUE}?owner=x&state=y")).text  # what is no filter


async def test_overdue_is_told(told, person, support, deps, clock):
    _, number = told
    clock.turn(days=5, seconds=-1)
    assert await follow_up_owed.counts(deps) == (0, 1)
    clock.turn(seconds=2)
    assert await follow_up_owed.counts(deps) == (1, 0)
    await support.sign_in(deps)
    assert "1 follow-up is overdue." in (await support.get("/console")).text
    assert "Overdue" in (await support.get(QUEUE)).text
    await person.sign_in(deps, ANA)
    assert "Overdue: we owe you something" in (await person.get(HERE)).text
    await offer(support, number)
    assert await follow_up_owed.counts(deps) == (0, 0)


async def test_thanks_are_noted_and_nothing_follows(person, deps):
    answer = await tell(person, "The coffee was good.", "thanks")
    assert answer.headers["location"] == "/tell-us?done=told"
    assert "Noted. You find it among our contacts" in (await person.get("/tell-us?done=told")).text
    assert "The coffee was good." in (await person.get("/interactions")).text
    assert await cases(deps) == []


async def test_a_row_that_was_edited_settles_nothing(told, person, support, deps, ana):
    path, number = told
    await offer(support, number, "")
    for change in (
        {"state": "settled"},
        {"state": "nonsense"},
        {"outcome": "beyond"},
        {"refusals": 7},
        {"within": "P99Y"},
        {"owner": "admin"},
        {"mac": b""},
        {"version": 9},
    ):
        async with deps.database.connect() as conn:
            before = (await conn.execute(select(follow_up))).mappings().one()

        async def write(values):
            await commit.request(
                deps.database, lambda conn: conn.execute(update(follow_up).values(values))
            )

        await write(change)
        page = (await person.get(HERE)).text
        assert "Cannot be read" in page
        assert "did not pass its check" in page
        for do in (follow_up_own.agree, follow_up_own.disagree):
            with pytest.raises(OpenError):
                await do(
                    deps,
                    ana,
                    before["follow_up_id"],
                    version=before["version"],
                    said=Said(uuid4()),
                    request="r",
                )
        assert "did not pass its check" in (await support.get(f"{QUEUE}/{number}")).text
        await write({name: before[name] for name in change})
    assert (await answered(person, path, "agree")).status_code == 303


async def test_a_row_of_the_queue_leads_and_says_nothing_that_counts(told, support, deps):
    _, number = told
    edited = update(follow_up_queue).values(state="offered", owner="admin")
    await commit.request(deps.database, lambda conn: conn.execute(edited))
    page = (await support.get(f"{QUEUE}?state=offered")).text
    assert number in page
    assert "Support" in page


async def test_without_the_purpose_nothing_is_read_or_said(told, support, person, deps, ana):
    """Who objects is not answered under the purpose, and can still settle the matter."""
    path, number = told
    await objection.object_(deps, ana, "support", request="r")
    page = (await support.get(f"{QUEUE}/{number}?purpose=support")).text
    assert "This purpose may see nothing of it at present." in page
    assert "broken" not in page
    member = await support.known(deps)
    said = follow_up_staff.Said("support", "message", "hello", uuid4())
    with pytest.raises(NotAvailableError):
        await follow_up_staff.answer(deps, member, number, said, request="r")
    await follow_up_staff.offer(deps, member, number, Outcome.NOT_POSSIBLE, None, request="r")
    assert (await answered(person, path, "agree")).status_code == 303
    with pytest.raises(ConflictError):
        await follow_up_staff.offer(deps, member, number, Outcome.SOLVED, None, request="r")
